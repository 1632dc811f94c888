import ArgumentParser
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
    abstract: "Trains the transformer, which draws tokens for captions.",
    discussion: """
      Pictures are turned into tokens once, by the dVAE that comes along or by --dvae, and kept \
      in the run's folder. Ctrl-C stops the training, --resume goes on.

      Example: dalle train transformer --data stickers --output transformer
      """)

  @OptionGroup var source: DataOption
  @OptionGroup var options: TrainingOptions
  @Option(help: ArgumentHelp("The dVAE, if not the one that comes along.", valueName: "file"))
  var dvae: String?
  @Option(parsing: .unconditional, help: "Steps of the optimiser.")
  var steps = DALLERecipe().steps
  @Option(parsing: .unconditional, help: "Pairs per step.")
  var batch = DALLERecipe().batch
  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var rate = DALLERecipe().rate
  @Option(
    parsing: .unconditional,
    help:
      "Pictures that are turned into tokens; for your own pictures four visits to each, with another crop every time."
  )
  var pictures: Int?
  @Flag(help: "Draw codes from the dVAE's posterior, against learning a small set by heart.")
  var sampled = false
  @Option(help: ArgumentHelp("The network's sizes as JSON.", valueName: "file.json"))
  var config: String?
  @Option(
    help: ArgumentHelp(
      "Go on with a transformer of the same dVAE instead of new weights.",
      valueName: "transformer.safetensors"))
  var from: String?

  func validate() throws {
    try check("--steps", steps, in: possibleSteps)
    try check("--batch", batch, in: 1...65_536)
    try check("--pictures", pictures ?? 1, in: 1...100_000_000)
    guard rate > 0, rate.isFinite else { throw ValidationError("--rate must be above 0") }
    if config != nil && from != nil {
      throw ValidationError("--from brings its own sizes: --config does not go with it")
    }
  }

  func run() throws {
    let model = DVAEOptions.path(dvae)
    var recipe = DALLERecipe()
    (recipe.steps, recipe.batch, recipe.rate, recipe.seed) = (steps, batch, rate, options.seed)
    recipe.isSampled = sampled
    let pairs = try source.pairs(.transformer(size: 64))
    recipe.pictures = pictures ?? pairs.map { 4 * ($0.count ?? 1) } ?? recipe.pictures
    var run = DALLERun(
      recipe, try DiscreteVAE(Checkpoint(model, kind: DiscreteVAE.kind)), folder: options.output)
    run.resume = options.resume
    run.configuration = try config.map { path throws(CheckpointError) in try readConfig(from: path)
    }
    run.start = try from.map { path throws(CheckpointError) in
      try Checkpoint(path, kind: DALLE.kind)
    }
    let transformer =
      if let pairs {
        try run.run(on: pairs, called: source.data, .streams(pairs.captions))
      } else {
        try run.runOnStickers()
      }
    print(
      "\(run.checkpoint): a transformer of \(transformer.parameterCount) parameters after \(steps) steps"
    )
  }
}
