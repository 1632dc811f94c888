// The sizes of a CLIP in a checkpoint, under the names of Hugging Face's `config.json`.

import Checkpoints
import NeuralNetwork
import VisionTransformer

/// Missing entries default to the sizes of `base32`, as in Hugging Face's transformers. The entries
/// of the towers may also be called `text` and `vision`; activation and epsilon may also be given
/// once, at the top level.
extension CLIPConfiguration: ModelConfiguration {
  private enum Key: String, CodingKey {
    case modelType = "model_type"
    case textConfig = "text_config"
    case visionConfig = "vision_config"
    case text, vision
    case projection = "projection_dim"
    case activation = "hidden_act"
    case epsilon = "layer_norm_eps"
  }

  fileprivate struct Tower: Codable {
    var vocabulary, context, width, layers, heads, hidden, imageSize, patch, channels: Int?
    var end: Int?
    var activation: Activation?
    var epsilon: Float?

    enum CodingKeys: String, CodingKey {
      case vocabulary = "vocab_size"
      case context = "max_position_embeddings"
      case width = "hidden_size"
      case layers = "num_hidden_layers"
      case heads = "num_attention_heads"
      case hidden = "intermediate_size"
      case imageSize = "image_size"
      case patch = "patch_size"
      case channels = "num_channels"
      case activation = "hidden_act"
      case epsilon = "layer_norm_eps"
      case end = "eos_token_id"
    }
  }

  /// Reads a `config.json`.
  ///
  /// Throws a `DecodingError` if an entry has the wrong type or no model can have such sizes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    func tower(_ key: Key, _ other: Key) throws -> Tower {
      try values.decodeIfPresent(Tower.self, forKey: key)
        ?? values.decode(Tower.self, forKey: other)
    }
    let type = try values.decodeIfPresent(String.self, forKey: .modelType)
    guard type == nil || type == "clip" else {
      throw DecodingError.dataCorruptedError(
        forKey: .modelType, in: values,
        debugDescription: "it is a model of the type \((type ?? "").debugDescription), not clip")
    }
    let (t, v) = (try tower(.textConfig, .text), try tower(.visionConfig, .vision))
    let activation = try values.decodeIfPresent(Activation.self, forKey: .activation) ?? .quickGelu
    let epsilon = try values.decodeIfPresent(Float.self, forKey: .epsilon) ?? 1e-5
    text = Text(
      vocabulary: t.vocabulary ?? 49_408, context: t.context ?? 77, width: t.width ?? 512,
      layers: t.layers ?? 12, heads: t.heads ?? 8, hidden: t.hidden ?? 2048)
    text.activation = t.activation ?? activation
    text.epsilon = t.epsilon ?? epsilon
    vision = ViTConfiguration(
      imageSize: v.imageSize ?? 224, patch: v.patch ?? 32, channels: v.channels ?? 3,
      width: v.width ?? 768, layers: v.layers ?? 12, heads: v.heads ?? 12,
      hidden: v.hidden ?? 3072, activation: v.activation ?? activation,
      epsilon: v.epsilon ?? epsilon)
    projection = try values.decodeIfPresent(Int.self, forKey: .projection) ?? 512

    // A caption is summarised at its largest id. That is where transformers looks too if the end is
    // the last id of the vocabulary, or 2, which old files say for the same.
    if let end = t.end, end != 2, end != text.vocabulary - 1 {
      throw DecodingError.dataCorruptedError(
        forKey: .textConfig, in: values,
        debugDescription: "captions end with the token \(end) (eos_token_id), but this CLIP looks "
          + "at the last of the vocabulary, \(text.vocabulary - 1)")
    }

    let sizes = [
      text.vocabulary, text.context, text.width, text.heads, text.hidden, text.layers &+ 1,
      vision.imageSize.rows, vision.patch, vision.channels, vision.width, vision.heads,
      vision.hidden, vision.layers &+ 1, projection,
    ]
    let isSound =
      sizes.allSatisfy { (1...1 << 30).contains($0) } && text.width % text.heads == 0
      && vision.width % vision.heads == 0 && vision.imageSize.rows % vision.patch == 0
    guard isSound else {
      throw DecodingError.dataCorruptedError(
        forKey: .projection, in: values,
        debugDescription: "sizes are above 0, heads divide widths and patches divide pictures")
    }
  }

  /// Writes the names that `init(from:)` reads.
  ///
  /// Throws what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(
      Tower(
        vocabulary: text.vocabulary, context: text.context, width: text.width,
        layers: text.layers, heads: text.heads, hidden: text.hidden,
        activation: text.activation, epsilon: text.epsilon), forKey: .textConfig)
    try values.encode(
      Tower(
        width: vision.width, layers: vision.layers, heads: vision.heads, hidden: vision.hidden,
        imageSize: vision.imageSize.rows, patch: vision.patch, channels: vision.channels,
        activation: vision.activation, epsilon: vision.epsilon), forKey: .visionConfig)
    try values.encode(projection, forKey: .projection)
  }
}

/// A text tower alone, for models that read captions with a CLIP's.
extension CLIPConfiguration.Text: Codable {
  /// Reads what `encode(to:)` writes.
  ///
  /// Throws a `DecodingError` if an entry is missing, has the wrong type or is impossible.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CLIPConfiguration.Tower.CodingKeys.self)
    func size(_ key: CLIPConfiguration.Tower.CodingKeys) throws -> Int {
      let value = try values.decode(Int.self, forKey: key)
      guard (1...1 << 30).contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values, debugDescription: "sizes are above 0, got \(value)")
      }
      return value
    }
    self.init(
      vocabulary: try size(.vocabulary), context: try size(.context), width: try size(.width),
      layers: try size(.layers), heads: try size(.heads), hidden: try size(.hidden))
    activation = try values.decodeIfPresent(Activation.self, forKey: .activation) ?? activation
    epsilon = try values.decodeIfPresent(Float.self, forKey: .epsilon) ?? epsilon
    guard width % heads == 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .heads, in: values, debugDescription: "\(heads) heads do not divide \(width)")
    }
  }

  /// Writes the names of Hugging Face's `config.json`.
  ///
  /// Throws what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    try CLIPConfiguration.Tower(
      vocabulary: vocabulary, context: context, width: width, layers: layers, heads: heads,
      hidden: hidden, activation: activation, epsilon: epsilon
    ).encode(to: encoder)
  }
}
