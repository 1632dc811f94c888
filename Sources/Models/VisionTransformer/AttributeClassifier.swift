// A vision transformer that answers several questions about a picture at once: one encoder, and
// a linear head for each attribute.

import NeuralNetwork
import TensorCore

/// Pictures → logits for each of several attributes, for instance thing, colour and background.
public struct AttributeClassifier: Module {
  /// Pictures [B, 3, H, W] in -1 … 1 → [B, 1 + N, D].
  public let encoder: ViTEncoder
  /// A layer for each attribute, D → its values.
  public let heads: [Linear]

  /// The kind that its checkpoints state.
  public static let kind = "vit"

  /// An untrained classifier for attributes with `values[i]` values each.
  public init(_ configuration: ViTConfiguration, values: [Int], _ random: inout Random) {
    self.init(encoder: ViTEncoder(configuration, &random), values: values, &random)
  }

  /// New heads on an encoder, for attributes with `values[i]` values each.
  public init(encoder: ViTEncoder, values: [Int], _ random: inout Random) {
    self.encoder = encoder
    heads = values.map {
      Linear(encoder.configuration.width, $0, initializer: .normal(0.02), &random)
    }
  }

  /// `vit`, with Hugging Face's names, and `heads`.
  public var members: Members {
    ("vit", encoder)
    ("heads", heads)
  }

  /// Pictures [B, 3, H, W] in 0 … 1 → features [B, D]: the class token after the last layer
  /// norm. Notes what the encoder notes.
  public func features(_ images: Tensor, trace: Trace? = nil) -> Tensor {
    // From 0 … 1 to -1 … 1, as the paper's models expect their pictures.
    encoder(images.affine(scale: 2, offset: -1), trace: trace).at(0, axis: 1)
  }

  /// Pictures [B, 3, H, W] in 0 … 1 → logits [B, values] for each attribute, in order.
  public func callAsFunction(_ images: Tensor, trace: Trace? = nil) -> [Tensor] {
    logits(features(images, trace: trace))
  }

  /// Features [B, D] → logits [B, values] for each attribute, in order.
  public func logits(_ features: Tensor) -> [Tensor] { heads.map { $0(features) } }
}
