// Best of N: many candidates are drawn, and a score decides which are shown (DALL·E §2.6, where the
// score is CLIP's and N is 512).

/// Candidates in the order of their scores, and the value of choosing among them.
///
///     let ranking = Ranking(scores)              // of N candidates
///     ranking.best(3)                            // the indices of the three best
///     ranking.expected(isRight, bestOf: 8)       // the probability that the best of 8 is right
public struct Ranking: Equatable, Sendable {
  /// The indices of all candidates, the best first; of equal scores the smaller index first.
  public let order: [Int]

  /// The ranking of candidates by their scores, none of which may be NaN.
  public init(_ scores: [Float]) {
    precondition(!scores.isEmpty, "there are no candidates to choose from")
    precondition(!scores.contains { $0.isNaN }, "a score is NaN: \(scores)")
    order = scores.indices.sorted { a, b in
      scores[a] != scores[b] ? scores[a] > scores[b] : a < b
    }
  }

  /// The indices of the k best candidates, the best first.
  public func best(_ k: Int) -> [Int] {
    precondition((1...order.count).contains(k), "cannot choose \(k) of \(order.count) candidates")
    return Array(order.prefix(k))
  }

  /// The mean quality of the best-ranked of n candidates, over all ways to draw n of the N.
  ///
  /// All N candidates contribute to the estimate, so its variance is much smaller than that of the
  /// best of the first n, with the same mean. `quality` has a value for each candidate. The
  /// candidate of rank r, from 0, is the best of those drawn with probability C(N - 1 - r, n - 1) /
  /// C(N, n).
  public func expected(_ quality: [Double], bestOf n: Int) -> Double {
    let count = order.count
    precondition(
      quality.count == count && (1...count).contains(n),
      "\(quality.count) qualities, best of \(n): there are \(count) candidates")
    // Each probability from the one before, by a factor of 1 or less: nothing overflows.
    var probability = Double(n) / Double(count)
    var sum = 0.0
    for (rank, candidate) in order.prefix(count - n + 1).enumerated() {
      sum += probability * quality[candidate]
      probability *= Double(count - n - rank) / Double(max(1, count - 1 - rank))
    }
    return sum
  }

  /// The probability that at least one of n candidates is right, when they are drawn from `count`
  /// candidates of which `right` are right. A choice that is never wrong would reach it.
  /// 1 - C(N - c, n) / C(N, n), the unbiased estimate of Chen et al., "Evaluating large language
  /// models trained on code" (2021), §2.1.
  public static func chanceOfAny(right: Int, among count: Int, drawn n: Int) -> Double {
    precondition(
      (0...count).contains(right) && (1...count).contains(n),
      "cannot draw \(n) of \(count) candidates of which \(right) are right")
    let none = (0..<n).reduce(1.0) { $0 * Double(max(0, count - right - $1)) / Double(count - $1) }
    return 1 - none
  }
}
