import CourseKit
import Foundation
import TensorCore

/// Right answers that differ from the solutions'.
enum Alternative5: Chapter5Exercises {
  static func majority(_ votes: [[Int]], options: Int) throws -> [Int] {
    votes.map { ballot in
      var (winner, most) = (0, -1)
      for option in 0..<options {
        let count = ballot.filter { $0 == option }.count
        if count > most { (winner, most) = (option, count) }
      }
      return winner
    }
  }

  static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int] {
    let (n, e) = (pictures.shape[0], pictures.shape[1])
    let scores = (0..<n).map { i -> Double in
      let row = (0..<e).map { Double(pictures[i, $0]) }
      let product = (0..<e).reduce(0.0) { $0 + row[$1] * Double(caption[$1]) }
      return product / row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    var left = Array(0..<n)
    var best: [Int] = []
    while best.count < k,
      let next = left.max(by: { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 > $1) })
    {
      best.append(next)
      left.removeAll { $0 == next }
    }
    return best
  }

  static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    // From the worst up, with the logarithms of binomials.
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    func logChoose(_ a: Int, _ b: Int) -> Double {
      lgamma(Double(a + 1)) - lgamma(Double(b + 1)) - lgamma(Double(a - b + 1))
    }
    let all = logChoose(order.count, n)
    return order.enumerated().reduce(0) { sum, entry in
      entry.offset < n - 1
        ? sum : sum + exp(logChoose(entry.offset, n - 1) - all) * qualities[entry.element]
    }
  }

  static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    let size = probabilities.shape[0] / splits
    var total = 0.0
    for split in 0..<splits {
      let part = probabilities.sliced(axis: 0, split * size..<(split + 1) * size)
      let mean = part.mean(axis: 0)  // [K]
      // The entropy of the mean less the mean of the entropies.
      func entropy(_ p: [Float]) -> Double {
        p.reduce(0) { $1 > 0 ? $0 - Double($1) * log(Double($1)) : $0 }
      }
      total += exp(entropy(mean.scalars) - entropy(part.scalars) / Double(size))
    }
    return total / Double(splits)
  }

  static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double {
    func covariance(_ x: Tensor) -> [[Double]] {
      let (n, d) = (x.shape[0], x.shape[1])
      let centred = x - x.mean(axis: 0, keepingAxis: true)
      let products = matmul(centred, centred, transposeA: true) / Float(n - 1)
      return (0..<d).map { i in (0..<d).map { Double(products[i, $0]) } }
    }
    let (first, second) = (covariance(a), covariance(b))
    let apart = (a.mean(axis: 0) - b.mean(axis: 0)).square().sum().item
    let spread = first.indices.reduce(0) { $0 + first[$1][$1] + second[$1][$1] }
    return Double(apart) + spread - 2 * traceOfSquareRoot(first, second)
  }

  static func matchingLoss(real: Tensor, drawn: Tensor, mismatched: Tensor) throws -> Double {
    let others = concatenate([drawn, mismatched], axis: 0)  // [2B], of equal numbers
    return Double(((1 - real).relu().mean() + (others + 1).relu().mean()).item)
  }

  static func gradientPenalty(w: Tensor, u: Tensor, weight k: Float, power p: Int) throws
    -> [Tensor]
  {
    // By automatic differentiation.
    let (w, u) = (w.detached.requiringGradient(), u.detached.requiringGradient())
    let squares = w.square().sum() + u.square().sum()
    var penalty = squares * k
    for _ in 1..<max(1, p / 2) { penalty = penalty * squares }
    penalty.backward()
    return [penalty.detached, w.gradient ?? .zeros(w.shape), u.gradient ?? .zeros(u.shape)]
  }
}
