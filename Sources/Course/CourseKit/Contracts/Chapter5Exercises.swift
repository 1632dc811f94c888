import TensorCore

/// What chapter 5 asks for: choosing among pictures, and judging them.
///
/// A function throws `NotAttempted` until it is written, and then whatever its author throws.
public protocol Chapter5Exercises: SendableMetatype {
  /// 5.1: pictures [N, E] and a caption [E] → the places of the best k pictures.
  static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int]
  /// 5.2: the expected quality of the best of n, chosen by score.
  static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double
  /// 5.3: features [n, D] and [m, D] → their Fréchet distance.
  static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double
  /// 5.4: class probabilities [N, K] → the Inception Score.
  static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double
  /// 5.5: the answers to each comparison, 0 for neither → the majority's of each.
  static func majority(_ votes: [[Int]], options: Int) throws -> [Int]
  /// 5.6: scores [B] of three kinds of pairs → the discriminator's hinge loss.
  static func matchingLoss(real: Tensor, drawn: Tensor, mismatched: Tensor) throws -> Double
  /// 5.7: a linear discriminator's weights → its gradient penalty, and that penalty's gradients.
  static func gradientPenalty(w: Tensor, u: Tensor, weight k: Float, power p: Int) throws
    -> [Tensor]
}
