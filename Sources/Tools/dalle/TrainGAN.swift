import ArgumentParser
import CLIP
import Checkpoints
import DFGAN
import Evaluation
import Foundation
import GANTraining
import Images
import PictureFiles
import Pretrained
import Sheets
import StickerJudge
import StickerTraining
import StickerWorld
import Training

/// `dalle train gan`
struct TrainGAN: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gan",
    abstract: "Trains DF-GAN, the rival of chapter 5, on stickers.",
    discussion: """
      Generator and discriminator play against each other; captions reach them as what the text tower \
      of a CLIP says of them. Every 500 steps the log has the shares of right pictures, and of right \
      aspects, on 256 captions, and samples.png in the folder shows the first 16. Ctrl-C stops it, \
      --resume continues.

      Example: dalle train gan --output rival
      """)

  @OptionGroup var options: TrainingOptions
  @Option(parsing: .unconditional, help: "Steps of both networks.")
  var steps = GANRecipe().steps
  @Option(parsing: .unconditional, help: "Pairs per step.")
  var batch = GANRecipe().batch
  @Option(parsing: .unconditional, help: "The highest learning rate of the generator.")
  var rate = GANRecipe().rate
  @Option(
    help: ArgumentHelp("The CLIP whose text tower reads captions.", valueName: "clip.safetensors"))
  var clip: String?

  func validate() throws {
    // A pair needs another's caption.
    try check(steps: steps, batch: batch, atLeast: 2, rate: rate)
    let others = [
      "--optimizer": options.optimizer == .muon, "--compress": options.compress != nil,
      "--shard": options.shard, "--checkpoint-activations": options.checkpointActivations,
    ]
    for (option, isGiven) in others.sorted(by: { $0.key < $1.key }) where isGiven {
      throw ValidationError("\(option) is for other models: these two learn by Adam, as they are")
    }
  }

  func run() throws {
    guard TrainingRanks.current.count == 1 else {
      throw CommandError(
        "train gan runs on one process, got \(TrainingRanks.current.count); start it without mpirun"
      )
    }
    let path = "\(options.output)/rival.safetensors"
    try OutputCheck.run([options.output], models: [(path, 0)], resume: options.resume)
    var recipe = GANRecipe()
    (recipe.steps, recipe.batch, recipe.rate, recipe.seed) = (steps, batch, rate, options.seed)
    let reader = try clip ?? Pretrained.path("clip")
    let matcher = try CaptionMatcher(Checkpoint(reader, kind: CaptionMatcher.kind))
    let hash = try SHA256.hex(ofFile: reader)
    let configuration = DFGANConfiguration.stickers
    var training = GANTraining(configuration, recipe, sentencesOf: matcher)
    let notes = [
      "recipe": ModelCard(kind: "", config: recipe).config, "data": "stickers", "clip": hash,
    ]
    var card = training.gan.card(notes)
    let folder = TrainingFolder(
      options.output, card, every: 250, resume: options.resume, options: chosen(hash))
    training.folder = folder
    let judge = try JudgeNet(Pretrained.judge())
    training.evaluation = (500, { try shares(of: $0, judge) })
    try training.run(
      on: StickerPairs(.train, size: configuration.size, seed: options.seed))
    card.notes[CaptionedGAN.curveNote] = try curve(folder)
    try Checkpoint.save(training.gan, card, as: .f16, to: path)
    print(
      "\(path): a generator of \(training.gan.generator.parameterCount) parameters after "
        + "\(steps) steps")
  }

  /// What a resumed run must have in common with this one.
  private func chosen(_ hash: String) -> RunOptions {
    var values = ["--steps": "\(steps)", "--batch": "\(batch)", "--rate": "\(rate)"]
    values["--seed"] = "\(options.seed)"
    // Other sentences would change the game silently.
    values["--clip"] = "a file of SHA-256 \(hash.prefix(12))…"
    return RunOptions(values, .adamW, options)
  }

  /// What the log says of the shares of right pictures: for each name steps and shares, as JSON.
  private func curve(_ folder: TrainingFolder) throws -> String {
    var curve: [String: [[Double]]] = [:]
    for name in ["right"] + aspects.map(\.rawValue) {
      curve[name] = try folder.logged(name).map { [Double($0.step + 1), Double($0.value)] }
    }
    return ModelCard(kind: "", config: curve).config
  }

  private var aspects: [Aspect] { [.thing, .colour, .background] }

  /// The shares of pictures on which everything is right, or an aspect, one for each of 256 captions of
  /// the validation split; the first of them are written to the folder.
  private func shares(of gan: CaptionedGAN, _ judge: JudgeNet) throws -> [(String, Float)] {
    let samples = (0..<256).map { StickerWorld.sample(.validation, seed: 3, index: $0) }
    let captions = samples.map(\.caption)
    let pictures = try gan.draw(oneForEach: captions, seed: 3)
    let shown = Image.pictures(of: pictures.sliced(axis: 0, 0..<16)).map { $0.enlarged(by: 2) }
    try Image.grid(shown, columns: 8, labels: Array(captions.prefix(16)), labelLines: 4)
      .writePNG(to: "\(options.output)/samples.png")
    let report = CaptionMatchReport(try judge.matches(pictures, samples.map(\.scene)))
    return [("right", Float(report.everything.estimate.value))]
      + aspects.map { ($0.rawValue, Float(report[$0].estimate.value)) }
  }
}
