import CourseKit
import Foundation
import TensorCore

/// Chapter 5: choosing among pictures, and judging them.
///
/// Letters: N pictures, E width of CLIP's space, K classes, D width of a feature.
public enum Reference5: Chapter5Exercises {
  /// 5.1 Reranking: the pictures that fit a caption best, by the cosine of their embeddings.
  ///
  /// pictures [N, E] and caption [E], of any length but 0 → the places of the k best pictures,
  /// the best first; of equal ones the one that comes first.
  public static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int] {
    // BEGIN SOLUTION 5.1
    let query = caption.reshaped(1, -1).normalized()  // [1, E]
    let cosines = matmul(pictures.normalized(), query, transposeB: true).scalars  // N
    let order = cosines.indices.sorted { (cosines[$0], $1) > (cosines[$1], $0) }
    return Array(order.prefix(k))
    // END SOLUTION
  }

  /// 5.2 The expected quality of the best of n, computed from M candidates.
  ///
  /// scores: M different numbers by which a candidate is chosen. qualities: M numbers that say how
  /// good each one is. → the mean quality of the candidate with the highest score, over all ways to
  /// draw n of the M without replacement. Every way counts, so draw nothing at random. Must stay
  /// finite for M = 2,000.
  public static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    // BEGIN SOLUTION 5.2
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    let m = scores.count
    var expected = 0.0
    var noneBefore = 1.0  // the chance that no better candidate was drawn
    for (rank, candidate) in order.enumerated() where rank <= m - n {
      let isDrawn = Double(n) / Double(m - rank)
      expected += noneBefore * isDrawn * qualities[candidate]
      noneBefore *= 1 - isDrawn
    }
    return expected
    // END SOLUTION
  }

  /// 5.3 The Fréchet distance between two clouds of features, as if both were normal:
  /// |μa - μb|² + Tr(Σa + Σb - 2 (Σa Σb)^½).
  ///
  /// a [n, D] and b [m, D] → ≥ 0. Σ is the covariance with the divisor n - 1.
  /// `traceOfSquareRoot(Σa, Σb)` gives Tr((Σa Σb)^½); it takes matrices as arrays of rows.
  public static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double {
    // BEGIN SOLUTION 5.3
    func moments(_ x: Tensor) -> (mean: [Double], covariance: [[Double]]) {
      let (n, d) = (x.shape[0], x.shape[1])
      let values = x.scalars.map(Double.init)
      let mean = (0..<d).map { j in (0..<n).reduce(0) { $0 + values[$1 * d + j] } / Double(n) }
      let covariance = (0..<d).map { i in
        (0..<d).map { j in
          (0..<n).reduce(0) {
            $0 + (values[$1 * d + i] - mean[i]) * (values[$1 * d + j] - mean[j])
          } / Double(n - 1)
        }
      }
      return (mean, covariance)
    }
    let (first, second) = (moments(a), moments(b))
    let apart = zip(first.mean, second.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let spread = first.mean.indices.reduce(0) {
      $0 + first.covariance[$1][$1] + second.covariance[$1][$1]
    }
    return max(0, apart + spread - 2 * traceOfSquareRoot(first.covariance, second.covariance))
    // END SOLUTION
  }

  /// 5.4 The Inception Score: are single pictures clear, and all of them diverse?
  ///
  /// probabilities [N, K], rows of sum 1 → the mean over `splits` equal parts, in their order, of
  /// exp(mean KL(p ‖ p̄)), where p̄ is the mean of a part's rows. Where p is 0 the term is 0.
  /// `splits` divides N.
  public static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    // BEGIN SOLUTION 5.4
    let k = probabilities.shape[1]
    let values = probabilities.scalars.map(Double.init)
    let size = probabilities.shape[0] / splits
    let scores = (0..<splits).map { split -> Double in
      let rows = (split * size..<(split + 1) * size).map { values[$0 * k..<($0 + 1) * k] }
      let mean = (0..<k).map { c in rows.reduce(0) { $0 + $1[$1.startIndex + c] } / Double(size) }
      let divergence = rows.reduce(0) { sum, row in
        sum + zip(row, mean).reduce(0) { $1.0 > 0 ? $0 + $1.0 * log($1.0 / $1.1) : $0 }
      }
      return exp(divergence / Double(size))
    }
    return scores.reduce(0, +) / Double(splits)
    // END SOLUTION
  }

  /// 5.5 Five judges vote on each comparison, and the majority wins.
  ///
  /// votes: for each comparison what each judge says, 0 for neither picture, 1, 2, … below `options`
  /// for a picture → the answer with the most votes; of several, the smallest. So a tie never counts
  /// for a picture against neither.
  public static func majority(_ votes: [[Int]], options: Int) throws -> [Int] {
    // BEGIN SOLUTION 5.5
    votes.map { ballot in
      var counts = [Int](repeating: 0, count: options)
      for vote in ballot { counts[vote] += 1 }
      return counts.firstIndex(of: counts.max() ?? 0) ?? 0
    }
    // END SOLUTION
  }

  /// 5.6 The hinge loss of a discriminator that also knows of captions.
  ///
  /// real, drawn and mismatched: scores [B] of real pictures with their captions, of drawn ones, and
  /// of real pictures with other captions → mean max(0, 1 - real) + ½ mean max(0, 1 + drawn)
  /// + ½ mean max(0, 1 + mismatched).
  public static func matchingLoss(
    real: Tensor, drawn: Tensor, mismatched: Tensor
  ) throws -> Double {
    // BEGIN SOLUTION 5.6
    func mean(_ terms: [Float]) -> Double {
      terms.reduce(0) { $0 + Double(max(0, $1)) } / Double(terms.count)
    }
    return mean(real.scalars.map { 1 - $0 })
      + (mean(drawn.scalars.map { 1 + $0 }) + mean(mismatched.scalars.map { 1 + $0 })) / 2
    // END SOLUTION
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
    // BEGIN SOLUTION 5.7
    // The gradient of D is (w, u) at every input.
    let squares = w.square().sum().item + u.square().sum().item  // ‖(w, u)‖²
    let rest = pow(squares, Float(p / 2 - 1))  // ‖(w, u)‖ᵖ⁻²
    let slope = k * Float(p) * rest
    return [Tensor(k * rest * squares), w * slope, u * slope]
    // END SOLUTION
  }
}
