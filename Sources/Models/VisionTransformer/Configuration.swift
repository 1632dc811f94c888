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

extension ViTConfiguration: ModelConfiguration {
  /// One number for both sides of a square, or [rows, columns].
  private struct Sides: Decodable {
    let sides: (rows: Int, columns: Int)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let side = try? value.decode(Int.self) {
        sides = (side, side)
        return
      }
      let list = try value.decode([Int].self)
      guard list.count == 2 else {
        throw DecodingError.dataCorruptedError(
          in: value, debugDescription: "it is a number or [rows, columns], not \(list)")
      }
      sides = (list[0], list[1])
    }
  }

  private enum Key: String, CodingKey {
    case modelType = "model_type"
    case imageSize = "image_size"
    case patch = "patch_size"
    case channels = "num_channels"
    case width = "hidden_size"
    case layers = "num_hidden_layers"
    case heads = "num_attention_heads"
    case hidden = "intermediate_size"
    case activation = "hidden_act"
    case attentionBias = "qkv_bias"
    case epsilon = "layer_norm_eps"
  }

  /// Reads a `config.json`, in which `image_size` is a number or [rows, columns], and `patch_size`
  /// a number or the same number twice.
  ///
  /// Throws a `DecodingError` if an entry is missing or has the wrong type, or if no model can have
  /// such sizes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let type = try values.decodeIfPresent(String.self, forKey: .modelType)
    guard ["vit", "clip_vision_model", nil].contains(type) else {
      throw DecodingError.dataCorruptedError(
        forKey: .modelType, in: values,
        debugDescription: "it is a model of the type \((type ?? "").debugDescription), not vit")
    }
    imageSize = try values.decode(Sides.self, forKey: .imageSize).sides
    let sides = try values.decode(Sides.self, forKey: .patch).sides
    guard sides.rows == sides.columns else {
      throw DecodingError.dataCorruptedError(
        forKey: .patch, in: values,
        debugDescription: "patches of \(sides.rows)×\(sides.columns) are not square")
    }
    patch = sides.rows
    channels = try values.decodeIfPresent(Int.self, forKey: .channels) ?? 3
    width = try values.decode(Int.self, forKey: .width)
    layers = try values.decode(Int.self, forKey: .layers)
    heads = try values.decode(Int.self, forKey: .heads)
    // Overflows only for widths that are refused below.
    hidden = try values.decodeIfPresent(Int.self, forKey: .hidden) ?? 4 &* width
    activation = try values.decodeIfPresent(Activation.self, forKey: .activation) ?? .gelu
    attentionBias = try values.decodeIfPresent(Bool.self, forKey: .attentionBias) ?? true
    epsilon = try values.decodeIfPresent(Float.self, forKey: .epsilon) ?? 1e-12
    let sizes: [(key: Key, size: Int)] = [
      (.imageSize, imageSize.rows), (.imageSize, imageSize.columns), (.patch, patch),
      (.channels, channels), (.width, width), (.heads, heads), (.hidden, hidden),
      (.layers, layers &+ 1),
    ]
    for (key, size) in sizes where !(1...1 << 30).contains(size) {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: values, debugDescription: "no model has such a size")
    }
    guard imageSize.rows % patch == 0, imageSize.columns % patch == 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .patch, in: values,
        debugDescription: "\(patch) does not divide \(imageSize.rows)×\(imageSize.columns)")
    }
    guard width % heads == 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .heads, in: values, debugDescription: "\(heads) does not divide \(width)")
    }
    guard epsilon >= 0, epsilon.isFinite else {
      throw DecodingError.dataCorruptedError(
        forKey: .epsilon, in: values, debugDescription: "\(epsilon) is not 0 or above")
    }
  }

  /// Writes the names that `init(from:)` reads.
  ///
  /// Throws what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    if imageSize.rows == imageSize.columns {
      try values.encode(imageSize.rows, forKey: .imageSize)
    } else {
      try values.encode([imageSize.rows, imageSize.columns], forKey: .imageSize)
    }
    try values.encode(patch, forKey: .patch)
    try values.encode(channels, forKey: .channels)
    try values.encode(width, forKey: .width)
    try values.encode(layers, forKey: .layers)
    try values.encode(heads, forKey: .heads)
    try values.encode(hidden, forKey: .hidden)
    try values.encode(activation, forKey: .activation)
    if !attentionBias { try values.encode(false, forKey: .attentionBias) }
    try values.encode(epsilon, forKey: .epsilon)
  }
}
