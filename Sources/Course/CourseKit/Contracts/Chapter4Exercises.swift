import TensorCore

/// The keys and values that a decoder has seen so far.
public struct KeyValueCache: Sendable {
  /// [B, t, D]; nil before the first token.
  public var keys: Tensor?
  /// [B, t, D]; nil before the first token.
  public var values: Tensor?

  /// An empty cache.
  public init() {}
}

/// What chapter 4 asks for: the transformer's input, its masks, its loss, and drawing from it.
///
/// A function throws `NotAttempted` until it is written, and then whatever its author throws.
public protocol Chapter4Exercises: SendableMetatype {
  /// 4.1: captions → ids [B, T], with a padding token of its own for each place.
  static func pad(_ captions: [[Int32]], length: Int, vocabulary: Int) throws -> IndexTensor
  /// 4.2: which token may attend to which [S, S], S = T + n², in a row layer.
  static func rowMask(text: Int, grid: Int) throws -> Mask
  /// 4.3: the same in a column layer.
  static func columnMask(text: Int, grid: Int) throws -> Mask
  /// 4.4: the same in a convolutional layer.
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask
  /// 4.5: logits [B, S, V] and tokens [B, S + 1] → the loss [].
  static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor
  /// 4.6: query, key and value [B, D] of the newest token → its attention [B, D].
  static func attentionStep(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: inout KeyValueCache, heads: Int
  ) throws -> Tensor
  /// 4.7: logits [B, V] → the same with -∞ for all but the largest.
  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor
  /// 4.8: logits [B, V] → the same with -∞ outside the nucleus.
  static func topP(_ logits: Tensor, p: Double) throws -> Tensor
  /// 4.9: logits with and without caption [B, V] → guided logits [B, V].
  static func guide(
    conditioned: Tensor, unconditioned: Tensor, scale: Float
  ) throws -> Tensor
  /// 4.10: the upper rows of a picture → all n² codes, the rest of them drawn.
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32]
}
