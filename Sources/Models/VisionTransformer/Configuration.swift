import Checkpoints
import NeuralNetwork

/// The sizes of a vision transformer, under the names of Hugging Face's `config.json`.
public struct ViTConfiguration: Equatable, Sendable {
  /// Height and width of the pictures it is trained on.
  public var imageSize: (rows: Int, columns: Int)
  /// P, rows and columns of a patch.
  public var patch: Int
  /// C, channels of the pictures.
  public var channels: Int
  /// D, width of the tokens.
  public var width: Int
  /// L, number of blocks.
  public var layers: Int
  /// h, attention heads of a block.
  public var heads: Int
  /// Width of the hidden layer of a feed-forward network.
  public var hidden: Int
  /// The function between the two layers of a feed-forward network.
  public var activation: Activation
  /// Whether queries, keys and values have a bias.
  public var attentionBias: Bool
  /// Added to the variance by layer norms.
  public var epsilon: Float

  /// Sizes for square pictures; `hidden` defaults to 4 D.
  public init(
    imageSize: Int, patch: Int, channels: Int = 3, width: Int, layers: Int, heads: Int,
    hidden: Int? = nil, activation: Activation = .gelu, attentionBias: Bool = true,
    epsilon: Float = 1e-12
  ) {
    self.imageSize = (imageSize, imageSize)
    self.patch = patch
    self.channels = channels
    self.width = width
    self.layers = layers
    self.heads = heads
    self.hidden = hidden ?? 4 * width
    self.activation = activation
    self.attentionBias = attentionBias
    self.epsilon = epsilon
  }

  /// ViT-B/16 at 224×224, of the paper's table 1: 86 million parameters.
  public static let base16 = ViTConfiguration(
    imageSize: 224, patch: 16, width: 768, layers: 12, heads: 12)

  /// The model that chapter 1 trains on stickers.
  public static let stickers = ViTConfiguration(
    imageSize: 64, patch: 8, width: 128, layers: 6, heads: 4)

  /// Rows and columns of patches.
  public var grid: (rows: Int, columns: Int) { (imageSize.rows / patch, imageSize.columns / patch) }

  /// The number of parameters of an encoder of these sizes. A `Double`, because a config from
  /// elsewhere may claim more than an `Int` holds.
  public var parameterCount: Double {
    let (d, p, m) = (Double(width), Double(patch), Double(hidden))
    let patches = Double(grid.rows) * Double(grid.columns)
    let embeddings = d * (Double(channels) * p * p + 1) + d * (patches + 2)
    let attention = 4 * d * d + (attentionBias ? 4 : 1) * d
    let feedForward = 2 * d * m + m + d
    return embeddings + Double(layers) * (attention + feedForward + 4 * d) + 2 * d
  }

  /// Compares all sizes; written out because tuples are not `Equatable`.
  public static func == (a: ViTConfiguration, b: ViTConfiguration) -> Bool {
    a.imageSize == b.imageSize && a.patch == b.patch && a.channels == b.channels
      && a.width == b.width && a.layers == b.layers && a.heads == b.heads && a.hidden == b.hidden
      && a.activation == b.activation && a.attentionBias == b.attentionBias
      && a.epsilon == b.epsilon
  }
}
