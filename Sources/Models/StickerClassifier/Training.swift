// Supervised training on fresh stickers.

import Checkpoints
import NeuralNetwork
import StickerWorld
import TensorCore
import Training
import VisionTransformer

/// The settings of a supervised run.
public struct ClassifierRecipe: Equatable, Sendable {
  /// Steps of the optimiser.
  public var steps: Int
  /// B, pictures per step.
  public var batch: Int
  /// The highest learning rate.
  public var rate: Float
  /// Decides weights, pictures and everything else that is left to chance.
  public var seed: UInt64

  /// A recipe; the defaults made the classifier that comes with the book.
  public init(steps: Int = 10_000, batch: Int = 32, rate: Float = 1e-3, seed: UInt64 = 1) {
    self.steps = steps
    self.batch = batch
    self.rate = rate
    self.seed = seed
  }

  /// Linear warm-up, then half a cosine to a hundredth.
  var schedule: Schedule {
    let rise = min(200, steps / 5)
    return .warmUp(
      steps: rise,
      then: .cosine(from: Double(rate), to: Double(rate) / 100, steps: steps - rise))
  }
}

extension ClassifierRecipe {
  /// AdamW with decay 0.05 on matrices, gradients clipped at norm 1.
  fileprivate func run(
    _ title: String, _ model: some Module, folder: TrainingFolder?, terminal: Terminal,
    _ step: (_ step: Int, _ random: inout Random) throws -> Metrics
  ) throws {
    let trainer = Trainer(
      title, model, Adam(ParameterGroup.decayingMatrices(model, decay: 0.05), rate: 0),
      steps: steps, seed: seed, rate: schedule)
    trainer.gradientLimit = 1
    trainer.terminal = terminal
    trainer.folder = folder
    try trainer.run(step)
  }
}

extension StickerClassifier {
  /// A classifier as `recipe` starts it.
  public init(_ recipe: ClassifierRecipe) {
    var random = Random(seed: recipe.seed).split("classifier")
    self.init(.stickers, &random)
  }

  /// Trains this classifier on stickers of the train split, each seen once.
  ///
  /// With a `folder` the run is kept there, and resumed if it has begun; `watch` gets the loss
  /// of each step.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` when the folder cannot be used.
  public func train(
    _ recipe: ClassifierRecipe, folder: TrainingFolder? = nil,
    terminal: Terminal = .standardError, watch: (_ step: Int, _ loss: Float) -> Void = { _, _ in }
  ) throws {
    try recipe.run("classifier", self, folder: folder, terminal: terminal) { step, random in
      let loss = self.loss(LabelledStickers(.train, count: recipe.batch, using: &random))
      loss.backward()
      watch(step, loss.item)
      return Metrics(loss: loss.item)
    }
  }

  /// What a checkpoint of a classifier trained by `recipe` says about it.
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

extension MaskedPatchPrediction {
  /// Trains on the pictures that `StickerClassifier.train` would see, without their labels.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` when the folder cannot be used.
  public func train(
    _ recipe: ClassifierRecipe, folder: TrainingFolder? = nil,
    terminal: Terminal = .standardError, watch: (_ step: Int, _ loss: Float) -> Void = { _, _ in }
  ) throws {
    let grid = encoder.configuration.grid
    try recipe.run("masked patches", self, folder: folder, terminal: terminal) { step, random in
      let stickers = LabelledStickers(.train, count: recipe.batch, using: &random)
      let corruption = PatchCorruption(
        pictures: recipe.batch, patches: grid.rows * grid.columns, using: &random)
      let loss = self.loss(stickers.images, corruption)
      loss.backward()
      watch(step, loss.item)
      return Metrics(loss: loss.item)
    }
  }
}
