import ArgumentParser
import CaptionedImages
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import Foundation
import StickerTraining
import Text
import Training

/// `dalle train transformer`
struct TrainTransformer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transformer",
    abstract: "Trains the transformer, which draws image tokens for captions.",
    discussion: """
      Turns the pictures into tokens once, by the bundled dVAE or by --dvae, and keeps them in the \
      run's folder. Ctrl-C stops the training, --resume continues.

      Example: dalle train transformer --data stickers --output transformer
      """)

  @OptionGroup var source: DataOption
  @OptionGroup var options: TrainingOptions
  @OptionGroup var square: SizeOption
  @Option(help: ArgumentHelp("A dVAE to use instead of the bundled one.", valueName: "file"))
  var dvae: String?
  @Option(parsing: .unconditional, help: "Steps of the optimiser.")
  var steps = DALLERecipe().steps
  @Option(parsing: .unconditional, help: "Pairs per step.")
  var batch = DALLERecipe().batch
  @Option(
    parsing: .unconditional,
    help:
      "The highest learning rate. (default: \(DALLERecipe().rate); with Muon \(DALLERecipe.rate(of: .muon)); for emoji \(DALLERecipe.emoji.rate))"
  )
  var rate: Float?
  @Option(
    parsing: .unconditional,
    help:
      "How many pictures to turn into tokens. (default: 176,000 of a world, or four crops of each of your own pictures)"
  )
  var pictures: Int?
  @Flag(help: "Sample codes from the dVAE's posterior, against overfitting to a small set.")
  var sampled = false
  @Option(help: ArgumentHelp("The network's sizes as JSON.", valueName: "file.json"))
  var config: String?
  @Option(
    help: ArgumentHelp(
      "Start from this transformer of the same dVAE instead of new weights.",
      valueName: "transformer.safetensors"))
  var from: String?
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var holding: HoldOutOption

  func validate() throws {
    try check(steps: steps, batch: batch, rate: rate ?? 1)
    try check("--pictures", pictures ?? 1, in: 1...100_000_000)
    try square.check(source)
    try holding.check(isOwn: !source.isDrawn)
    if config != nil && from != nil {
      throw ValidationError("--from brings its own sizes: --config does not go with it")
    }
  }

  func run() throws {
    var recipe = reading.recipe(for: source.choice.world, options.optimizer)
    (recipe.isSampled, recipe.rate) = (sampled, rate ?? recipe.rate)
    try options.checkRanks([recipe.optimizer], batch)
    try OutputCheck.run(
      [options.output], models: [("\(options.output)/transformer.safetensors", 0)],
      resume: options.resume)
    let model = try DVAEOptions.path(dvae)
    (recipe.steps, recipe.batch, recipe.seed) = (steps, batch, options.seed)
    let holdOut = HoldOut(count: holding.holdOut, seed: options.seed)
    let (own, world) = (try source.pictures(for: options, holdOut), try source.choice.chosen())
    let pairs = own?.pairs(.transformer(size: square.size))
    if let own, let pairs { try own.noteContrast(pairs) }
    recipe.pictures = pictures ?? pairs.map { 4 * ($0.count ?? 1) } ?? recipe.pictures
    let encoder = try DiscreteVAE(Checkpoint(model, kind: DiscreteVAE.kind))
    try check(encoder.configuration, from: model, size: square.size)
    var run = DALLERun(recipe, encoder, folder: options.output)
    run.resume = options.resume
    run.configuration = try config.map { path throws(CheckpointError) in try readConfig(from: path)
    }
    run.start = try from.map { path throws(CheckpointError) in
      try Checkpoint(path, kind: DALLE.kind)
    }
    run.options = try chosen(recipe, encoder, run.configuration)
    run.sampling =
      own != nil ? .cautious : source.choice.world == .emoji ? .varied : nil
    if source.choice.world == .emoji, run.start == nil {
      run.configuration = run.configuration ?? .emoji(vocabulary: 1)
    }
    let transformer =
      if let own, let pairs {
        try run.run(
          on: pairs, called: own.content, tokenizer(for: run, encoder, own, pairs),
          validation: own.heldOutPairs(.transformer(size: square.size)))
      } else {
        try run.run(in: world)
      }
    try own?.sayLeftOut()
    print(
      "\(run.checkpoint): a transformer of \(transformer.parameterCount) parameters after \(steps) steps"
    )
  }

  /// What a resumed run must have in common with this one.
  private func chosen(
    _ recipe: DALLERecipe, _ encoder: DiscreteVAE, _ sizes: DALLEConfiguration?
  ) throws -> RunOptions {
    var values = source.option.merging(square.option) { $1 }.merging(
      reading.option(for: source.choice.world)
    ) { $1 }.merging(holding.option) { $1 }
    values["--steps"] = "\(steps)"
    values["--batch"] = "\(batch)"
    values["--rate"] = "\(recipe.rate)"
    values["--seed"] = "\(options.seed)"
    values["--pictures"] = "\(recipe.pictures)"
    values["--dvae"] = "an encoder of SHA-256 \(encoder.encoderHash.prefix(12))…"
    values["--config"] = sizes.map { ModelCard(kind: DALLE.kind, config: $0).config }
    values["--from"] = try from.map {
      "a file of SHA-256 \(try SHA256.hex(ofFile: $0).prefix(12))…"
    }
    return RunOptions(
      values, flags: ["--sampled": sampled], remedy: RunOptions.startingFrom(options.output),
      recipe.optimizer, options)
  }

  /// A new tokenizer for captions, unless the run starts from a transformer that has one. Says how
  /// many captions it has to cut.
  private func tokenizer(
    for run: DALLERun, _ encoder: DiscreteVAE, _ own: OwnPictures, _ pairs: PicturePairs
  ) throws -> Tokenizer {
    let new = Tokenizer.streams(pairs.captions, minimumCount: 1)
    let sizes = run.configuration ?? .stickers(vocabulary: new.vocabularySize)
    let start = try run.start.map { try CaptionedDALLE($0, forCodesOf: encoder.encoderHash) }
    try own.noteCuts(
      by: "the transformer", start?.tokenizer ?? new,
      length: start?.model.configuration.textLength ?? sizes.textLength)
    return new
  }
}
