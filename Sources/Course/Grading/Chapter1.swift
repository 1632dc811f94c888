import CourseKit
import TensorCore

extension Catalogue {
  static let chapter1 = [
    patchify, unpatchify, embed, interpolate, attention, normalization, block, rollout,
    corruption, maskedLoss,
  ]

  private static let patchify = Exercise(
    "1.1", "patchify", section: "cutting-the-picture-into-patches",
    hints: [
      "Six axes make it easy: split rows of pixels into (row of the grid, row in the patch), "
        + "and columns alike. In which order do you want them?",
      "reshaped(b, c, h / p, p, w / p, p) splits both. Then permuted(…) must move the two axes "
        + "of the grid before channel, row and column.",
      "permuted(0, 2, 4, 1, 3, 5), and one more reshaped(b, (h / p) * (w / p), c * p * p).",
    ],
    checks: [
      Check(.shape, "shape [2, 6, 48]", expecting: [2, 6, 48]) { x, _ in
        Answer(try x.chapter1.patchify(.zeros([2, 3, 8, 12]), patch: 4).shape)
      },
      Check(
        .hand, "two channels of 2×4 pixels",
        expecting: [0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15]
      ) { x, _ in Answer(try x.chapter1.patchify(counting([1, 2, 2, 4]), patch: 2)).flat },
      Check(.random, "random pictures", .moved) { x, random in
        Answer(try x.chapter1.patchify(.normal([2, 2, 6, 4], &random), patch: 2))
      },
      Check(.property, "no number is lost", expecting: Answer((0..<36).map(Double.init))) { x, _ in
        Answer(
          try x.chapter1.patchify(counting([1, 1, 6, 6]), patch: 3).scalars.sorted().map(
            Double.init))
      },
    ])

  private static let unpatchify = Exercise(
    "1.2", "unpatchify", section: "cutting-the-picture-into-patches",
    hints: [
      "It is patchify read backwards: split, order, join.",
      "Split into [B, rows, columns, C, P, P]. In a picture the order of the axes is B, C, row of "
        + "the grid, row in the patch, column of the grid, column in the patch.",
      "permuted(0, 3, 1, 4, 2, 5), then reshaped(b, c, rows * p, columns * p), where C is the "
        + "length of a patch over P².",
    ],
    checks: [
      Check(.shape, "shape [2, 3, 8, 12]", expecting: [2, 3, 8, 12]) { x, _ in
        Answer(
          try x.chapter1.unpatchify(.zeros([2, 6, 48]), patch: 4, rows: 2, columns: 3).shape)
      },
      Check(
        .hand, "two patches of two channels",
        expecting: [0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15]
      ) { x, _ in
        let patches = counting([1, 2, 8])
        return Answer(try x.chapter1.unpatchify(patches, patch: 2, rows: 1, columns: 2)).flat
      },
      Check(.random, "random patches", .moved) { x, random in
        let patches = Tensor.normal([2, 6, 8], &random)
        return Answer(try x.chapter1.unpatchify(patches, patch: 2, rows: 3, columns: 2))
      },
      Check(.property, "patches of one pixel are the picture", expecting: counted(24)) { x, _ in
        // With P = 1 a picture [1, 2, 3, 4] has the patches [1, 12, 2], channels last.
        let patches = counting([1, 2, 12]).transposed(1, 2)
        return Answer(try x.chapter1.unpatchify(patches, patch: 1, rows: 3, columns: 4)).flat
      },
    ])

  private static let embed = Exercise(
    "1.3", "patch embedding as a convolution", section: "from-patches-to-tokens",
    hints: [
      "A convolution looks through a window and moves it by a stride. When do two windows not "
        + "overlap, and leave nothing out?",
      "convolution2D(images.channelsLast, weight, bias, stride: p, padding: 0) gives "
        + "[B, H/P, W/P, D].",
      "Its rows and columns become one axis: reshaped(b, rows * columns, d). The width D is the "
        + "last axis already.",
    ],
    checks: [
      Check(.shape, "shape [2, 6, 5]", expecting: [2, 6, 5]) { x, _ in
        let y = try x.chapter1.embed(
          .zeros([2, 3, 4, 6]), weight: .zeros([5, 3, 2, 2]), bias: .zeros([5]))
        return Answer(y.shape)
      },
      Check(.hand, "sums of patches, and a bias", expecting: [10, 18, 42, 50]) { x, _ in
        // Pixels 0 … 15 in patches of 2×2: sums 10, 18, 42, 50.
        let y = try x.chapter1.embed(
          counting([1, 1, 4, 4]), weight: .ones([1, 1, 2, 2]), bias: .zeros([1]))
        return Answer(y).flat
      },
      Check(.random, "random pictures and weights", points: 2, .sums(of: 8, scale: 4)) {
        x, random in
        Answer(
          try x.chapter1.embed(
            .normal([2, 2, 4, 6], &random), weight: .normal([3, 2, 2, 2], &random),
            bias: .normal([3], &random)))
      },
      Check(.property, "black pictures give the bias", expecting: [1, 2, 1, 2, 1, 2]) { x, _ in
        let y = try x.chapter1.embed(
          .zeros([1, 2, 2, 6]), weight: .ones([2, 2, 2, 2]), bias: Tensor([1, 2]))
        return Answer(y).flat
      },
    ])

  private static let attention = Exercise(
    "1.5", "scaled dot-product attention", section: "attention",
    hints: [
      "Three steps: scores, shares, mixture. Which of them has the shape [B, Tq, Tk]?",
      "matmul(query, key, transposeB: true) are the scores. Divide by the root of the width of a "
        + "query, and let the softmax run over the keys, the last axis.",
      "matmul((scores / √Dh).softmax(axis: 2), value). With loops: subtract the largest score of a "
        + "row before you take exp.",
    ],
    checks: [
      Check(.shape, "shape [2, 3, 4]", expecting: [2, 3, 4]) { x, _ in
        let y = try x.chapter1.attention(.zeros([2, 3, 8]), .zeros([2, 5, 8]), .zeros([2, 5, 4]))
        return Answer(y.shape)
      },
      Check(.hand, "two keys, three to one", .sums(of: 4), expecting: [3]) { x, _ in
        // The scores are 2·ln 3 / √4 = ln 3 and 0, so the shares are 3/4 and 1/4.
        let query = Tensor(shape: [1, 1, 4], [2, 0, 0, 0])
        let key = Tensor(shape: [1, 2, 4], [1.098_612_3, 0, 0, 0, 0, 0, 0, 0])
        return Answer(try x.chapter1.attention(query, key, Tensor(shape: [1, 2, 1], [4, 0]))).flat
      },
      Check(.random, "random queries, keys and values", points: 2, .sums(of: 16, scale: 2)) {
        x, random in
        Answer(
          try x.chapter1.attention(
            .normal([2, 3, 8], &random), .normal([2, 5, 8], &random),
            .normal([2, 5, 4], &random)))
      },
      Check(.property, "scores of 1,000", .sums(of: 2), expecting: [7]) { x, _ in
        let query = Tensor(shape: [1, 1, 1], [1000])
        let y = try x.chapter1.attention(
          query, Tensor(shape: [1, 2, 1], [1, -1]), Tensor(shape: [1, 2, 1], [7, 1]))
        return Answer(y).flat
      },
    ])

  private static let interpolate = Exercise(
    "1.4", "position embeddings for another grid", section: "tokens-must-be-told-where-they-are",
    hints: [
      "Position embeddings of a grid are a little picture with D channels. Only the class token's "
        + "is not.",
      "sliced(axis: 1, 1..<count) without the class token, reshaped(1, rows, columns, d), and "
        + "resized(height:width:_:) with .bicubic.",
      "Afterwards reshaped(1, rows' * columns', d), and concatenate([first, fitted], axis: 1).",
    ],
    checks: [
      Check(.shape, "shape [1, 13, 2]", expecting: [1, 13, 2]) { x, _ in
        Answer(try x.chapter1.interpolate(.zeros([1, 7, 2]), from: (2, 3), to: (4, 3)).shape)
      },
      Check(.hand, "two places become one", .sums(of: 4, scale: 8), expecting: [7, 8, 2, 4]) {
        x, _ in
        // The middle between two pixels has the weight ½ for each.
        let positions = Tensor(shape: [1, 3, 2], [7, 8, 1, 2, 3, 6])
        return Answer(try x.chapter1.interpolate(positions, from: (1, 2), to: (1, 1))).flat
      },
      Check(.random, "random embeddings, 3×4 to 5×2", points: 2, .sums(of: 16, scale: 4)) {
        x, random in
        Answer(try x.chapter1.interpolate(.normal([1, 13, 2], &random), from: (3, 4), to: (5, 2)))
      },
      Check(.property, "the same grid changes nothing", .sums(of: 16), expecting: counted(14)) {
        x, _ in
        Answer(try x.chapter1.interpolate(counting([1, 7, 2]), from: (3, 2), to: (3, 2))).flat
      },
    ])

  private static let normalization = Exercise(
    "1.6", "layer normalisation", section: "the-encoder",
    hints: [
      "Mean and variance are of the last axis: each token has its own.",
      "x.mean(axis: -1, keepingAxis: true) is [..., 1], and - spreads it over the D numbers. The "
        + "variance is the mean of the squares of what is left.",
      "centred / (variance + 1e-5).squareRoot() * gain + bias. The 10⁻⁵ keeps a token of equal "
        + "numbers from becoming 0 / 0.",
    ],
    checks: [
      Check(.shape, "shape [2, 3, 4]", expecting: [2, 3, 4]) { x, random in
        Answer(
          try x.chapter1.normalize(
            .normal([2, 3, 4], &random), gain: .ones([4]), bias: .zeros([4])
          ).shape)
      },
      Check(
        .hand, "a token of two numbers", .sums(of: 2, scale: 10), expecting: [-1.999_999_9, 13]
      ) {
        x, _ in
        // Mean 0, variance 100, of the first token; the second must not change it.
        let tokens = Tensor(shape: [2, 2], [-10, 10, 0, 4])
        return Answer(
          try shaped(
            x.chapter1.normalize(tokens, gain: Tensor([2, 3]), bias: Tensor([0, 10])), [2, 2]
          ).at(0, axis: 0))
      },
      Check(.hand, "a token of equal numbers", .exact, expecting: [5, 5, 5]) { x, _ in
        Answer(
          try x.chapter1.normalize(
            Tensor(shape: [1, 3], [7, 7, 7]), gain: .ones([3]),
            bias: Tensor(repeating: 5, shape: [3]))
        ).flat
      },
      Check(.random, "random tokens", points: 2, .sums(of: 16, scale: 3)) { x, random in
        Answer(
          try x.chapter1.normalize(
            .normal([2, 5, 16], &random) * 3 + 1, gain: .normal([16], &random),
            bias: .normal([16], &random)))
      },
    ])

  private static let rollout = Exercise(
    "1.8", "attention rollout", section: "looking-at-where-it-looks",
    hints: [
      "Where does a token of the second layer come from? From tokens of the first layer, each of "
        + "which comes from tokens of the input: a product of matrices.",
      "For each layer mean(axis: 1) over the heads, half of it and half of the identity. Start with "
        + "the identity and multiply from the left.",
      "flow = matmul(mixed, flow) for each layer; then flow.at(0, axis: 1) is the class token's row. "
        + "Drop its first entry and divide by the sum of the rest.",
    ],
    checks: [
      Check(.shape, "shape [2, 4]", expecting: [2, 4]) { x, _ in
        let layer = Tensor(repeating: 0.2, shape: [2, 3, 5, 5])
        return Answer(try x.chapter1.rollout([layer, layer]).shape)
      },
      Check(.hand, "two layers of three tokens", .sums(of: 3), expecting: [0.5, 0.5]) { x, _ in
        // ½A + ½I: rows (½ ½ 0), (0 ½ ½), (½ 0 ½), then (½ 0 ½), (0 1 0), (0 0 1).
        // Row 0 of their product is (½ ¼ ¼).
        let first = Tensor(shape: [1, 1, 3, 3], [0, 1, 0, 0, 0, 1, 1, 0, 0])
        let second = Tensor(shape: [1, 1, 3, 3], [0, 0, 1, 0, 1, 0, 0, 0, 1])
        return Answer(try x.chapter1.rollout([first, second])).flat
      },
      Check(.random, "random attention of three layers", points: 2, .sums(of: 64)) { x, random in
        Answer(
          try x.chapter1.rollout(
            (0..<3).map { _ in (Tensor.normal([2, 2, 5, 5], &random) * 2).softmax() }))
      },
      Check(.property, "shares have the sum 1", .sums(of: 16), expecting: [1, 1, 1]) { x, random in
        let layer = Tensor.normal([3, 2, 5, 5], &random).softmax()
        return Answer(try shaped(x.chapter1.rollout([layer, layer]), [3, 4]).sum(axis: 1))
      },
    ])

  private static let corruption = Exercise(
    "1.9", "corruption of patches", section: "learning-without-labels",
    hints: [
      "First choose the patches, then what happens to each. random.shuffle(&order) puts numbers in a "
        + "random order.",
      "The first N/2 of the shuffled numbers are corrupted. random.integer(below: 10) is 0 in a "
        + "tenth of all cases, 1 in another tenth.",
      "Another patch: draw integer(below: N - 1) and add 1 if it is not below the patch's own "
        + "number, so that its own number is left out and all others are equally likely.",
    ],
    checks: [
      Check(.shape, "N entries, N/2 of them corrupted", expecting: [10, 5, 7, 3]) { x, random in
        let even = try x.chapter1.corruption(patches: 10, using: &random)
        let odd = try x.chapter1.corruption(patches: 7, using: &random)
        return Answer([even.count, even.count { $0 != nil }, odd.count, odd.count { $0 != nil }])
      },
      Check(
        .property, "80 % hidden, 10 % exchanged, 10 % kept", .shares(of: 8000),
        expecting: [0.8, 0.1, 0.1]
      ) { x, random in
        try corruptionShares(x, patches: 8, draws: 2000, &random)
      },
      Check(
        .property, "another patch is never the patch itself", .shares(of: 4000),
        expecting: [0.8, 0.1, 0.1]
      ) { x, random in
        // Of two patches one is corrupted, and there is only one other.
        try corruptionShares(x, patches: 2, draws: 4000, &random)
      },
      Check(.property, "all places alike", .shares(of: 4000), expecting: [0.5, 0.5, 0.5, 0.5]) {
        x, random in
        var counts = [0.0, 0, 0, 0]
        for _ in 0..<4000 {
          let sources = try x.chapter1.corruption(patches: 4, using: &random)
          for (place, source) in sources.prefix(4).enumerated() where source != nil {
            counts[place] += 1
          }
        }
        return Answer(counts.map { $0 / 4000 })
      },
    ])

  /// Which shares of the corrupted patches are hidden, exchanged and kept.
  private static func corruptionShares(
    _ x: Implementation, patches: Int, draws: Int, _ random: inout Random
  ) throws -> Answer {
    var counts = [0.0, 0, 0]
    for _ in 0..<draws {
      for (place, source) in try x.chapter1.corruption(patches: patches, using: &random)
        .enumerated()
      {
        guard let source else { continue }
        guard (0...patches).contains(source) else {
          throw CheckError("entry \(place) is \(source), which is not in 0 … N = \(patches)")
        }
        counts[source == patches ? 0 : source == place ? 2 : 1] += 1
      }
    }
    let total = max(1, counts.reduce(0, +))
    return Answer(counts.map { $0 / total })
  }

  private static func counted(_ count: Int) -> Answer { Answer((0..<count).map(Double.init)) }
}
