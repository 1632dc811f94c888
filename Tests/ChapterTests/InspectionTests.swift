import Chapter1
import TensorCore
import TestSupport
import Testing

@Suite struct InspectionTests {
  /// Random attention probabilities [b, h, t, t].
  private func attention(_ b: Int, _ h: Int, _ t: Int, seed: UInt64) -> Tensor {
    var random = Random(seed: seed)
    return Tensor.normal([b, h, t, t], &random).softmax()
  }

  @Test func `rollout is a distribution over patches`() {
    let layers = (0..<3).map { attention(2, 4, 10, seed: $0) }
    let rollout = attentionRollout(layers)
    #expect(rollout.shape == [2, 9])
    #expect(difference(rollout.sum(axis: 1).scalars, [1, 1], atol: 1e-5) == nil)
    #expect(rollout.scalars.allSatisfy { $0 > 0 })
  }

  @Test func `rollout of a single layer is the class token's mean attention`() {
    let layer = attention(1, 2, 5, seed: 7)
    let row = layer.mean(axis: 1).at(0, axis: 1).sliced(axis: 1, 1..<5)  // [1, 4]
    let expected = row / row.sum(axis: 1, keepingAxis: true)
    #expect(difference(attentionRollout([layer]).scalars, expected.scalars, atol: 1e-6) == nil)
  }

  @Test func `rollout follows a token's content back to its sources`() {
    // Token 1 attends only to token 2; then the class token attends only to token 1.
    func layer(_ rows: [[Float]]) -> Tensor { Tensor(rows).reshaped(1, 1, 3, 3) }
    let first = layer([[1, 0, 0], [0, 0, 1], [0, 0, 1]])
    let second = layer([[0, 1, 0], [0, 1, 0], [0, 0, 1]])
    // Half of token 1's content came from token 2, half was its own.
    #expect(attentionRollout([first, second]).scalars == [0.5, 0.5])
  }

  @Test func `attention to the same patch has distance 0, uniform attention the mean distance`() {
    let n = 6
    let identity = Tensor(
      shape: [1, 1, n + 1, n + 1], (0..<(n + 1) * (n + 1)).map { $0 % (n + 2) == 0 ? 1 : 0 })
    #expect(meanAttentionDistances(identity, grid: (2, 3), patch: 8) == [0])
    let even = Tensor(repeating: 1 / Float(n + 1), shape: [2, 3, n + 1, n + 1])
    var sum: Float = 0
    for a in 0..<n {
      for b in 0..<n {
        let (rows, columns) = (Float(a / 3 - b / 3), Float(a % 3 - b % 3))
        sum += 8 * (rows * rows + columns * columns).squareRoot()
      }
    }
    let expected = [Float](repeating: sum / Float(n * n), count: 3)
    let distances = meanAttentionDistances(even, grid: (2, 3), patch: 8)
    #expect(difference(distances, expected, rtol: 1e-5) == nil)
  }

  @Test func `a vector's cosine is 1 with itself, 0 at right angles and -1 with its opposite`() {
    let table = Tensor([[2, 0], [0, 3], [-1, 0]])
    #expect(cosineSimilarities(table).scalars == [1, 0, -1, 0, 1, 0, -1, 0, 1])
  }
}
