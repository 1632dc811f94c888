import ArgumentParser
import CaptionedImages
import Checkpoints
import DVAETraining
import DiscreteVAE
import Foundation
import Optimization
import StickerTraining
import StickerWorld
import Training

/// `dalle train dvae`
struct TrainDVAE: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dvae",
    abstract: "Trains a discrete VAE, which turns pictures into tokens and back.",
    discussion: """
      Four stages: continuous latents, a codebook by k-means, the evidence lower bound, the \
      decoder alone. The whole run takes about forty minutes on two cores. Ctrl-C stops it, --resume \
      continues.

      Example: dalle train dvae --data stickers --output dvae

      Large pictures need much memory: --batch 4 and --checkpoint-activations take less.
      """)

  @OptionGroup var source: DataOption
  @OptionGroup var options: TrainingOptions
  @OptionGroup var pictures: SizeOption
  @Option(parsing: .unconditional, help: "Steps of the first stage.")
  var warmUpSteps = DVAERecipe().warmUpSteps
  @Option(parsing: .unconditional, help: "Steps of the third stage.")
  var steps = DVAERecipe().steps
  @Option(parsing: .unconditional, help: "Steps of the fourth stage.")
  var decoderSteps = DVAERecipe().decoderSteps
  @Option(parsing: .unconditional, help: "Pictures per step.")
  var batch = DVAERecipe().batch
  @Option(help: ArgumentHelp("The network's sizes as JSON.", valueName: "file.json"))
  var config: String?

  func validate() throws {
    try check("--warm-up-steps", warmUpSteps, in: possibleSteps)
    try check(steps: steps, batch: batch)
    try check("--decoder-steps", decoderSteps, in: 0...possibleSteps.upperBound)
    try pictures.check(source)
  }

  func run() throws {
    var recipe = DVAERecipe()
    recipe.optimizer = options.optimizer ?? recipe.optimizer
    try options.checkRanks([recipe.optimizer], batch)
    let path = "\(options.output)/dvae.safetensors"
    let stages = DVAETraining.stages.map { "\(options.output)/\($0)" }
    try OutputCheck.run(stages, models: [(path, 2)], resume: options.resume)
    (recipe.warmUpSteps, recipe.steps, recipe.batch) = (warmUpSteps, steps, batch)
    (recipe.decoderSteps, recipe.seed) = (decoderSteps, options.seed)
    let size = pictures.size
    // Places are clustered, of which larger pictures have more.
    recipe.clusterPictures = min(
      recipe.clusterPictures,
      max(1, recipe.clusterPictures * SizeOption.usual * SizeOption.usual / (size * size)))
    let configuration: DVAEConfiguration =
      if let config {
        try readConfig(from: config)
      } else if source.choice.world == .emoji { .emoji } else { .stickers }
    let file = config ?? "the sizes"
    try check(configuration, from: file, size: size)
    let side = size / configuration.factor
    let points = max(1, recipe.clusterPictures / batch) * batch * side * side
    guard configuration.vocabulary <= points else {
      throw CommandError(
        "\(file): \(configuration.vocabulary) codes (\"vocab_size\") are to be clusters of "
          + "\(points) latents; name at most so many")
    }
    let own = try source.pictures(for: options, stage: stages[0])
    let pairs = own?.pairs(.dVAE(size: size))
    let world = try source.choice.chosen()
    var training = DVAETraining(
      configuration, recipe, data: own?.content ?? world.name)
    training.folder = options.output
    training.resume = options.resume
    training.options = chosen(configuration, recipe.optimizer)
    if !TrainingFolder.hasBegun(stages[0]) {
      try checkRoom(
        for: training.sizeOnDisk, in: options.output, free: freeSpace(at: options.output))
    }
    if pairs == nil {
      let measured = world.pictures(.validation, size: size, seed: 3, count: 128)
      training.evaluation = (measured, 500)
    }
    let dvae =
      if let pairs { try training.run(on: pairs) } else {
        try training.run(
          on: world.pairs(.training, size: size, seed: options.seed, count: nil))
      }
    try own?.sayLeftOut()
    try Checkpoint.save(dvae, training.card, as: .f16, to: path)
    print(
      "\(path): a dVAE of \(dvae.parameterCount) parameters, \(configuration.vocabulary) "
        + "codes of \(configuration.factor)×\(configuration.factor) pixels")
  }

  /// What a resumed run must have in common with this one.
  private func chosen(
    _ configuration: DVAEConfiguration, _ optimizer: OptimizerChoice
  ) -> RunOptions {
    var values = source.option.merging(pictures.option) { $1 }
    values["--warm-up-steps"] = "\(warmUpSteps)"
    values["--steps"] = "\(steps)"
    values["--decoder-steps"] = "\(decoderSteps)"
    values["--batch"] = "\(batch)"
    values["--seed"] = "\(options.seed)"
    values["--config"] = ModelCard(kind: DiscreteVAE.kind, config: configuration).config
    return RunOptions(values, optimizer, options)
  }
}
