import CourseKit
import TensorCore

extension Catalogue {
  static let chapter2 = [
    merge, pool, similarities, contrastive, hardNegatives, zeroShot, retrieval,
  ]

  private static let merge = Exercise(
    "2.1", "the merge loop of byte-pair encoding", section: "a-caption-becomes-tokens",
    hints: [
      "In each round ask one question: of all pairs of neighbours, which was learnt first? Do not "
        + "go through the merges once, from first to last: merges make new pairs.",
      "zip(symbols, symbols.dropFirst()) are the neighbours. merges.first { pair in … } finds the "
        + "earliest merge that occurs among them; without one you are done.",
      "Build the new word with a place that moves by 2 where the pair is and by 1 elsewhere: "
        + "so a a a becomes aa a. Then look again from the start.",
    ],
    checks: [
      Check(.hand, "lower", expecting: Answer(texts: ["low", "er"])) { x, _ in
        let merges = [("l", "o"), ("lo", "w"), ("e", "r")]
        return Answer(texts: try x.chapter2.merge(letters("lower"), merges: merges))
      },
      Check(.hand, "the pair learnt first goes first", expecting: Answer(texts: ["a", "bc"])) {
        x, _ in
        Answer(texts: try x.chapter2.merge(letters("abc"), merges: [("b", "c"), ("a", "b")]))
      },
      Check(
        .hand, "everywhere, from left to right",
        expecting: Answer(texts: ["ab", "ab", "aa", "a"])
      ) { x, _ in
        Answer(texts: try x.chapter2.merge(letters("ababaaa"), merges: [("a", "b"), ("a", "a")]))
      },
      Check(.random, "random words and merges") { x, random in
        var symbols = ["a", "b", "c"]
        var merges: [(left: String, right: String)] = []
        for _ in 0..<10 {
          let left = symbols[random.integer(below: symbols.count)]
          let right = symbols[random.integer(below: symbols.count)]
          merges.append((left, right))
          symbols.append(left + right)
        }
        random.shuffle(&merges)  // so that a later merge can make an earlier one possible
        let words = (0..<6).map { _ in
          (0..<12).map { _ in ["a", "b", "c"][random.integer(below: 3)] }
        }
        return Answer(
          texts: try words.map { try x.chapter2.merge($0, merges: merges).joined(separator: "·") })
      },
      Check(.property, "no merges, no change", expecting: Answer(texts: ["x", "y", "x"])) { x, _ in
        Answer(texts: try x.chapter2.merge(["x", "y", "x"], merges: [("y", "y")]))
      },
    ])

  private static func letters(_ word: String) -> [String] { word.map { String($0) } }

  private static let pool = Exercise(
    "2.2", "the state of the end token", section: "the-text-tower",
    hints: [
      "The end token has the largest id of the vocabulary, so it is where the ids are largest.",
      "ids.values holds the captions one after the other: caption b is values[b * t..<(b + 1) * t]. "
        + "Where is its maximum?",
      "Collect b * t + place for each caption and look these rows up: "
        + "embedding(states.reshaped(b * t, d), IndexTensor(rows)).",
    ],
    checks: [
      Check(.shape, "shape [3, 4]", expecting: [3, 4]) { x, _ in
        let ids = IndexTensor(shape: [3, 5], [Int32](repeating: 1, count: 15))
        return Answer(try x.chapter2.pool(.zeros([3, 5, 4]), ids: ids).shape)
      },
      Check(.hand, "ends at places 2 and 1", expecting: [4, 5, 8, 9]) { x, _ in
        let ids = IndexTensor(shape: [2, 3], [5, 2, 9, 3, 9, 0])
        return Answer(try x.chapter2.pool(counting([2, 3, 2]), ids: ids)).flat
      },
      Check(.random, "random captions", .moved) { x, random in
        let states = Tensor.normal([4, 6, 3], &random)
        return Answer(try x.chapter2.pool(states, ids: ids([4, 6], below: 1000, &random)))
      },
      Check(.property, "the first of several ends", expecting: [1]) { x, _ in
        let ids = IndexTensor(shape: [1, 4], [3, 9, 9, 9])
        return Answer(try x.chapter2.pool(counting([1, 4, 1]), ids: ids)).flat
      },
    ])

  private static let similarities = Exercise(
    "2.3", "similarity logits", section: "every-picture-with-every-caption",
    hints: [
      "A cosine is a product of two vectors of length 1.",
      "normalized() brings every row to length 1; matmul(a, b, transposeB: true) multiplies every "
        + "row of a with every row of b.",
      "The scale is e to the logitScale: a model learns its logarithm. exp(logitScale) of "
        + "Foundation, or Tensor(logitScale).exp().item.",
    ],
    checks: [
      Check(.shape, "shape [3, 2]", expecting: [3, 2]) { x, _ in
        Answer(try x.chapter2.similarities(.ones([3, 4]), .ones([2, 4]), logitScale: 0).shape)
      },
      Check(.hand, "cosines 0.6, 0.8, 0 and 1", .sums(of: 2), expecting: [0.6, 0.8, 0, 1]) { x, _ in
        let pictures = Tensor([[3, 4], [0, 2]])
        return Answer(
          try x.chapter2.similarities(pictures, Tensor([[1, 0], [0, 5]]), logitScale: 0)
        ).flat
      },
      Check(.random, "random embeddings", .sums(of: 6, scale: 20)) { x, random in
        Answer(
          try x.chapter2.similarities(
            .normal([4, 6], &random), .normal([3, 6], &random), logitScale: 2.659_26))
      },
      Check(.property, "a scale of 100", .sums(of: 2, scale: 100), expecting: [100]) { x, _ in
        let one = Tensor([[0.6, 0.8]])
        return Answer(try x.chapter2.similarities(one, one, logitScale: 4.605_170_2)).flat
      },
    ])

  private static let contrastive = Exercise(
    "2.4", "the symmetric contrastive loss and its gradient", section: "two-questions-one-loss",
    hints: [
      "Two classification problems in one matrix: rows ask for captions, columns for pictures. In "
        + "both the right class of number i is i.",
      "crossEntropy(logits, targets) for the rows, crossEntropy(logits.transposed(0, 1), targets) "
        + "for the columns. The gradient of a cross-entropy is softmax minus one-hot.",
      "Gradient: (softmax over axis 1 + softmax over axis 0 - 2·identity) / 2n. The n comes from "
        + "the mean over rows, the 2 from the mean of the two losses.",
    ],
    checks: [
      Check(.shape, "a loss [] and a gradient [3, 3]", expecting: [0, 3, 3]) { x, _ in
        let loss = try x.chapter2.contrastiveLoss(.zeros([3, 3]))
        return Answer([loss.rank] + (try x.chapter2.contrastiveGradient(.zeros([3, 3])).shape))
      },
      Check(.hand, "loss of two pairs", .sums(of: 4), expecting: [0.765_067_8]) { x, _ in
        // Rows: ln 2 and ln 2. Columns: ln 4/3 and ln 4. (0.693147 + 0.836988) / 2.
        let logits = Tensor([[1.098_612_3, 1.098_612_3], [0, 0]])
        return Answer(try x.chapter2.contrastiveLoss(logits)).flat
      },
      Check(
        .hand, "gradient of a loss that knows nothing", .sums(of: 4),
        expecting: [-0.25, 0.25, 0.25, -0.25]
      ) { x, _ in
        Answer(try x.chapter2.contrastiveGradient(.zeros([2, 2]))).flat
      },
      Check(.random, "random logits", points: 2, .sums(of: 16, scale: 4)) { x, random in
        let logits = Tensor.normal([5, 5], deviation: 3, &random)
        let loss = try x.chapter2.contrastiveLoss(logits).scalars
        let gradient = try x.chapter2.contrastiveGradient(logits).scalars
        return Answer((loss + gradient).map(Double.init))
      },
      Check(.property, "logits of 1,000", .sums(of: 4, scale: 1000), expecting: [0, 0, 0, 0, 0]) {
        x, _ in
        let logits = Tensor([[1000, 0], [0, 1000]])
        return Answer(
          (try x.chapter2.contrastiveLoss(logits).scalars
            + x.chapter2.contrastiveGradient(logits).scalars).map(Double.init))
      },
      Check(
        .gradient, "your gradient is that of your loss",
        Tolerance(rtol: 0, atol: 2e-3, because: "differences of a loss in 32 bits over 0.02"),
        expecting: [0, 0, 0, 0, 0, 0, 0, 0, 0]
      ) { x, random in
        let logits = Tensor.normal([3, 3], &random)
        let gradient = try shaped(x.chapter2.contrastiveGradient(logits), [3, 3]).scalars
        return Answer(
          try (0..<9).map { place in
            func loss(_ step: Float) throws -> Double {
              var moved = logits.scalars
              moved[place] += step
              let loss = try x.chapter2.contrastiveLoss(Tensor(shape: [3, 3], moved))
              return Double(try shaped(loss, []).item)
            }
            return Double(gradient[place]) - (try loss(0.01) - loss(-0.01)) / 0.02
          })
      },
    ])

  private static let zeroShot = Exercise(
    "2.6", "a zero-shot classifier from prompts", section: "a-classifier-made-of-captions",
    hints: [
      "Each class has several prompts. The class is represented by a direction in the middle of "
        + "theirs.",
      "A long embedding must not count more than a short one: normalized() before mean(axis: 0). "
        + "And the mean is shorter than 1: normalized() once more.",
      "classifier: stack(means, axis: 0).normalized(). classify: matmul(pictures, classifier, "
        + "transposeB: true).argmax(axis: 1); a picture's own length changes no maximum.",
    ],
    checks: [
      Check(.shape, "shape [3, 4], and 5 answers", expecting: [3, 4, 5]) { x, random in
        let prompts = [2, 1, 3].map { Tensor.normal([$0, 4], &random) }
        let classifier = try x.chapter2.classifier(prompts: prompts)
        let classes = try x.chapter2.classify(
          .normal([5, 4], &random), classifier: .normal([3, 4], &random))
        return Answer(classifier.shape + [classes.count])
      },
      Check(
        .hand, "a long and a short prompt", .sums(of: 4),
        expecting: [0.707_106_8, 0.707_106_8, 0, 1]
      ) { x, _ in
        let prompts = [Tensor([[10, 0], [0, 1]]), Tensor([[0, 3]])]
        return Answer(try x.chapter2.classifier(prompts: prompts)).flat
      },
      Check(.random, "random prompts", points: 2, .sums(of: 16)) { x, random in
        let prompts = [3, 2, 4, 1].map { Tensor.normal([$0, 5], &random) * Float($0) }
        return Answer(try x.chapter2.classifier(prompts: prompts))
      },
      Check(.random, "the classes of random pictures") { x, random in
        let classifier = Tensor.normal([6, 5], &random).normalized()
        return Answer(
          try x.chapter2.classify(.normal([20, 5], &random) * 3, classifier: classifier))
      },
      Check(.property, "rows have length 1", .sums(of: 8), expecting: [1, 1]) { x, random in
        let prompts = [Tensor.normal([4, 3], &random), Tensor.normal([2, 3], &random)]
        let rows = try shaped(x.chapter2.classifier(prompts: prompts), [2, 3])
        return Answer(rows.square().sum(axis: 1))
      },
    ])

  private static let hardNegatives = Exercise(
    "2.5", "hard negatives for a caption of your own", section: "hard-negatives",
    hints: [
      "Find the places of colours first. A caption of three words with one colour and eight "
        + "colours to choose from has seven wrong neighbours.",
      "Two loops: over the places, and over the colours that differ from the word there. Change a "
        + "copy of the words.",
      "The exchange comes last, and only if places.count == 2 and the two words differ: "
        + "swapAt on a copy.",
    ],
    checks: [
      Check(
        .hand, "one colour",
        expecting: Answer(texts: ["a green star at night", "a blue star at night"])
      ) { x, _ in
        let colours = ["red", "green", "blue"]
        return Answer(
          texts: try x.chapter2.hardNegatives(of: "a red star at night", colours: colours))
      },
      Check(
        .hand, "two colours, and their exchange",
        expecting: Answer(texts: [
          "a blue star above a blue house", "a red star above a red house",
          "a blue star above a red house",
        ])
      ) { x, _ in
        let caption = "a red star above a blue house"
        return Answer(
          texts: try x.chapter2.hardNegatives(of: caption, colours: ["red", "blue"]))
      },
      Check(.hand, "the same colour twice", expecting: Answer(texts: ["b r", "r b"])) { x, _ in
        Answer(texts: try x.chapter2.hardNegatives(of: "r r", colours: ["r", "b"]))
      },
      Check(.random, "random captions", .moved) { x, random in
        let words = ["red", "green", "blue", "star", "house", "above"]
        let captions = (0..<4).map { _ in
          (0..<5).map { _ in words[random.integer(below: words.count)] }.joined(separator: " ")
        }
        return Answer(
          texts: try captions.map {
            let wrong = try x.chapter2.hardNegatives(of: $0, colours: ["blue", "red", "green"])
            return wrong.joined(separator: " | ")
          })
      },
      Check(.property, "no colour, nothing to get wrong", expecting: [0]) { x, _ in
        let wrong = try x.chapter2.hardNegatives(of: "a redwood tree", colours: ["red", "blue"])
        return Answer([wrong.count])
      },
    ])

  private static let retrieval = Exercise(
    "2.7", "retrieval accuracy, both ways", section: "finding-one-in-256",
    hints: [
      "Row i holds the scores of picture i with all captions; its own caption is number i.",
      "logits.argmax(axis: 1).values has, for each row, the place of the largest logit. How often is "
        + "it the number of the row?",
      "The other way round is argmax(axis: 0). Count with enumerated().count { $0 == Int($1) } and "
        + "divide by n as Double.",
    ],
    checks: [
      Check(.hand, "a caption that all pictures like", expecting: [1.0 / 3, 1]) { x, _ in
        pair(try x.chapter2.retrieval(Tensor([[9, 1, 0], [6, 2, 1], [5, 0, 3]])))
      },
      Check(.hand, "of equal logits the first counts", expecting: [0.5, 0.5]) { x, _ in
        pair(try x.chapter2.retrieval(Tensor([[1, 1], [1, 1]])))
      },
      Check(.random, "random logits") { x, random in
        var answers: [Double] = []
        for n in [4, 7, 12] {
          let logits = Tensor.normal([n, n], &random)
          let diagonal = Tensor(
            shape: [n, n], (0..<n * n).map { $0 % (n + 1) == 0 ? 1.2 : 0 })
          answers += pair(try x.chapter2.retrieval(logits + diagonal)).values
        }
        return Answer(answers)
      },
      Check(.property, "exchanged roles exchange the shares", expecting: [1, 1.0 / 3]) { x, _ in
        let logits = Tensor([[9, 1, 0], [6, 2, 1], [5, 0, 3]]).transposed(0, 1)
        return pair(try x.chapter2.retrieval(logits))
      },
    ])

  private static func pair(_ shares: (captions: Double, pictures: Double)) -> Answer {
    Answer([shares.captions, shares.pictures])
  }
}
