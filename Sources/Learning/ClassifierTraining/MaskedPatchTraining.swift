// Training without labels on fresh stickers.

import Checkpoints
import TensorCore
import Training
import VisionTransformer

extension MaskedPatchPrediction {
  /// Trains on the pictures that `AttributeClassifier.train` sees, without their labels.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` if the folder cannot be used.
  @discardableResult
  public func train(
    _ recipe: ClassifierRecipe, folder: TrainingFolder? = nil,
    terminal: Terminal = .standardError
  ) throws -> TrainingCurve {
    let grid = encoder.configuration.grid
    return try recipe.run("masked patches", self, folder: folder, terminal: terminal) { random in
      let stickers = LabelledStickers(.train, count: recipe.batch, using: &random)
      let corruption = PatchCorruption(
        pictures: recipe.batch, patches: grid.rows * grid.columns, using: &random)
      return loss(stickers.images, corruption)
    }
  }

  /// The card for a checkpoint of an encoder trained by `recipe`.
  public func card(_ recipe: ClassifierRecipe) -> ModelCard {
    ModelCard(
      kind: "masked-vit", config: encoder.configuration,
      notes: [
        "steps": "\(recipe.steps)", "batch": "\(recipe.batch)", "rate": "\(recipe.rate)",
        "seed": "\(recipe.seed)",
      ])
  }
}
