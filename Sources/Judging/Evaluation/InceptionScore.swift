// How clear and how varied pictures are, according to a classifier.

import Foundation
import TensorCore

/// The Inception Score of some pictures, from 1, the worst, to the number of classes, the best.
public struct InceptionScore: Equatable, Sendable {
  /// The score of each split.
  public let splits: [Double]

  /// The mean over splits.
  public var mean: Double { splits.reduce(0, +) / Double(splits.count) }

  /// The standard deviation over splits, with divisor n, as the score is usually quoted.
  public var deviation: Double {
    let squares = splits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(splits.count)).squareRoot()
  }

  /// The score e^(mean KL(p(y|x) ‖ p(y))) of pictures with class probabilities [N, C], for each of
  /// `splits` consecutive parts of the pictures (Salimans et al., "Improved techniques for training
  /// GANs", 2016, §4).
  ///
  /// Throws an `EvaluationError` if there are fewer pictures than splits, or if a probability is
  /// not finite.
  public init(_ probabilities: Tensor, splits: Int = 1) throws(EvaluationError) {
    precondition(
      probabilities.rank == 2 && probabilities.shape[1] > 0 && splits > 0,
      "probabilities are [N, C] for 1 or more splits, got \(probabilities.shape) and \(splits)")
    let (n, c) = (probabilities.shape[0], probabilities.shape[1])
    guard n >= splits else {
      throw .tooFewPictures(
        measure: "an Inception Score of \(splits) splits", pictures: n, needed: splits)
    }
    let p = try probabilities.finiteDoubles("class probabilities")  // [N, C]
    for i in 0..<n {
      let sum = p[i * c..<(i + 1) * c].reduce(0, +)
      precondition(abs(sum - 1) < 1e-3, "the probabilities of picture \(i) have the sum \(sum)")
    }
    self.splits = (0..<splits).map { split in
      Self.score(Array(p[split * n / splits * c..<(split + 1) * n / splits * c]), classes: c)
    }
  }

  /// The score of probabilities [n, C].
  private static func score(_ p: [Double], classes c: Int) -> Double {
    let n = Double(p.count / c)
    var marginal = [Double](repeating: 0, count: c)  // p(y)
    for (i, p) in p.enumerated() { marginal[i % c] += p / n }
    let divergence = p.enumerated().reduce(0.0) { sum, entry in
      let (i, p) = entry
      return p > 0 ? sum + p * log(p / marginal[i % c]) : sum
    }
    return exp(divergence / n)
  }
}
