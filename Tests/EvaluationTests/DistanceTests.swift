import Foundation
import TensorCore
import TestSupport
import Testing

@testable import Evaluation

@Suite struct FeatureStatisticsTests {
  @Test func `parts of any size give the same statistics as all features at once`() throws {
    var random = Random(seed: 1)
    let features = Tensor.normal([50, 7], mean: 3, &random)
    let all = try FeatureStatistics(features)
    var parts = FeatureStatistics(width: 7)
    var rest = FeatureStatistics(width: 7)
    for range in [0..<1, 1..<1, 1..<20] { try parts.add(features.sliced(axis: 0, range)) }
    try rest.add(features.sliced(axis: 0, 20..<50))
    parts.add(rest)
    #expect(parts.count == 50)
    #expect(zip(parts.mean, all.mean).allSatisfy { abs($0 - $1) < 1e-12 })
    let (got, want) = (try parts.covariance, try all.covariance)
    #expect(zip(got, want).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func `a large mean does not spoil the covariance`() throws {
    // Float32 holds these numbers exactly; the variance of 0, 1, 2 is 1.
    let features = Tensor([[1_000_000], [1_000_001], [1_000_002]])
    #expect(try FeatureStatistics(features).covariance == [1])
  }

  @Test func `a single feature has no covariance, and NaN is refused`() throws {
    let one = try FeatureStatistics(Tensor([[1, 2]]))
    #expect(throws: EvaluationError.tooFewPictures(measure: "a covariance", pictures: 1, needed: 2))
    { try one.covariance }
    var statistics = FeatureStatistics(width: 2)
    #expect(throws: EvaluationError.nonFinite(what: "features", place: 1)) {
      try statistics.add(Tensor([[0, .nan], [.infinity, 1]]))
    }
    #expect(statistics.count == 0)
  }

  @Test func `features of another width violate a precondition`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var statistics = FeatureStatistics(width: 3)
      try statistics.add(Tensor([[1, 2], [3, 4]]))
    }
    #expect(lastWords(result).contains("features: expected shape [any, 3], got [2, 2]"))
  }
}

@Suite struct FrechetDistanceTests {
  private func sets() -> (a: Tensor, b: Tensor) {
    var random = Random(seed: 2)
    let mix = Tensor.normal([6, 6], &random)
    return (
      Tensor.normal([80, 6], &random), matmul(Tensor.normal([70, 6], mean: 0.5, &random), mix)
    )
  }

  private func distance(_ a: Tensor, _ b: Tensor) throws -> Double {
    try frechetDistance(try FeatureStatistics(a), try FeatureStatistics(b))
  }

  @Test func `the Fréchet distance is symmetric, and 0 for equal sets`() throws {
    let (a, b) = sets()
    let (there, back) = (try distance(a, b), try distance(b, a))
    #expect(there > 1 && abs(there - back) < 1e-9 * there)
    #expect(abs(try distance(a, a)) < 1e-9)
  }

  @Test func `rotating and moving both sets changes nothing`() throws {
    let (a, b) = sets()
    // A rotation made of turns in the planes of axes 0 and 1, 1 and 2, …
    let rotation = (0..<5).reduce(Tensor(shape: [6, 6], (0..<36).map { $0 % 7 == 0 ? 1 : 0 })) {
      product, i in
      let angle = Float(i + 1)
      var turn = (0..<36).map { $0 % 7 == 0 ? Float(1) : 0 }
      (turn[i * 7], turn[(i + 1) * 7]) = (cos(angle), cos(angle))
      (turn[i * 7 + 1], turn[(i + 1) * 7 - 1]) = (-sin(angle), sin(angle))
      return matmul(product, Tensor(shape: [6, 6], turn))
    }
    let before = try distance(a, b)
    let after = try distance(matmul(a, rotation) + 3, matmul(b, rotation) + 3)
    #expect(abs(after - before) < 1e-5 * before)
  }

  @Test func `for single numbers the distance is the known formula`() throws {
    // Means 1 and 4, deviations 1 and 2: (1 - 4)² + (1 - 2)².
    let distance = try distance(Tensor([[0], [1], [2]]), Tensor([[2], [4], [6]]))
    #expect(abs(distance - 10) < 1e-12)
  }

  @Test func `too few pictures are an error`() throws {
    let (a, b) = sets()
    #expect(throws: EvaluationError.self) { try distance(a, b.sliced(axis: 0, 0..<1)) }
    #expect(throws: EvaluationError.self) { try kernelDistance(a.sliced(axis: 0, 0..<1), b) }
    #expect(throws: EvaluationError.self) { try kernelDistance(a, b * .nan) }
  }

  @Test func `the kernel distance is the mean over pairs`() throws {
    var random = Random(seed: 3)
    let (a, b) = (Tensor.normal([300, 3], &random), Tensor.normal([5, 3], &random))
    func mean(_ x: Tensor, _ y: Tensor, skipping: Bool) -> Double {
      var (sum, count) = (0.0, 0.0)
      for i in 0..<x.shape[0] {
        for j in 0..<y.shape[0] where !(skipping && i == j) {
          let dot = (0..<3).reduce(0.0) { $0 + Double(x[i, $1]) * Double(y[j, $1]) }
          sum += pow(dot / 3 + 1, 3)
          count += 1
        }
      }
      return sum / count
    }
    let want =
      mean(a, a, skipping: true) + mean(b, b, skipping: true) - 2 * mean(a, b, skipping: false)
    #expect(abs(try kernelDistance(a, b) - want) < 1e-9)
    #expect(abs(try kernelDistance(b, a) - want) < 1e-9)
  }
}

@Suite struct InceptionScoreTests {
  @Test func `uniform probabilities score 1, certain and varied ones more`() throws {
    let even = Tensor(repeating: 0.2, shape: [10, 5])
    #expect(abs(try InceptionScore(even).mean - 1) < 1e-7)
    let sure = Tensor(shape: [10, 5], (0..<50).map { $0 % 5 == ($0 / 5) % 5 ? 1 : 0 })
    let score = try InceptionScore(sure, splits: 2)
    #expect(score.splits.count == 2 && abs(score.mean - 5) < 1e-6 && score.deviation < 1e-6)
    let alike = Tensor(shape: [10, 5], (0..<50).map { $0 % 5 == 0 ? 1 : 0 })
    #expect(abs(try InceptionScore(alike).mean - 1) < 1e-7)
  }

  @Test func `all pictures count, even if splits do not divide their number`() throws {
    let sure = Tensor(shape: [7, 7], (0..<49).map { $0 % 8 == 0 ? 1 : 0 })
    let splits = try InceptionScore(sure, splits: 3).splits  // of 2, 2 and 3 pictures
    #expect(zip(splits, [2, 2, 3]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func `fewer pictures than splits, and NaN, are errors`() {
    #expect(throws: EvaluationError.self) {
      try InceptionScore(Tensor(repeating: 0.5, shape: [3, 2]), splits: 4)
    }
    #expect(throws: EvaluationError.nonFinite(what: "class probabilities", place: 0)) {
      try InceptionScore(Tensor([[.nan, 1]]))
    }
  }

  @Test func `logits instead of probabilities violate a precondition`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = try InceptionScore(Tensor([[3, -1]]))
    }
    #expect(lastWords(result).contains("the probabilities of picture 0 have the sum 2.0"))
  }
}
