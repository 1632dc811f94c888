import CourseKit
import TensorCore

extension Catalogue {
  static let chapter5 = [
    rerank, bestOf, frechet, inceptionScore, majority, matchingLoss, gradientPenalty,
  ]

  private static let majority = Exercise(
    "5.5", "the majority of five votes", section: "a-rival",
    hints: [
      "Count the votes of one comparison. Which answer has most?",
      "counts[vote] += 1 for each vote; counts.max() is how many the winner has.",
      "counts.firstIndex(of: counts.max() ?? 0) is the smallest answer that has so many.",
    ],
    checks: [
      Check(.hand, "three to two", expecting: [1, 0]) { x, _ in
        Answer(try x.chapter5.majority([[1, 0, 1, 1, 0], [0, 0, 0, 1, 1]], options: 2))
      },
      Check(.hand, "a tie goes to the smallest", expecting: [1, 0]) { x, _ in
        Answer(try x.chapter5.majority([[2, 1, 2, 1, 3], [4, 3, 2, 1, 0]], options: 5))
      },
      Check(.random, "random votes") { x, random in
        let votes = (0..<20).map { _ in (0..<5).map { _ in random.integer(below: 4) } }
        return Answer(try x.chapter5.majority(votes, options: 4))
      },
      Check(.property, "the order of the judges does not matter", expecting: [2, 2, 2]) { x, _ in
        let votes = [[2, 2, 0, 0, 2], [0, 2, 2, 2, 0], [2, 0, 2, 0, 2]]
        return Answer(try x.chapter5.majority(votes, options: 3))
      },
    ])

  private static let rerank = Exercise(
    "5.1", "reranking", section: "thirty-two-and-an-order",
    hints: [
      "The length of an embedding says nothing about what it means: compare directions.",
      "normalized() for both, a product, and the places sorted by what comes out, downwards.",
      "cosines.indices.sorted { cosines[$0] > cosines[$1] } and prefix(k). For equal ones compare "
        + "the places as well.",
    ],
    checks: [
      Check(.shape, "k places", expecting: [3]) { x, random in
        Answer([
          try x.chapter5.rerank(.normal([6, 4], &random), caption: .normal([4], &random), keep: 3)
            .count
        ])
      },
      Check(.hand, "a long embedding is not a better one", expecting: [1, 2, 0]) { x, _ in
        // Cosines with (1, 0): 0.6, 1, 0.8.
        let pictures = Tensor([[30, 40], [1, 0], [4, 3]])
        return Answer(try x.chapter5.rerank(pictures, caption: Tensor([2, 0]), keep: 3))
      },
      Check(.random, "random embeddings") { x, random in
        Answer(
          try x.chapter5.rerank(.normal([30, 5], &random), caption: .normal([5], &random), keep: 8))
      },
      Check(.property, "of equal pictures the first comes first", expecting: [1, 3, 0, 2]) { x, _ in
        let pictures = Tensor([[0, 1], [1, 0], [0, 1], [1, 0]])
        return Answer(try x.chapter5.rerank(pictures, caption: Tensor([1, 0]), keep: 4))
      },
    ])

  private static let bestOf = Exercise(
    "5.2", "what the best of N is worth", section: "what-the-best-of-n-is-worth",
    hints: [
      "Sort the candidates by score, the best first. The first one is chosen whenever it is drawn, "
        + "which happens in n of M cases.",
      "The second is chosen if it is drawn and the first is not. Without the first, n are drawn "
        + "from M - 1.",
      "Keep `noneBefore`, which begins as 1. At rank r the candidate is drawn with n / (M - r): add "
        + "noneBefore · that · quality, and multiply noneBefore by 1 - that. No binomials, so "
        + "nothing overflows.",
    ],
    checks: [
      Check(.hand, "two of three", .double, expecting: [46.666_666_666_666_664]) { x, _ in
        // {1, 2} → 20, {1, 3} → 60, {2, 3} → 60
        Answer([try x.chapter5.bestOf(2, scores: [1, 2, 3], qualities: [10, 20, 60])])
      },
      Check(.hand, "chosen by score, not by quality", .double, expecting: [5.0 / 3]) { x, _ in
        Answer([try x.chapter5.bestOf(2, scores: [3, 1, 2], qualities: [0, 1, 5])])
      },
      Check(.random, "random candidates", points: 2, .double) { x, random in
        let scores = (0..<12).map { _ in Double(random.normal()) }
        let qualities = scores.map { $0 + Double(random.normal()) }
        return Answer(
          try [2, 5, 11].map { try x.chapter5.bestOf($0, scores: scores, qualities: qualities) })
      },
      Check(.property, "one is the mean, all is the best", .double, expecting: [3, 4]) { x, _ in
        let (scores, qualities) = ([0.1, 0.4, 0.3, 0.2], [2.0, 4, 5, 1])
        return Answer(
          try [1, 4].map { try x.chapter5.bestOf($0, scores: scores, qualities: qualities) })
      },
      Check(.property, "1,000 of 2,000", .double, expecting: [1]) { x, _ in
        let scores = (0..<2000).map(Double.init)
        let qualities = [Double](repeating: 1, count: 2000)
        return Answer([try x.chapter5.bestOf(1000, scores: scores, qualities: qualities)])
      },
    ])

  private static let inceptionScore = Exercise(
    "5.4", "the Inception Score", section: "clear-and-diverse",
    hints: [
      "For each picture: how far is what the classifier says about it from what it says on "
        + "average? That is a KL.",
      "The average p̄ is taken over the rows of the same part. Mean of the KLs first, exp after.",
      "Per part: exp(Σ rows Σ classes p · ln(p / p̄) / rows), leaving out p = 0; then the mean over "
        + "parts.",
    ],
    checks: [
      Check(.hand, "sure and diverse", .double, expecting: [2]) { x, _ in
        Answer([try x.chapter5.inceptionScore(Tensor([[1, 0], [0, 1]]), splits: 1)])
      },
      Check(.hand, "sure, but all the same", .double, expecting: [1]) { x, _ in
        Answer([try x.chapter5.inceptionScore(Tensor([[0, 1, 0], [0, 1, 0]]), splits: 1)])
      },
      Check(.hand, "two parts that are each uniform inside", .double, expecting: [1]) { x, _ in
        let rows = Tensor([[1, 0], [1, 0], [0, 1], [0, 1]])
        return Answer([try x.chapter5.inceptionScore(rows, splits: 2)])
      },
      Check(
        .random, "random probabilities", points: 2,
        Tolerance(rtol: 1e-5, atol: 0, because: "sums in 32 bits are allowed")
      ) { x, random in
        let rows = (Tensor.normal([12, 5], &random) * 2).softmax()
        return Answer(
          try [1, 3].map { try x.chapter5.inceptionScore(rows, splits: $0) })
      },
      Check(
        .property, "one picture says nothing",
        Tolerance(rtol: 1e-5, atol: 0, because: "sums in 32 bits are allowed"), expecting: [1]
      ) {
        x, random in
        let row = Tensor.normal([1, 7], &random).softmax()
        return Answer([try x.chapter5.inceptionScore(row, splits: 1)])
      },
    ])

  private static let frechet = Exercise(
    "5.3", "the Fréchet distance", section: "how-far-from-real-pictures",
    hints: [
      "Two means and two covariances, each from its own cloud. In one dimension the formula is "
        + "(μa - μb)² + (σa - σb)².",
      "The covariance of features i and j: Σ (x_i - μ_i)(x_j - μ_j) / (n - 1). Use Double; sums of "
        + "squares lose digits in 32 bits.",
      "|μa - μb|² + Σ diagonals - 2 · traceOfSquareRoot(Σa, Σb).",
    ],
    checks: [
      Check(.hand, "one feature", .double, expecting: [43]) { x, _ in
        // Means 1 and 6, variances 2 and 32: 25 + 2 + 32 - 2 · 8.
        Answer([try x.chapter5.frechetDistance(Tensor([[0], [2]]), Tensor([[2], [10]]))])
      },
      Check(
        .random, "random clouds", points: 2,
        Tolerance(rtol: 1e-4, atol: 1e-4, because: "means in 32 bits are allowed")
      ) { x, random in
        let spread = Tensor.normal([3, 3], &random)
        let b = matmul(Tensor.normal([9, 3], &random), spread) + 1
        return Answer([try x.chapter5.frechetDistance(.normal([7, 3], &random), b)])
      },
      Check(
        .property, "no distance from oneself",
        Tolerance(rtol: 0, atol: 1e-4, because: "means in 32 bits are allowed"), expecting: [0]
      ) {
        x, random in
        let a = Tensor.normal([8, 4], &random)
        return Answer([try x.chapter5.frechetDistance(a, a)])
      },
      Check(
        .property, "a shift by (3, 4) costs 25",
        Tolerance(rtol: 1e-4, atol: 1e-4, because: "means in 32 bits are allowed"),
        expecting: [25]
      ) { x, random in
        let a = Tensor.normal([8, 2], &random)
        return Answer([try x.chapter5.frechetDistance(a, a + Tensor([3, 4]))])
      },
    ])
}
