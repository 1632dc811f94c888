// The vision transformer of chapter 1: one encoder, and a linear head for each attribute.

import Checkpoints
import NeuralNetwork
import StickerWorld
import TensorCore
import VisionTransformer

/// Tells thing, colour and background of a picture of a single sticker.
public struct StickerClassifier: Module {
  /// The vision transformer.
  public let encoder: ViTEncoder
  /// D → values, for each attribute in order
  public let heads: [Linear]

  /// The kind of its checkpoints.
  public static let kind = "vit"

  /// A classifier that has learnt nothing yet.
  public init(_ configuration: ViTConfiguration = .stickers, _ random: inout Random) {
    self.init(encoder: ViTEncoder(configuration, &random), &random)
  }

  /// New heads on an encoder.
  public init(encoder: ViTEncoder, _ random: inout Random) {
    self.encoder = encoder
    heads = StickerAttribute.allCases.map {
      Linear(encoder.configuration.width, $0.values.count, initializer: .normal(0.02), &random)
    }
  }

  /// The classifier in a checkpoint.
  ///
  /// Throws a `CheckpointError` if it is not one.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    var random = Random(seed: 0)
    let configuration = try checkpoint.config(ViTConfiguration.self)
    try checkpoint.file.check(parameters: configuration.parameterCount)
    self.init(configuration, &random)
    try checkpoint.load(into: self)
  }

  /// The parameters.
  public var members: Members { ["vit": encoder, "heads": heads] }

  /// Pictures [B, 3, H, W] in 0 … 1 → features [B, D]: the class token behind the last layer
  /// norm. Notes what the encoder notes.
  public func features(_ images: Tensor, trace: Trace? = nil) -> Tensor {
    // From 0 … 1 to -1 … 1, as the paper's models expect their pictures.
    encoder(images.affine(scale: 2, offset: -1), trace: trace).at(0, axis: 1)
  }

  /// Pictures [B, 3, H, W] in 0 … 1 → logits [B, values] for each attribute, in order.
  public func callAsFunction(_ images: Tensor, trace: Trace? = nil) -> [Tensor] {
    logits(features(images, trace: trace))
  }

  /// Features [B, D] → logits [B, values] for each attribute.
  public func logits(_ features: Tensor) -> [Tensor] { heads.map { $0(features) } }

  /// The sum over attributes of the mean cross-entropy, in nats.
  public func loss(_ stickers: LabelledStickers) -> Tensor {
    let losses = zip(self(stickers.images), stickers.labels).map { crossEntropy($0, $1) }
    return losses.dropFirst().reduce(losses[0], +)
  }
}
