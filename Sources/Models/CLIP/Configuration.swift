import Checkpoints
import NeuralNetwork
import VisionTransformer

/// The sizes of a CLIP, under the names of Hugging Face's `config.json`.
public struct CLIPConfiguration: Equatable, Sendable {
  /// The sizes of the text tower.
  public struct Text: Equatable, Sendable {
    /// V, tokens of the vocabulary.
    public var vocabulary: Int
    /// T, the maximum number of tokens in a caption.
    public var context: Int
    /// D, width of the tokens.
    public var width: Int
    /// L, number of blocks.
    public var layers: Int
    /// h, attention heads of a block.
    public var heads: Int
    /// Width of the hidden layer of a feed-forward network.
    public var hidden: Int
    /// The function between the two layers of a feed-forward network.
    public var activation = Activation.quickGelu
    /// Added to the variance by layer norms.
    public var epsilon: Float = 1e-5

    /// Sizes of a text tower; `hidden` defaults to 4 D.
    public init(
      vocabulary: Int, context: Int, width: Int, layers: Int, heads: Int, hidden: Int? = nil
    ) {
      self.vocabulary = vocabulary
      self.context = context
      self.width = width
      self.layers = layers
      self.heads = heads
      self.hidden = hidden ?? 4 * width
    }

    /// The number of parameters of such a tower, as a `Double` because a config from elsewhere may
    /// claim more than an `Int` holds.
    public var parameterCount: Double {
      let (v, t, d, m) = (Double(vocabulary), Double(context), Double(width), Double(hidden))
      return (v + t) * d + Double(layers) * (4 * d * d + 2 * d * m + m + 9 * d) + 2 * d
    }
  }

  /// Sizes of the text tower.
  public var text: Text
  /// Sizes of the image tower.
  public var vision: ViTConfiguration
  /// E, width of the space that pictures and captions share.
  public var projection: Int

  /// Joins the sizes of two towers. Each tower's output is projected to `projection` values.
  public init(text: Text, vision: ViTConfiguration, projection: Int) {
    self.text = text
    self.vision = vision
    self.projection = projection
  }

  /// The number of parameters of such a model. A `Double`, because a config from elsewhere may
  /// claim more than an `Int` holds.
  public var parameterCount: Double {
    // A vision transformer with one more layer norm and no bias in its patch embedding.
    let visionTower = vision.parameterCount + Double(vision.width)
    let projections = Double(projection) * (Double(text.width) + Double(vision.width))
    return text.parameterCount + visionTower + projections + 1
  }

  /// openai/clip-vit-base-patch32 (CLIP's table 20): 151 million parameters.
  public static let base32 = CLIPConfiguration(
    text: Text(vocabulary: 49_408, context: 77, width: 512, layers: 12, heads: 8),
    vision: ViTConfiguration(
      imageSize: 224, patch: 32, width: 768, layers: 12, heads: 12, activation: .quickGelu,
      epsilon: 1e-5), projection: 512)
}
