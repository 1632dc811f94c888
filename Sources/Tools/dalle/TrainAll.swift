import ArgumentParser
import CLIP
import CLIPTraining
import CaptionedImages
import Checkpoints
import Commands
import DALLE
import DALLETraining
import DVAETraining
import DiscreteVAE
import EmojiWorld
import Files
import Foundation
import Optimization
import TensorCore
import Text
import Training

/// `dalle train all`: a DALL·E of your own.
struct TrainAll: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all",
    abstract: "Trains a complete DALL·E on your own captioned pictures, or on emoji.",
    discussion: """
      Trains the discrete VAE first, then the transformer on its tokens, then what chooses among its \
      drawings, CLIP or a captioner. Prints a plan with sizes, memory and time first; --plan stops there. Ctrl-C \
      stops at any point, --resume continues. Ends with a report, and with sheets of \
      reconstructions, of samples from the training, and of the learnt pictures that are most like \
      what is drawn. dalle train --help says what is read; \
      left-out.txt in the folder lists what was not.

      Examples:
        dalle train all --data birds --output my-birds
        dalle "a small yellow bird" --models my-birds
        dalle train all --world emoji --things 50 --output my-emoji
      """)

  @Option(
    help: ArgumentHelp(
      "A folder or list of captioned pictures; dalle stickers --export makes one to try.",
      valueName: "path"))
  var data: String?
  @OptionGroup var choice: WorldOption
  @OptionGroup var options: TrainingOptions
  @Option(
    parsing: .unconditional,
    help:
      "Steps of the dVAE's first stage; the third has an eighth of them, the fourth half; for emoji a tenth and twice as many. (default: 6000, fewer for fewer than 2400 pictures; for emoji 3000)"
  )
  var dvaeSteps: Int?
  @Option(
    parsing: .unconditional,
    help:
      "Steps of the transformer. (default: 7000, fewer for fewer than 5600 pictures; for emoji 6000)"
  )
  var transformerSteps: Int?
  @OptionGroup var choosing: RerankerOptions
  @Option(
    parsing: .unconditional,
    help:
      "How often each picture is turned into tokens, with a new crop each time; pictures of a world are drawn anew."
  )
  var visits = 4
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var holding: HoldOutOption
  @Flag(help: "Print the plan and stop.")
  var plan = false

  func validate() throws {
    try check("--dvae-steps", dvaeSteps ?? 10, in: 10...possibleSteps.upperBound)
    try check("--transformer-steps", transformerSteps ?? 1, in: possibleSteps)
    try choosing.validate(for: choice.world)
    try check("--visits", visits, in: 1...1000)
    try holding.check(isOwn: data != nil)
    if (data == nil) == (choice.world == .stickers) {
      throw ValidationError(
        "name either --data PATH, such as a folder by dalle stickers --export, or --world emoji")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    if !plan {
      try OutputCheck.folder(options.output)
      let models =
        [("dvae", 2), ("transformer", 3), ("transformer/transformer", 3)]
        + [(kind.file, 4)]
      try OutputCheck.run(
        stages, models: models.map { (path($0), $1) }, resume: options.resume)
      for (folder, options) in zip(stages, stageOptions) where TrainingFolder.hasBegun(folder) {
        try TrainingFolder.check(options, of: folder)
      }
    }
    let source = try TrainingSource(
      data, holdOut: holding.holdOut, choice, seed: options.seed,
      run: plan ? nil : (options.output, stages[0]))
    let recipes = Recipes(self, pictures: source.count)
    try options.checkRanks(
      recipes.optimizers, recipes.dvae.batch, recipes.transformer.batch, recipes.rerankerBatch,
      option: nil)
    let tokenizers = parallelMap(0..<2) { i in
      i == 0 ? source.tokenizer : .matching(source.captions)
    }
    let (tokenizer, matcher) = (tokenizers[0], CaptionMatcher(recipes.clip, tokenizers[1]))
    try source.own?.noteCuts(
      by: "the transformer", tokenizer,
      length: recipes.transformerSizes.textLength)
    if kind == .clip {
      try source.own?.noteCuts(
        by: "CLIP", matcher.tokenizer, length: matcher.clip.configuration.text.context)
    }
    let reading = (ContinuousClock.now - start) / .seconds(1)
    try announce(
      String(format: "read in %.1f s with %d MB of memory", reading, peakMemory() >> 20))
    complain("trying a few steps of each model, for the plan …\n")
    let needed = try withPrecision(options.precisionOfRun) {
      try withCheckpointedBlocks(options.checkpointActivations) {
        try TrainingPlan(recipes, source.pairs, tokenizer, matcher.tokenizer).show()
      }
    }
    if plan { return }

    // A resumed run has written a part already.
    if !TrainingFolder.hasBegun(stages[0]) {
      try checkRoom(for: needed, in: options.output, free: freeSpace(at: options.output))
    }
    let dvae = try trainDVAE(recipes, source)
    let transformer = try trainTransformer(recipes, dvae, source, tokenizer)
    try trainReranker(recipes, dvae, transformer, matcher, source)
    try TrainingReport(folder: options.output, dvae, transformer).write(source)
    try source.own?.sayLeftOut()
  }

  /// The settings of each model's training.
  struct Recipes {
    let dvaeSizes: DVAEConfiguration
    let transformerSizes: DALLEConfiguration
    var dvae: DVAERecipe
    var transformer: DALLERecipe
    let reranker: RerankerOptions.Kind
    var clip: CLIPRecipe
    var captioner: CaptionerRecipe

    var optimizers: Set<OptimizerChoice> {
      [
        dvae.optimizer, transformer.optimizer,
        reranker == .clip ? clip.optimizer : captioner.optimizer,
      ]
    }
    /// Pairs per step of the reranker.
    var rerankerBatch: Int { reranker == .clip ? clip.batch : captioner.batch }

    /// `pictures` are how many there are; nil for a world, of which each step of the transformer gets
    /// new ones as far as the disk allows.
    init(_ command: TrainAll, pictures: Int?) {
      let isEmoji = pictures == nil
      dvaeSizes = isEmoji ? .emoji : .stickers
      dvae = isEmoji ? .emoji : DVAERecipe()
      transformerSizes = isEmoji ? .emoji(vocabulary: 1) : .stickers(vocabulary: 1)
      transformer = command.reading.recipe(for: command.choice.world, command.optimizer)
      let (seed, optimizer) = (command.options.seed, command.optimizer)
      let steps = DefaultSteps(pictures: pictures)
      (dvae.warmUpSteps, dvae.seed) = (command.dvaeSteps ?? steps.dvae, seed)
      // Large squares leave the decoder more to guess.
      let decoding = isEmoji ? 2 * dvae.warmUpSteps : dvae.warmUpSteps / 2
      (dvae.steps, dvae.decoderSteps) = (dvae.warmUpSteps / (isEmoji ? 10 : 8), decoding)
      (transformer.steps, transformer.seed) = (command.transformerSteps ?? steps.transformer, seed)
      dvae.optimizer = optimizer
      if let pictures { dvae.clusterPictures = min(dvae.clusterPictures, 8 * pictures) }
      transformer.pictures =
        pictures.map { command.visits * $0 }
        ?? min(400_000, transformer.steps * transformer.batch)
      reranker = command.kind
      captioner = CaptionerRecipe(optimizer)
      (captioner.steps, captioner.seed) = (command.choosing.captionerSteps ?? captioner.steps, seed)
      // A batch for CLIP needs different pictures, and ranks share it.
      let (most, ranks) = (max(2, min(64, pictures ?? 64)), TrainingRanks.current.count)
      clip = CLIPRecipe(
        steps: command.choosing.clipSteps ?? steps.clip, batch: max(ranks, most / ranks * ranks),
        optimizer: optimizer, seed: seed)
    }
  }

  private func trainDVAE(
    _ recipes: Recipes, _ source: TrainingSource
  ) throws -> DiscreteVAE {
    var training = DVAETraining(recipes.dvaeSizes, recipes.dvae, data: source.content)
    (training.folder, training.resume) = ("\(options.output)/dvae", options.resume)
    training.options = stageOptions[0]
    training.evaluation = try source.heldOut.map { pairs in
      let count = min(128, pairs.count ?? 128)
      let batch = try Batches(pairs, batchSize: count, seed: 3).batch(0)
      return (batch.pictures, min(500, max(1, recipes.dvae.warmUpSteps / 8)))
    }
    let dvae = try training.run(on: source.pictures)
    try Checkpoint.save(dvae, training.card, as: .f16, to: path("dvae"))
    // The transformer learns from the numbers that are in the file.
    return try DiscreteVAE(Checkpoint(path("dvae"), kind: DiscreteVAE.kind))
  }

  private func trainTransformer(
    _ recipes: Recipes, _ dvae: DiscreteVAE, _ source: TrainingSource, _ tokenizer: Tokenizer
  ) throws -> CaptionedDALLE {
    var run = DALLERun(
      recipes.transformer, dvae, folder: stages[3])
    run.configuration = recipes.transformerSizes
    run.sampling = source.emoji == nil ? .cautious : .varied
    run.resume = options.resume
    run.options = stageOptions[3]
    run.hook = DALLETrainingHook(
      every: max(1, recipes.transformer.steps / 8),
      SampleSheet(folder: options.output, dvae, captions: Array(source.captions)).add)
    let transformer =
      if let world = source.emoji {
        try run.run(in: world)
      } else if let heldOut = source.heldOut {
        try run.run(source.pairs, measuredOn: heldOut, called: source.content, tokenizer)
      } else { try run.run(on: source.pairs, called: source.content, tokenizer) }
    try Checkpoint.save(
      transformer, transformer.card(forCodesOf: dvae.encoderHash, ["data": source.content]),
      as: .f16,
      to: path("transformer"))
    return transformer
  }

  /// What turns gradients into steps in every stage. After a few hundred steps Muon has learnt much more, but
  /// it needs whole matrices.
  private var optimizer: OptimizerChoice { options.optimizer ?? (options.shard ? .adamW : .muon) }

  /// What learns to choose.
  private var kind: RerankerOptions.Kind { choosing.kind(for: choice.world) }

  /// The folders of all stages, in the order of training.
  var stages: [String] {
    DVAETraining.stages.map { "\(options.output)/dvae/\($0)" }
      + ["transformer", kind.rawValue].map { "\(options.output)/\($0)" }
  }

  /// What each stage must have in common with the run that it continues. Where steps are not given, they
  /// follow from the data, which must be the same.
  var stageOptions: [RunOptions] {
    let dvae = [String](repeating: "--dvae-steps", count: 3).map { [$0: dvaeSteps] }
    let others = [
      ["--transformer-steps": transformerSteps, "--visits": visits],
      ["--\(kind.rawValue)-steps": choosing.steps(of: kind)],
    ]
    return (dvae + others).map { steps in
      RunOptions(
        steps.compactMapValues { $0.map { "\($0)" } }.merging(["--seed": "\(options.seed)"]) { $1 }
          .merging(choice.option) { $1 }
          .merging(holding.option) { $1 }
          .merging(steps["--transformer-steps"] == nil ? [:] : reading.option(for: choice.world)) {
            $1
          },
        optimizer, options)
    }
  }

  func path(_ name: String) -> String { "\(options.output)/\(name).safetensors" }
}

extension DALLERun {
  /// `run(on:called:_:validation:)` for two sources of any kind.
  func run(
    _ pairs: some PairSource, measuredOn heldOut: some PairSource, called name: String,
    _ tokenizer: Tokenizer
  ) throws -> CaptionedDALLE {
    try run(on: pairs, called: name, tokenizer, validation: heldOut)
  }
}
