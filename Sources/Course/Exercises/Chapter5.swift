// Your room: write between BEGIN YOUR CODE and END YOUR CODE, in place of the `throw`.
// `make grade EX=5.1` grades, `make hint EX=5.1` helps, and
// chapters/exercises.md says how it all works.

import CourseKit
import Foundation
import TensorCore

/// Chapter 5: choosing among pictures, and judging them.
///
/// Letters: N pictures, E width of CLIP's space, K classes, D width of a feature.
public enum YourChapter5: Chapter5Exercises {
  /// 5.1 Reranking: the pictures that fit a caption best, by the cosine of their embeddings.
  ///
  /// pictures [N, E] and caption [E], of any length but 0 → the places of the k best pictures,
  /// the best first; of equal ones the one that comes first.
  public static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int] {
    // BEGIN YOUR CODE 5.1
    throw NotAttempted("5.1")
    // END YOUR CODE
  }

  /// 5.2 The expected quality of the best of n, computed from M candidates.
  ///
  /// scores: M different numbers by which a candidate is chosen. qualities: M numbers that say how
  /// good each one is. → the mean quality of the candidate with the highest score, over all ways to
  /// draw n of the M without replacement. Every way counts, so draw nothing at random. Must stay
  /// finite for M = 2,000.
  public static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    // BEGIN YOUR CODE 5.2
    throw NotAttempted("5.2")
    // END YOUR CODE
  }

  /// 5.3 The Fréchet distance between two clouds of features, as if both were normal:
  /// |μa - μb|² + Tr(Σa + Σb - 2 (Σa Σb)^½).
  ///
  /// a [n, D] and b [m, D] → ≥ 0. Σ is the covariance with the divisor n - 1.
  /// `traceOfSquareRoot(Σa, Σb)` gives Tr((Σa Σb)^½); it takes matrices as arrays of rows.
  public static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double {
    // BEGIN YOUR CODE 5.3
    throw NotAttempted("5.3")
    // END YOUR CODE
  }

  /// 5.4 The Inception Score: are single pictures clear, and all of them diverse?
  ///
  /// probabilities [N, K], rows of sum 1 → the mean over `splits` equal parts, in their order, of
  /// exp(mean KL(p ‖ p̄)), where p̄ is the mean of a part's rows. Where p is 0 the term is 0.
  /// `splits` divides N.
  public static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    // BEGIN YOUR CODE 5.4
    throw NotAttempted("5.4")
    // END YOUR CODE
  }

  /// 5.5 Five judges vote on each comparison, and the majority wins.
  ///
  /// votes: for each comparison what each judge says, 0 for neither picture, 1, 2, … below `options`
  /// for a picture → the answer with the most votes; of several, the smallest. So a tie never counts
  /// for a picture against neither.
  public static func majority(_ votes: [[Int]], options: Int) throws -> [Int] {
    // BEGIN YOUR CODE 5.5
    throw NotAttempted("5.5")
    // END YOUR CODE
  }

  /// 5.6 The hinge loss of a discriminator that also knows of captions.
  ///
  /// real, drawn and mismatched: scores [B] of real pictures with their captions, of drawn ones, and
  /// of real pictures with other captions → mean max(0, 1 - real) + ½ mean max(0, 1 + drawn)
  /// + ½ mean max(0, 1 + mismatched).
  public static func matchingLoss(
    real: Tensor, drawn: Tensor, mismatched: Tensor
  ) throws -> Double {
    // BEGIN YOUR CODE 5.6
    throw NotAttempted("5.6")
    // END YOUR CODE
  }

  /// 5.7 The gradient penalty of a discriminator that is linear, D(x, s) = w·x + u·s + c, and the
  /// penalty's own gradient.
  ///
  /// w [n] for pictures x and u [m] for sentences s, not all of them 0; k > 0 and an even p ≥ 2 →
  /// three tensors: the penalty k · ‖(∇ₓD, ∇ₛD)‖ᵖ as [], its gradient with respect to w, [n], and
  /// with respect to u, [m].
  public static func gradientPenalty(
    w: Tensor, u: Tensor, weight k: Float, power p: Int
  ) throws -> [Tensor] {
    // BEGIN YOUR CODE 5.7
    throw NotAttempted("5.7")
    // END YOUR CODE
  }
}
