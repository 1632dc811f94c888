// The sizes of a ViT in a checkpoint, under the names of Hugging Face's `config.json`.

import Checkpoints
import NeuralNetwork

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
