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
}

/// How a run went. It is kept with the state of the run, so that a resumed one has all of it.
public struct TrainingCurve: Codable, Equatable, Sendable {
  /// Steps over which losses are averaged.
  public static let interval = 50
  /// Mean losses of 50 steps each, in nats.
  public private(set) var losses: [Float] = []
  /// What was measured on the way, in the order of `StickerAttribute`.
  public private(set) var accuracies: [[Double]] = []
  private var sum: Float = 0
  private var count = 0

  /// A run that has not begun.
  public init() {}

  /// The last of the steps behind each loss.
  public var steps: [Double] { losses.indices.map { Double(($0 + 1) * Self.interval) } }

  mutating func add(_ loss: Float) {
    sum += loss
    count += 1
    if count == Self.interval {
      losses.append(sum / Float(count))
      (sum, count) = (0, 0)
    }
  }

  mutating func add(accuracies: [Double]) { self.accuracies.append(accuracies) }
}

extension ClassifierRecipe {
  /// AdamW with decay 0.05 on matrices, gradients clipped at norm 1. `loss` computes that of a
  /// step; `measure` is asked every `interval` steps.
  fileprivate func run(
    _ title: String, _ model: some Module, folder: TrainingFolder?, terminal: Terminal,
    measuring interval: Int = .max, _ measure: () -> [Double] = { [] },
    loss: (inout Random) -> Tensor
  ) throws -> TrainingCurve {
    let trainer = Trainer(
      title, model, Adam(ParameterGroup.decayingMatrices(model, decay: 0.05), rate: 0),
      steps: steps, seed: seed, rate: .riseAndFall(to: rate, steps: steps))
    trainer.gradientLimit = 1
    trainer.terminal = terminal
    trainer.folder = folder
    var curve = TrainingCurve()
    try trainer.run(carrying: &curve) { step, random, curve in
      if step > 0 && step % interval == 0 { curve.add(accuracies: measure()) }
      let loss = loss(&random)  // []
      loss.backward()
      curve.add(loss.item)
      return Metrics(loss: loss.item)
    }
    if interval <= steps { curve.add(accuracies: measure()) }
    return curve
  }
}

extension AttributeClassifier {
  /// An untrained classifier of stickers, with a head for each `StickerAttribute`.
  public init(stickers configuration: ViTConfiguration = .stickers, _ random: inout Random) {
    self.init(configuration, values: StickerAttribute.allCases.map(\.values.count), &random)
  }

  /// A classifier as `recipe` starts it.
  public init(_ recipe: ClassifierRecipe) {
    var random = Random(seed: recipe.seed).split("classifier")
    self.init(stickers: .stickers, &random)
  }

  /// Trains this classifier on stickers of the train split, each seen once, and measures its
  /// accuracies on `validation` every `interval` steps and at the end.
  ///
  /// With a `folder` the run is kept there, and resumed if it has begun.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` when the folder cannot be used.
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

  /// The sum over attributes of the mean cross-entropy, in nats.
  public func loss(_ stickers: LabelledStickers) -> Tensor {
    let losses = zip(self(stickers.images), stickers.labels).map { crossEntropy($0, $1) }
    return losses.dropFirst().reduce(losses[0], +)
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
  /// Trains on the pictures that `AttributeClassifier.train` would see, without their labels.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` when the folder cannot be used.
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

  /// What a checkpoint of an encoder trained by `recipe` says about it.
  public func card(_ recipe: ClassifierRecipe) -> ModelCard {
    ModelCard(
      kind: "masked-vit", config: encoder.configuration,
      notes: [
        "steps": "\(recipe.steps)", "batch": "\(recipe.batch)", "rate": "\(recipe.rate)",
        "seed": "\(recipe.seed)",
      ])
  }
}
