import Foundation
import TensorCore
import Testing

@testable import Evaluation

@Suite struct ClipDistanceTests {
  @Test func `is that of the formula`() throws {
    // Two points each at distances 0 and √2: k = 1 and e^(-2/200).
    let (a, b) = (Tensor([[1, 0], [1, 0]]), Tensor([[0, 1], [1, 0]]))
    let k = exp(-0.01)
    // Means: aa 1, bb (1 + k) / 2, ab (1 + k) / 2.
    let want = 1000 * (1 + (1 + k) / 2 - (1 + k))
    #expect(abs(try clipDistance(a, b) - want) < 1e-9)
    #expect(try clipDistance(a, a) == 0)
  }

  @Test func `grows with the share of other pictures, and needs two`() throws {
    var random = Random(seed: 1)
    let real = Tensor.normal([300, 8], &random).normalized()
    let distances = try [0, 60, 150, 300].map { others -> Double in
      let same = Tensor.normal([300, 8], &random)
      let moved = same + Tensor([2, 0, 0, 0, 0, 0, 0, 0])
      let mixed = concatenate(
        [moved.sliced(axis: 0, 0..<others), same.sliced(axis: 0, others..<300)], axis: 0)
      return try clipDistance(real, mixed.normalized())
    }
    #expect(distances == distances.sorted() && distances[3] > 10 * distances[0])
    #expect(throws: EvaluationError.tooFewPictures(measure: "CMMD", pictures: 1, needed: 2)) {
      try clipDistance(Tensor([[1]]), Tensor([[1], [1]]))
    }
  }
}

@Suite struct SlicedWassersteinTests {
  @Test func `in one dimension it is the mean distance of sorted numbers`() {
    var random = Random(seed: 2)
    let distance = slicedWasserstein(
      Tensor([[3], [0], [1]]), Tensor([[1], [5], [1]]), directions: 8, using: &random)
    #expect(abs(distance - (1 + 0 + 2) / 3.0) < 1e-6)
  }

  @Test func `a shift by one costs the mean length of its projections`() {
    var random = Random(seed: 3)
    let a = Tensor.normal([500, 3], &random)
    let b = a + Tensor([1, 0, 0])
    // Of a unit vector in three dimensions the mean absolute coordinate is 1/2.
    let distance = slicedWasserstein(a, b, directions: 4000, using: &random)
    #expect(abs(distance - 0.5) < 0.02)
    #expect(slicedWasserstein(a, a, using: &random) == 0)
  }

  @Test func `of pictures it sees noise at the finest level and blur too`() {
    var random = Random(seed: 4)
    // Coloured squares at random places.
    func pictures() -> Tensor {
      let all = Tensor.zeros([40, 3, 32, 32])
      for i in 0..<40 {
        let (x, y, c) = (
          random.integer(below: 16), random.integer(below: 16), random.integer(below: 3)
        )
        all.update { p in
          for row in y..<y + 16 {
            for column in x..<x + 16 { p[((i * 3 + c) * 32 + row) * 32 + column] = 1 }
          }
        }
      }
      return all
    }
    let (a, b) = (pictures(), pictures())
    func distance(_ x: Tensor) -> Double {
      var random = Random(seed: 5)
      return patchDistance(a, x, using: &random)
    }
    let (same, blurred) = (distance(b), distance(gaussianBlur(b, radius: 1)))
    let noisy = distance(b + .normal(b.shape, deviation: 0.1, &random))
    #expect(distance(a) == 0)
    #expect(blurred > 1.2 * same && noisy > 1.2 * same)
  }
}

@Suite struct RankCorrelationTests {
  @Test func `equal numbers share a rank`() {
    // Ranks 0, 1.5, 1.5, 3 against 0, 2, 1, 3.
    #expect(abs(rankCorrelation([1, 2, 2, 3], [1, 3, 2, 4]) - 4.5 / 22.5.squareRoot()) < 1e-12)
  }

  @Test func `only the order counts`() {
    #expect(abs(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000]) - 1) < 1e-12)
    #expect(abs(rankCorrelation([1, 2, 3], [0.3, 0.2, 0.1]) + 1) < 1e-12)
    #expect(rankCorrelation([1, 2, 3], [5, 5, 5]) == 0)
  }
}
