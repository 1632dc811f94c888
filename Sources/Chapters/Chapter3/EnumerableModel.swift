// A model with a hidden code that is small enough to write out every sum.

import Foundation
import TensorCore

/// A distribution of captions y, codes z and pictures x with a few values each, and a guess q(z |
/// x).
///
/// Everything that is intractable for real pictures is a short sum here, so the bound that a dVAE
/// maximises can be compared with the true value. All numbers are `Double`.
public struct EnumerableModel {
  /// p(y, z), [Y][K]
  public var joint: [[Double]]
  /// p(x | z), [K][X]
  public var likelihood: [[Double]]
  /// q(z | x), [X][K]
  public var guess: [[Double]]

  /// Random tables for the given numbers of captions, codes and pictures.
  public init(captions: Int, codes: Int, pictures: Int, using random: inout Random) {
    func distribution(_ count: Int) -> [Double] {
      let weights = (0..<count).map { _ in exp(2 * Double(random.uniform())) - 0.9 }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
    let flat = distribution(captions * codes)
    joint = (0..<captions).map { Array(flat[$0 * codes..<($0 + 1) * codes]) }
    likelihood = (0..<codes).map { _ in distribution(pictures) }
    guess = (0..<pictures).map { _ in distribution(codes) }
  }

  /// p(y, z) for a caption y, or p(z) without one, [K].
  public func prior(_ y: Int? = nil) -> [Double] {
    if let y { return joint[y] }
    return joint.dropFirst().reduce(joint[0]) { zip($0, $1).map(+) }
  }

  /// ln p(x), or ln p(x, y) with a caption: the logarithm of Σ_z p(y, z) p(x | z).
  public func logEvidence(_ x: Int, caption y: Int? = nil) -> Double {
    log(zip(prior(y), likelihood).reduce(0) { $0 + $1.0 * $1.1[x] })
  }

  /// p(z | x), or p(z | x, y) with a caption, [K]: the best q.
  public func posterior(_ x: Int, caption y: Int? = nil) -> [Double] {
    let evidence = exp(logEvidence(x, caption: y))
    return zip(prior(y), likelihood).map { $0 * $1[x] / evidence }
  }

  /// The evidence lower bound Σ_z q ln p(x | z) - β Σ_z q ln(q / p(y, z)) (DALL·E, eq. 1).
  public func bound(_ x: Int, caption y: Int? = nil, beta: Double = 1) -> Double {
    zip(guess[x], zip(prior(y), likelihood)).reduce(0) { sum, entry in
      let (q, (p, likelihood)) = entry
      return sum + (q > 0 ? q * (log(likelihood[x]) - beta * log(q / p)) : 0)
    }
  }

  /// The q(z | x) that is best for a bound with weight β: in proportion to
  /// p(z) · p(x | z)^(1/β). At β = 1 it is the posterior.
  public func bestGuess(_ x: Int, beta: Double) -> [Double] {
    let weights = zip(prior(), likelihood).map { $0 * pow($1[x], 1 / beta) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }
}

/// KL(q ‖ p) = Σ q ln(q / p) in nats, for two distributions over the same values.
public func divergence(_ q: [Double], _ p: [Double]) -> Double {
  zip(q, p).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) }
}
