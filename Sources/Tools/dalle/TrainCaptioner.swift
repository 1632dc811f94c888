import ArgumentParser
import Checkpoints
import DALLE
import DALLETraining
import Foundation
import Optimization
import Training

/// `dalle train captioner`
struct TrainCaptioner: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "captioner",
    abstract: "Trains a captioner, which says how probable a caption is for a picture.",
    discussion: """
      Learns from the tokens of a transformer's run, which may still go on, and with its words. Beside the \
      transformer, as reranker.safetensors, it chooses among drawings. Ctrl-C stops the training, --resume \
      continues.

      Example: dalle train captioner --transformer my-transformer --output captioner
      """)

  @Option(
    help: ArgumentHelp(
      "The folder of a run of dalle train transformer, or transformer in one of dalle train all.",
      valueName: "folder"))
  var transformer: String
  @OptionGroup var options: TrainingOptions
  @Option(parsing: .unconditional, help: "Steps of the optimiser.")
  var steps = CaptionerRecipe().steps
  @Option(parsing: .unconditional, help: "Pairs per step.")
  var batch = CaptionerRecipe().batch
  @Option(
    parsing: .unconditional,
    help: "The highest learning rate. (default: \(CaptionerRecipe().rate); with AdamW half of it)")
  var rate: Float?

  func validate() throws {
    try check(steps: steps, batch: batch, rate: rate ?? 1)
  }

  func run() throws {
    var recipe = CaptionerRecipe(options.optimizer)
    (recipe.steps, recipe.batch, recipe.seed) = (steps, batch, options.seed)
    recipe.rate = rate ?? recipe.rate
    try options.checkRanks([recipe.optimizer], batch)
    let path = "\(options.output)/captioner.safetensors"
    try OutputCheck.run([options.output], models: [(path, 0)], resume: options.resume)
    let set = try TokenSet("\(transformer)/tokens.safetensors")
    let captioner = try CaptionScorer(recipe, set, wordsOf: trained(on: set))
    // Weights and two running averages, an old and a new state of them, and the model.
    if !TrainingFolder.hasBegun(options.output) {
      try checkRoom(
        for: 7 * 4 * captioner.parameterCount, in: options.output,
        free: freeSpace(at: options.output))
    }
    try captioner.train(
      recipe, on: set, data: set.source, in: options.output, resume: options.resume,
      options: RunOptions(
        [
          "--steps": "\(steps)", "--batch": "\(batch)", "--rate": "\(recipe.rate)",
          "--seed": "\(options.seed)",
          "--transformer":
            "a run with codes of the encoder \(set.encoderHash.prefix(12))…, \(set.source)",
        ], recipe.optimizer, options), to: path)
    print("\(path): a captioner of \(captioner.parameterCount) parameters after \(steps) steps")
  }

  /// The transformer of the run, finished or not.
  private func trained(on set: TokenSet) throws -> CaptionedDALLE {
    let finished = "\(transformer)/transformer.safetensors"
    let path =
      FileManager.default.fileExists(atPath: finished)
      ? finished : "\(transformer)/training.safetensors"
    return try CaptionedDALLE(Checkpoint(path, kind: DALLE.kind), forCodesOf: set.encoderHash)
  }
}

extension CaptionScorer {
  /// Trains in a folder, or goes on there, and saves the model at `path`.
  func train(
    _ recipe: CaptionerRecipe, on set: TokenSet, data: String, in folder: String, resume: Bool,
    options: RunOptions, to path: String
  ) throws {
    let card = card(
      forCodesOf: set.encoderHash,
      ["recipe": ModelCard(kind: "", config: recipe).config, "data": data])
    try train(
      recipe, on: set,
      folder: TrainingFolder(folder, card, every: 250, resume: resume, options: options))
    try Checkpoint.save(self, card, as: .f16, to: path)
  }
}
