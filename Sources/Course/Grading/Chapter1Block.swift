import CourseKit
import TensorCore

extension Catalogue {
  static let block = Exercise(
    "1.7", "a transformer block", section: "the-encoder",
    hints: [
      "Two lines of one kind: tokens, plus what a part makes of their normalised copy. The second "
        + "line goes on with what the first one gave.",
      "normalised = layerNorm(x, weights.norm1.gain, weights.norm1.bias), and linear(normalised, "
        + "weights.query) are the queries. What is added is linear(context, weights.output).",
      "let y = x + linear(TensorCore.attention(q, k, v, heads: heads), weights.output), and then "
        + "y + linear(linear(normalisedAgain, weights.first).gelu(), weights.second), where the "
        + "second norm has read y.",
    ],
    checks: [
      Check(.shape, "shape [2, 5, 8]", expecting: [2, 5, 8]) { x, random in
        let weights = weights(width: 8, hidden: 32, &random)
        return Answer(try x.chapter1.block(.normal([2, 5, 8], &random), weights, heads: 2).shape)
      },
      Check(
        .hand, "two tokens of two numbers", .sums(of: 4, scale: 10), expecting: [2, 40, 32, 10]
      ) { x, _ in
        // Normalised, the tokens are (-1, 1) and (1, -1), with gain and bias (-1, 5) and (1, -1).
        // All scores are 0, so both get the mean (0, 2), exchanged (2, 0): (-8, 10) and (32, 10).
        // The hidden number is 10 and -10, after GELU 10 and 0, and (1, 3) times that is added.
        let weights = BlockWeights(
          norm1: (Tensor([1, 3]), Tensor([0, 2])), query: .zeros([2, 2]), key: .zeros([2, 2]),
          value: Tensor([[1, 0], [0, 1]]), output: Tensor([[0, 1], [1, 0]]),
          norm2: (.ones([2]), .zeros([2])), first: Tensor([[0, 10]]), second: Tensor([[1], [3]]))
        let tokens = Tensor(shape: [1, 2, 2], [-10, 10, 30, 10])
        return Answer(try x.chapter1.block(tokens, weights, heads: 1)).flat
      },
      Check(.random, "random tokens and weights", points: 2, .sums(of: 32, scale: 4)) {
        x, random in
        let weights = weights(width: 8, hidden: 32, &random)
        return Answer(
          try x.chapter1.block(.normal([2, 5, 8], &random) * 2 + 1, weights, heads: 2))
      },
      Check(
        .property, "parts that give zeros change nothing",
        expecting: Answer(counting([1, 3, 4])).flat
      ) { x, random in
        let weights = weights(width: 4, hidden: 8, &random)
        let silent = BlockWeights(
          norm1: weights.norm1, query: weights.query, key: weights.key, value: weights.value,
          output: .zeros([4, 4]), norm2: weights.norm2, first: weights.first,
          second: .zeros([4, 8]))
        return Answer(try x.chapter1.block(counting([1, 3, 4]), silent, heads: 2)).flat
      },
    ])

  /// Random weights, small enough that no token takes all of the attention.
  private static func weights(
    width d: Int, hidden m: Int, _ random: inout Random
  ) -> BlockWeights {
    func matrix(_ rows: Int, _ columns: Int) -> Tensor {
      .normal([rows, columns], deviation: 0.4, &random)
    }
    func norm() -> (gain: Tensor, bias: Tensor) {
      (.normal([d], &random) + 1, .normal([d], &random))
    }
    return BlockWeights(
      norm1: norm(), query: matrix(d, d), key: matrix(d, d), value: matrix(d, d),
      output: matrix(d, d), norm2: norm(), first: matrix(m, d), second: matrix(d, m))
  }
}
