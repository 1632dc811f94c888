import CourseKit
import TensorCore

extension Catalogue {
  static let maskedLoss = Exercise(
    "1.10", "the loss over corrupted patches", section: "learning-without-labels",
    hints: [
      "There are logits for all patches, and the mean is over some of them. Which entries of "
        + "sources say that a patch counts?",
      "All but nil do, also a patch's own number: it looks intact and must be guessed all the "
        + "same. crossEntropy leaves rows with a negative label out of the loss and of the mean.",
      "Labels zip(colours.values, sources).map { $1 == nil ? -1 : $0 }, and then "
        + "crossEntropy(logits.reshaped(labels.count, k), IndexTensor(labels)).",
    ],
    checks: [
      Check(.shape, "shape []", expecting: []) { x, random in
        let sources = sources(pictures: 2, patches: 6, &random)
        let colours = ids([2, 6], below: 5, &random)
        return Answer(
          try x.chapter1.maskedLoss(.zeros([2, 6, 5]), colours: colours, sources: sources).shape)
      },
      Check(
        .hand, "one hidden, one exchanged, one as it was", .sums(of: 4), expecting: [0.789_041_2]
      ) { x, _ in
        // The right colours have the probabilities 3/4, 1/4 and 1/2: (ln 4/3 + ln 4 + ln 2) / 3.
        // The patch at place 1 is left alone.
        let logits = Tensor(shape: [1, 4, 2], [1.098_612_3, 0, 5, 0, 1.098_612_3, 0, 0, 0])
        let colours = IndexTensor(shape: [1, 4], [0, 1, 1, 1])
        return Answer(
          try x.chapter1.maskedLoss(logits, colours: colours, sources: [4, nil, 0, 3])
        ).flat
      },
      Check(.random, "random logits", .sums(of: 64, scale: 4)) { x, random in
        let sources = sources(pictures: 3, patches: 8, &random)
        let logits = Tensor.normal([3, 8, 7], deviation: 2, &random)
        let colours = ids([3, 8], below: 7, &random)
        return Answer(try x.chapter1.maskedLoss(logits, colours: colours, sources: sources))
      },
      Check(.property, "patches left alone do not count", .sums(of: 64), expecting: [0]) {
        x, random in
        let sources = sources(pictures: 2, patches: 6, &random)
        let logits = Tensor.normal([2, 6, 5], &random)
        let isAlone = Tensor(shape: [2, 6, 1], sources.map { $0 == nil ? 1 : 0 })
        let others = logits + Tensor.normal([2, 6, 5], &random) * isAlone  // [2, 6, 5]
        let colours = ids([2, 6], below: 5, &random)
        let losses = try [logits, others].map {
          try shaped(x.chapter1.maskedLoss($0, colours: colours, sources: sources), [])
        }
        return Answer([Double((losses[1] - losses[0]).item)])
      },
      Check(.gradient, "gradient with respect to the logits", .sums(of: 64)) { x, random in
        let sources = sources(pictures: 2, patches: 6, &random)
        let colours = ids([2, 6], below: 4, &random)
        return try gradient(at: .normal([2, 6, 4], &random), &random) {
          try x.chapter1.maskedLoss($0, colours: colours, sources: sources)
        }
      },
    ])

  /// The fates of patches as exercise 1.9 draws them, but for their shares: of the corrupted ones a
  /// third each is hidden, exchanged and as it was, so that each kind occurs.
  private static func sources(
    pictures: Int, patches n: Int, _ random: inout Random
  ) -> [Int?] {
    (0..<pictures).flatMap { _ in
      var order = Array(0..<n)
      random.shuffle(&order)
      var sources = [Int?](repeating: nil, count: n)
      for (i, place) in order.prefix(n / 2).enumerated() {
        sources[place] = [n, order[n - 1], place][i % 3]
      }
      return sources
    }
  }
}
