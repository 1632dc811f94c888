import CourseKit
import Foundation
import TensorCore

/// Chapter 3: the bound, its terms, and codes that are drawn.
///
/// Letters: B places of a picture's grid, K codes of the codebook, x a picture, z a code.
public enum Reference3: Chapter3Exercises {
  /// 3.1 The evidence lower bound of a model so small that every sum can be written out.
  ///
  /// prior p(z), likelihood p(x | z) and guess q(z | x), each with K numbers, for one picture x →
  /// Σ q(z | x) · (ln p(x | z) - β · ln (q(z | x) / p(z))) in nats. Where q is 0 the term is 0.
  public static func bound(
    prior: [Double], likelihood: [Double], guess: [Double], beta: Double
  ) throws -> Double {
    // BEGIN SOLUTION 3.1
    var sum = 0.0
    for (z, q) in guess.enumerated() where q > 0 {
      sum += q * (log(likelihood[z]) - beta * log(q / prior[z]))
    }
    return sum
    // END SOLUTION
  }

  /// 3.2 How far q = softmax(logits) is from the uniform distribution over K codes.
  ///
  /// logits [..., K] → [...]: Σ q (ln q + ln K), from 0 to ln K nats. Must stay finite for
  /// logits as far apart as 200, and be made of tensor operations, so that the gradient flows.
  public static func divergence(_ logits: Tensor) throws -> Tensor {
    // BEGIN SOLUTION 3.2
    let logK = log(Float(logits.shape[logits.rank - 1]))
    let logQ = logits.logSoftmax()  // [..., K]
    return (logQ.exp() * (logQ + logK)).sum(axis: -1)
    // END SOLUTION
  }

  /// 3.3 Draws codes from softmax(logits) without computing it: Gumbel-max.
  ///
  /// logits [B, K] and u [B, K], uniform in (0, 1) → [B]: the place of the largest
  /// logit + g, with g = -ln(-ln u).
  public static func gumbelMax(_ logits: Tensor, uniform u: Tensor) throws -> IndexTensor {
    // BEGIN SOLUTION 3.3
    let noise = -(-u.log()).log()  // [B, K]
    return (logits + noise).argmax(axis: 1)
    // END SOLUTION
  }

  /// 3.4 The same with a softmax in place of the maximum: a soft code that has a gradient.
  ///
  /// logits [B, K] and u [B, K], uniform in (0, 1) → softmax((logits + g) / τ) [B, K], with
  /// g = -ln(-ln u). Must be made of tensor operations, so that the gradient flows.
  public static func gumbelSoftmax(
    _ logits: Tensor, uniform u: Tensor, temperature: Float
  ) throws -> Tensor {
    // BEGIN SOLUTION 3.4
    let noise = -(-u.log()).log()  // [B, K]
    return ((logits + noise) / temperature).softmax(axis: 1)
    // END SOLUTION
  }

  /// 3.4 The temperature at step 0, 1, …: from `start` to `end` along half a cosine over `steps`
  /// steps, then `end`.
  public static func temperature(
    at step: Int, of steps: Int, from start: Double, to end: Double
  ) throws -> Double {
    // BEGIN SOLUTION 3.4
    let progress = min(1, Double(step) / Double(steps))
    return end + (start - end) * (1 + cos(.pi * progress)) / 2
    // END SOLUTION
  }

  /// 3.5 The logarithm of the logit-Laplace density of x in (0, 1).
  ///
  /// x, mean μ and logScale ln b, all of one shape → of that shape:
  /// -ln 2 - ln b - ln x - ln(1 - x) - |logit x - μ| / b. Must be made of tensor operations, so
  /// that the gradient flows to μ and ln b.
  public static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor {
    // BEGIN SOLUTION 3.5
    let distance = (x.logit() - mean).abs() / logScale.exp()
    let normaliser = logScale + x.log() + (1 - x).log() + log(Float(2))
    return -(normaliser + distance)
    // END SOLUTION
  }

  /// 3.6 Squeezes pixels from 0 … 1 to 0.1 … 0.9, of any shape.
  public static func mapPixels(_ x: Tensor) throws -> Tensor {
    // BEGIN SOLUTION 3.6
    x * 0.8 + 0.1
    // END SOLUTION
  }

  /// 3.6 The inverse, of any shape: results outside 0 … 1 are cut off.
  public static func unmapPixels(_ x: Tensor) throws -> Tensor {
    // BEGIN SOLUTION 3.6
    ((x - 0.1) / 0.8).clamped(0, 1)
    // END SOLUTION
  }

  /// 3.7 The perplexity of a codebook's use: e to the entropy of how often codes are used.
  ///
  /// codes, each below K = vocabulary, at least one → 1 … K. A code that is never used adds
  /// nothing.
  public static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double {
    // BEGIN SOLUTION 3.7
    var counts = [Int](repeating: 0, count: vocabulary)
    for code in codes { counts[code] += 1 }
    let shares = counts.filter { $0 > 0 }.map { Double($0) / Double(codes.count) }
    return exp(-shares.reduce(0) { $0 + $1 * log($1) })
    // END SOLUTION
  }

  /// 3.8 The loss of a dVAE: the negative bound with β, per number of a picture (appendix A.2).
  ///
  /// logDensity [B, H, W, C], ln p(x | z) of every number of every picture; divergence [B, h, w],
  /// KL(q ‖ uniform) of every place → [], the mean over pictures of -Σ ln p + β Σ KL, divided by
  /// H·W·C.
  public static func boundLoss(
    _ logDensity: Tensor, divergence: Tensor, beta: Float
  ) throws -> Tensor {
    // BEGIN SOLUTION 3.8
    let values = Float(logDensity.count / logDensity.shape[0])  // H·W·C
    let reconstruction = logDensity.sum(axes: [1, 2, 3]) * -1  // [B]
    let divergences = divergence.sum(axes: [1, 2])  // [B]
    return (reconstruction + divergences * beta).mean() / values
    // END SOLUTION
  }
}
