// Supervised training on fresh stickers.

import Checkpoints
import NeuralNetwork
import StickerWorld
import TensorCore
import Training
import VisionTransformer

extension AttributeClassifier {
  /// An untrained classifier of stickers, with a head for each `StickerAttribute`.
  public init(stickers configuration: ViTConfiguration = .stickers, _ random: inout Random) {
    self.init(configuration, values: StickerAttribute.allCases.map(\.values.count), &random)
  }

  /// An untrained classifier of stickers, with weights from the recipe's seed.
  public init(_ recipe: ClassifierRecipe) {
    var random = Random(seed: recipe.seed).split("classifier")
    self.init(stickers: .stickers, &random)
  }

  /// Trains on stickers of the train split, each seen once, and measures the accuracies on
  /// `validation` every `interval` steps and at the end.
  ///
  /// With a `folder` the run is kept there, and resumed if it has begun.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` if the folder cannot be used.
  @discardableResult
  public func train(
    _ recipe: ClassifierRecipe, validation: LabelledStickers? = nil, every interval: Int = 500,
    folder: TrainingFolder? = nil, terminal: Terminal = .standardError
  ) throws -> TrainingCurve {
    try recipe.run(
      "classifier", self, folder: folder, terminal: terminal,
      measuring: validation == nil ? .max : interval,
      { validation.map { evaluate($0).accuracies } ?? [] }
    ) { random in
      loss(LabelledStickers(.train, count: recipe.batch, using: &random))
    }
  }

  /// The sum over attributes of the mean cross-entropy, [], in nats.
  public func loss(_ stickers: LabelledStickers) -> Tensor {
    let losses = zip(self(stickers.images), stickers.labels).map { crossEntropy($0, $1) }
    return losses.dropFirst().reduce(losses[0], +)
  }

  /// The card for a checkpoint of a classifier trained by `recipe`.
  public func card(_ recipe: ClassifierRecipe) -> ModelCard {
    ModelCard(
      kind: Self.kind, config: encoder.configuration,
      notes: [
        "data": "sticker world, train split, single stickers", "steps": "\(recipe.steps)",
        "batch": "\(recipe.batch)", "rate": "\(recipe.rate)", "seed": "\(recipe.seed)",
        "heads": StickerAttribute.allCases.map(\.rawValue).joined(separator: " "),
      ])
  }
}
