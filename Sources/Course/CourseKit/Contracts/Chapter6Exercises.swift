import TensorCore

/// What chapter 6 asks for: sixteen bits, narrow matrices, and memory.
///
/// A function throws `NotAttempted` until it is written, and then whatever its author throws.
public protocol Chapter6Exercises: SendableMetatype {
  /// 6.1: whether a caption and a picture of this size pass the filters.
  static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool
  /// 6.2: the nearest number of a floating-point format.
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double
  /// 6.3: which resblocks overflow in each update → log₂ of their scales after each update.
  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]]
  /// 6.4: the bytes that a GPU needs for its share of a model.
  static func memory(parameters: Int, bytes: [Int], blocks: Int, gpus: Int) throws -> Int
  /// 6.5: gradients [m, n] of several machines and Q [n, r] → their mean approximately, [m, n], and
  /// the next Q.
  static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor)
  /// 6.6: gradients [T, n] → what is sent in each of T steps, k numbers of n.
  static func sent(_ gradients: Tensor, keeping k: Int) throws -> Tensor
}
