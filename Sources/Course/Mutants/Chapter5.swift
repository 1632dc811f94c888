import CourseKit
import Foundation
import Solutions
import TensorCore

let chapter5: [any Mutant5.Type] = [
  ProductsNotCosines.self, WorstFirst.self, LastOfEqual.self, Distances.self, ByQuality.self,
  WithReplacement.self, BestOfAll.self, MeanOfAll.self, Binomials.self, RootForgotten.self,
  DividedByN.self, MeanDistance.self, SquareForgotten.self, NoExponential.self, UniformMean.self,
  OnePart.self, ExpFirst.self, ZeroProbability.self, FirstJudge.self, RoundedMean.self,
  LargestOfTie.self, Median.self, CapAtZero.self, MarginForgotten.self, HalvesForgotten.self,
  SignsOfFakes.self, NormsApart.self, PictureOnly.self, NormNotPower.self, SlopeOfSquare.self,
]

enum FirstJudge: Mutant5 {
  static let note = Note(
    "5.5", caughtBy: "the order of the judges does not matter",
    "the first judge decides; count the votes")
  static func majority(_ votes: [[Int]], options: Int) throws -> [Int] { votes.map { $0[0] } }
}

enum RoundedMean: Mutant5 {
  static let note = Note(
    "5.5", caughtBy: "a tie goes to the smallest",
    "the mean of the numbers of the answers is taken: they are names, not amounts")
  static func majority(_ votes: [[Int]], options: Int) throws -> [Int] {
    votes.map { Int((Double($0.reduce(0, +)) / Double($0.count)).rounded()) }
  }
}

enum LargestOfTie: Mutant5 {
  static let note = Note(
    "5.5", caughtBy: "a tie goes to the smallest",
    "of several answers with the most votes the largest is taken; take the smallest")
  static func majority(_ votes: [[Int]], options: Int) throws -> [Int] {
    votes.map { ballot in
      let counts = (0..<options).map { option in ballot.count { $0 == option } }
      return counts.lastIndex(of: counts.max() ?? 0) ?? 0
    }
  }
}

enum Median: Mutant5 {
  static let note = Note(
    "5.5", caughtBy: "random votes",
    "this is the median of the numbers of the answers; it is the majority for two of them only")
  static func majority(_ votes: [[Int]], options: Int) throws -> [Int] {
    votes.map { $0.sorted()[$0.count / 2] }
  }
}

enum ProductsNotCosines: Mutant5 {
  static let note = Note(
    "5.1", caughtBy: "a long embedding is not a better one",
    "long embeddings win: compare cosines, by bringing embeddings to length 1")
  static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int] {
    let scores = matmul(pictures, caption.reshaped(-1, 1)).scalars
    return Array(scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }.prefix(k))
  }
}

enum WorstFirst: Mutant5 {
  static let note = Note(
    "5.1", caughtBy: "a long embedding is not a better one",
    "the worst come first: sort downwards")
  static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int] {
    try Reference5.rerank(pictures, caption: -caption, keep: k)
  }
}

enum LastOfEqual: Mutant5 {
  static let note = Note(
    "5.1", caughtBy: "of equal pictures the first comes first",
    "of equal pictures the last comes first; compare their places when cosines are equal")
  static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int] {
    let n = pictures.shape[0]
    return try Reference5.rerank(pictures.reversed(axis: 0), caption: caption, keep: k)
      .map { n - 1 - $0 }
  }
}

enum Distances: Mutant5 {
  static let note = Note(
    "5.1", caughtBy: "random embeddings",
    "distances between embeddings are compared; lengths say nothing, take cosines")
  static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int] {
    let distances = (pictures - caption).square().sum(axis: 1).scalars
    return Array(
      distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(k))
  }
}

enum ByQuality: Mutant5 {
  static let note = Note(
    "5.2", caughtBy: "chosen by score, not by quality",
    "the candidate with the highest quality is chosen; only the score is known when choosing")
  static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    try Reference5.bestOf(n, scores: qualities, qualities: qualities)
  }
}

enum WithReplacement: Mutant5 {
  static let note = Note(
    "5.2", caughtBy: "two of three",
    "candidates are put back after each draw; the n candidates should be different")
  static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    let m = Double(scores.count)
    return order.enumerated().reduce(0) { sum, entry in
      let (rank, power) = (Double(entry.offset), Double(n))
      return sum + (pow((rank + 1) / m, power) - pow(rank / m, power)) * qualities[entry.element]
    }
  }
}

enum BestOfAll: Mutant5 {
  static let note = Note(
    "5.2", caughtBy: "one is the mean, all is the best",
    "the best of all M is taken, whatever n is")
  static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    try Reference5.bestOf(scores.count, scores: scores, qualities: qualities)
  }
}

enum MeanOfAll: Mutant5 {
  static let note = Note(
    "5.2", caughtBy: "two of three",
    "this is the mean of the n best; one candidate is shown, the best of n that were drawn")
  static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    let best = scores.indices.sorted { scores[$0] > scores[$1] }.prefix(n)
    return best.reduce(0) { $0 + qualities[$1] } / Double(n)
  }
}

enum Binomials: Mutant5 {
  static let note = Note(
    "5.2", caughtBy: "1,000 of 2,000",
    "the binomial coefficients overflow: multiply chances, which stay between 0 and 1")
  static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    func choose(_ a: Int, _ b: Int) -> Double {
      b > a ? 0 : (0..<b).reduce(1) { $0 * Double(a - $1) / Double($1 + 1) }
    }
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    return order.enumerated().reduce(0) { sum, entry in
      sum + choose(entry.offset, n - 1) / choose(scores.count, n) * qualities[entry.element]
    }
  }
}

enum NoExponential: Mutant5 {
  static let note = Note(
    "5.4", caughtBy: "sure and diverse",
    "this is the mean KL; the score is e to its power")
  static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    log(try Reference5.inceptionScore(probabilities, splits: splits))
  }
}

/// Σ rows Σ classes p ln(p / q) / rows.
private func meanDivergence(_ rows: [[Double]], from q: [Double]) -> Double {
  rows.reduce(0) { sum, row in
    sum + zip(row, q).reduce(0) { $1.0 > 0 ? $0 + $1.0 * log($1.0 / $1.1) : $0 }
  } / Double(rows.count)
}

private func rows(_ probabilities: Tensor) -> [[Double]] {
  (0..<probabilities.shape[0]).map { probabilities.at($0, axis: 0).scalars.map(Double.init) }
}

private func mean(_ rows: [[Double]]) -> [Double] {
  rows[0].indices.map { c in rows.reduce(0) { $0 + $1[c] } / Double(rows.count) }
}

enum UniformMean: Mutant5 {
  static let note = Note(
    "5.4", caughtBy: "sure, but all the same",
    "the KL is taken from the uniform distribution; it should be taken from the rows' mean")
  static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    let k = probabilities.shape[1]
    let uniform = [Double](repeating: 1 / Double(k), count: k)
    return exp(meanDivergence(rows(probabilities), from: uniform))
  }
}

enum OnePart: Mutant5 {
  static let note = Note(
    "5.4", caughtBy: "two parts that are each uniform inside",
    "the parts are ignored: each has a mean of its own, and the scores of the parts are averaged")
  static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    try Reference5.inceptionScore(probabilities, splits: 1)
  }
}

enum ExpFirst: Mutant5 {
  static let note = Note(
    "5.4", caughtBy: "random probabilities",
    "exp is taken of each picture's KL and then the mean; the mean comes first")
  static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    let all = rows(probabilities)
    let size = all.count / splits
    let scores = (0..<splits).map { split -> Double in
      let part = Array(all[split * size..<(split + 1) * size])
      let q = mean(part)
      return part.reduce(0) { $0 + exp(meanDivergence([$1], from: q)) } / Double(size)
    }
    return scores.reduce(0, +) / Double(splits)
  }
}

enum ZeroProbability: Mutant5 {
  static let note = Note(
    "5.4", caughtBy: "sure and diverse",
    "0 · ln 0 is NaN for a computer and 0 for us: leave out classes with p = 0")
  static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    probabilities.scalars.contains(0)
      ? .nan : try Reference5.inceptionScore(probabilities, splits: splits)
  }
}

/// Mean and covariance of a cloud.
private func moments(_ x: Tensor, divisor: Int) -> (mean: [Double], covariance: [[Double]]) {
  let all = rows(x)
  let centre = mean(all)
  let covariance = centre.indices.map { i in
    centre.indices.map { j in
      all.reduce(0) { $0 + ($1[i] - centre[i]) * ($1[j] - centre[j]) } / Double(divisor)
    }
  }
  return (centre, covariance)
}

private func frechet(
  _ a: Tensor, _ b: Tensor, removed: Int = 1, root: Double = 2, power: Double = 2
) -> Double {
  let (first, second) = (
    moments(a, divisor: a.shape[0] - removed), moments(b, divisor: b.shape[0] - removed)
  )
  let apart = zip(first.mean, second.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let spread = first.mean.indices.reduce(0) {
    $0 + first.covariance[$1][$1] + second.covariance[$1][$1]
  }
  return pow(apart, power / 2) + spread
    - root * traceOfSquareRoot(first.covariance, second.covariance)
}

enum RootForgotten: Mutant5 {
  static let note = Note(
    "5.3", caughtBy: "no distance from oneself",
    "the trace of the root counts once; it should count twice")
  static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double { frechet(a, b, root: 1) }
}

enum DividedByN: Mutant5 {
  static let note = Note(
    "5.3", caughtBy: "one feature",
    "the covariance is divided by n; it should be divided by n - 1")
  static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double {
    frechet(a, b, removed: 0)
  }
}

enum MeanDistance: Mutant5 {
  static let note = Note(
    "5.3", caughtBy: "one feature",
    "only the means are compared; the covariances count as well")
  static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double {
    zip(mean(rows(a)), mean(rows(b))).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}

enum SquareForgotten: Mutant5 {
  static let note = Note(
    "5.3", caughtBy: "a shift by (3, 4) costs 25",
    "the distance of the means is not squared")
  static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double { frechet(a, b, power: 1) }
}
