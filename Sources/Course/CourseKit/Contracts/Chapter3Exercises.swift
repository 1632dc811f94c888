import TensorCore

/// What chapter 3 asks for: the bound, its terms, and codes that are drawn.
///
/// A function throws `NotAttempted` until it is written, and then whatever its author throws.
public protocol Chapter3Exercises: SendableMetatype {
  /// 3.1: p(z) [K], p(x | z) [K] and q(z | x) [K] → the evidence lower bound in nats.
  static func bound(
    prior: [Double], likelihood: [Double], guess: [Double], beta: Double
  ) throws -> Double
  /// 3.2: logits [..., K] → KL(softmax ‖ uniform) [...].
  static func divergence(_ logits: Tensor) throws -> Tensor
  /// 3.3: logits [B, K] and uniform numbers [B, K] → codes [B].
  static func gumbelMax(_ logits: Tensor, uniform: Tensor) throws -> IndexTensor
  /// 3.4: logits [B, K] and uniform numbers [B, K] → soft codes [B, K].
  static func gumbelSoftmax(
    _ logits: Tensor, uniform: Tensor, temperature: Float
  ) throws -> Tensor
  /// 3.4: the temperature at a step.
  static func temperature(
    at step: Int, of steps: Int, from start: Double, to end: Double
  ) throws -> Double
  /// 3.5: x in (0, 1), μ and ln b, all of one shape → ln f(x | μ, b) of that shape.
  static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor
  /// 3.6: 0 … 1 → 0.1 … 0.9.
  static func mapPixels(_ x: Tensor) throws -> Tensor
  /// 3.6: 0.1 … 0.9 → 0 … 1.
  static func unmapPixels(_ x: Tensor) throws -> Tensor
  /// 3.7: codes below K → the perplexity of their use, 1 … K.
  static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double
  /// 3.8: ln p(x | z) [B, H, W, C] and KL [B, h, w] → the loss [].
  static func boundLoss(_ logDensity: Tensor, divergence: Tensor, beta: Float) throws -> Tensor
}
