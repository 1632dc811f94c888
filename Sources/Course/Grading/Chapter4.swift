import CourseKit
import Foundation
import TensorCore

extension Catalogue {
  static let chapter4 =
    [padding] + masks + [loss, attentionStep, topK, topP, guidance, completion]

  private static let padding = Exercise(
    "4.1", "a padding token for each place", section: "a-caption-and-a-picture-in-one-row",
    hints: [
      "There is not one padding token but T of them: the model learns what it means that a caption "
        + "is over *here*.",
      "Place p of a caption is its own id as long as p < caption.count, else Int32(vocabulary + p).",
      "captions.flatMap { caption in (0..<length).map { … } } gives all ids, row by row, for "
        + "IndexTensor(shape: [captions.count, length], ids).",
    ],
    checks: [
      Check(.shape, "shape [2, 6]", expecting: [2, 6]) { x, _ in
        Answer(try x.chapter4.pad([[1], [2, 3]], length: 6, vocabulary: 10).shape)
      },
      Check(.hand, "a caption of two tokens", expecting: [7, 3, 102, 103]) { x, _ in
        Answer(try x.chapter4.pad([[7, 3]], length: 4, vocabulary: 100)).flat
      },
      Check(.hand, "a caption that is too long", expecting: [1, 2, 3]) { x, _ in
        Answer(try x.chapter4.pad([[1, 2, 3, 4, 5]], length: 3, vocabulary: 10)).flat
      },
      Check(.random, "random captions") { x, random in
        let captions = [3, 0, 8, 5].map { ids([$0], below: 50, &random).values }
        return Answer(try x.chapter4.pad(captions, length: 6, vocabulary: 50))
      },
    ])

  private static let loss = Exercise(
    "4.5", "the loss: 1/8 caption, 7/8 picture", section: "two-losses-in-one",
    hints: [
      "Two means, one for each kind of token, then one sum. A mean over everything would weigh "
        + "the kinds by how many there are.",
      "The logits at place i are about token i + 1: places 0 ..< T are about the caption, places "
        + "T ..< S about the picture.",
      "crossEntropy(logits.sliced(axis: 1, places).reshaped(b * places.count, v), targets), where "
        + "target (b, i) is tokens.values[b * (s + 1) + i + 1]; times 1/8 and 7/8.",
    ],
    checks: [
      Check(.shape, "shape []", expecting: [0]) { x, _ in
        let tokens = IndexTensor(shape: [2, 5], [Int32](repeating: 1, count: 10))
        return Answer([try x.chapter4.loss(.zeros([2, 4, 3]), tokens: tokens, text: 2).rank])
      },
      Check(.hand, "one caption token, one image token", .sums(of: 4), expecting: [0.642_464_1]) {
        x, _ in
        // ln 4/3 for the caption and ln 2 for the picture: 0.287682 / 8 + 0.693147 · 7/8.
        let logits = Tensor(shape: [1, 2, 2], [1.098_612_3, 0, 0, 0])
        let tokens = IndexTensor(shape: [1, 3], [1, 0, 1])
        return Answer(try x.chapter4.loss(logits, tokens: tokens, text: 1)).flat
      },
      Check(.random, "random logits", points: 2, .sums(of: 256)) { x, random in
        let logits = Tensor.normal([2, 7, 5], deviation: 2, &random)
        return Answer(try x.chapter4.loss(logits, tokens: ids([2, 8], below: 5, &random), text: 3))
      },
      Check(.gradient, "gradient with respect to the logits", .sums(of: 64)) { x, random in
        let tokens = ids([2, 6], below: 4, &random)
        return try gradient(at: .normal([2, 5, 4], &random), &random) {
          try x.chapter4.loss($0, tokens: tokens, text: 2)
        }
      },
    ])

  private static let attentionStep = Exercise(
    "4.6", "attention with a cache, one token at a time", section: "one-step-of-attention-by-hand",
    hints: [
      "All that changes from token to token is one more key and one more value. The newest query "
        + "may see all of them: no mask is needed.",
      "Append key.reshaped(b, 1, d) to cache.keys with concatenate(…, axis: 1), or begin with it; "
        + "the same for values. Put both back into the cache.",
      "attention(query.reshaped(b, 1, d), keys, values, heads: heads).reshaped(b, d) of TensorCore "
        + "does the heads.",
    ],
    checks: [
      Check(.shape, "shape [2, 6], and a cache [2, 1, 6]", expecting: [2, 6, 2, 1, 6]) { x, _ in
        var cache = KeyValueCache()
        let zeros = Tensor.zeros([2, 6])
        let y = try x.chapter4.attentionStep(zeros, zeros, zeros, cache: &cache, heads: 2)
        return Answer(y.shape + (cache.keys?.shape ?? []))
      },
      Check(
        .hand, "two equal keys: the mean of their values", .sums(of: 4),
        expecting: [1, 2, 2, 4]
      ) { x, _ in
        var cache = KeyValueCache()
        let key = Tensor([[1, 1]])
        let first = try x.chapter4.attentionStep(
          key, key, Tensor([[1, 2]]), cache: &cache, heads: 1)
        let second = try x.chapter4.attentionStep(
          key, key, Tensor([[3, 6]]), cache: &cache, heads: 1)
        return Answer((first.scalars + second.scalars).map(Double.init))
      },
      Check(.random, "four steps of two heads", .sums(of: 64, scale: 2)) { x, random in
        var cache = KeyValueCache()
        let steps = try (0..<4).map { _ in
          try x.chapter4.attentionStep(
            .normal([2, 6], &random), .normal([2, 6], &random), .normal([2, 6], &random),
            cache: &cache, heads: 2)
        }
        return Answer(steps.flatMap(\.scalars).map(Double.init))
      },
      Check(
        .property, "the same as causal attention of all at once", .sums(of: 64, scale: 2),
        expecting: Answer(shape: [2, 5, 4], [Double](repeating: 0, count: 40))
      ) { x, random in
        let (b, t, d) = (2, 5, 4)
        let q = Tensor.normal([b, t, d], &random)
        let k = Tensor.normal([b, t, d], &random)
        let v = Tensor.normal([b, t, d], &random)
        var cache = KeyValueCache()
        let steps = try (0..<t).map { i in
          try shaped(
            x.chapter4.attentionStep(
              q.at(i, axis: 1), k.at(i, axis: 1), v.at(i, axis: 1), cache: &cache, heads: 2),
            [b, d])
        }
        return Answer(
          stack(steps, axis: 1) - TensorCore.attention(q, k, v, heads: 2, mask: .causal))
      },
    ])

  private static let topK = Exercise(
    "4.7", "the top-k filter and its threshold", section: "from-likely-to-surprising",
    hints: [
      "A threshold of 0.9 keeps a tenth of the ids: k = ⌊(1 - threshold)·V⌋, but never none.",
      "Sort a row downwards: the entry with index k - 1 is the smallest that stays.",
      "max(1, Int((1 - threshold) * Double(v))), and own.map { $0 < smallest ? -.infinity : $0 }.",
    ],
    checks: [
      Check(.shape, "shape [2, 4]", expecting: [2, 4]) { x, _ in
        Answer(try x.chapter4.topK(counting([2, 4]), threshold: 0.5).shape)
      },
      Check(.hand, "half of four", expecting: [-.infinity, 3, -.infinity, 2]) { x, _ in
        Answer(try x.chapter4.topK(Tensor([[1, 3, 0, 2]]), threshold: 0.5)).flat
      },
      Check(.random, "random logits", .moved) { x, random in
        Answer(try x.chapter4.topK(.normal([4, 9], &random), threshold: 0.7))
      },
      Check(.property, "threshold 0 keeps all, 1 keeps one", expecting: [5, 1]) { x, random in
        let logits = Tensor.normal([1, 5], &random)
        return Answer(
          try [0, 1].map { threshold in
            try x.chapter4.topK(logits, threshold: threshold).scalars.count(where: \.isFinite)
          })
      },
    ])

  private static let topP = Exercise(
    "4.8", "the top-p filter", section: "from-likely-to-surprising",
    hints: [
      "Probabilities first: logits.softmax(axis: 1). Then walk through a row from the most "
        + "probable id down, and add up.",
      "An id stays if the sum of those *before* it is below p: so the one that reaches p still "
        + "stays.",
      "(start..<start + v).sorted { probabilities[$0] > probabilities[$1] } walks a row; keep a "
        + "sum in Double, and never remove the first.",
    ],
    checks: [
      Check(.shape, "shape [2, 4]", expecting: [2, 4]) { x, _ in
        Answer(try x.chapter4.topP(counting([2, 4]), p: 0.5).shape)
      },
      Check(.hand, "0.5 and 0.3 reach 0.6", expecting: [1, 0, 1, 0]) { x, _ in
        let logits = Tensor([[0.3, 0.15, 0.5, 0.05]]).log()
        return try kept(x.chapter4.topP(logits, p: 0.6))
      },
      Check(.random, "random logits", .moved) { x, random in
        let logits = Tensor.normal([4, 9], deviation: 2, &random)
        return Answer(
          stack(
            try [0.5, 0.9].map { try shaped(x.chapter4.topP(logits, p: $0), [4, 9]) }, axis: 0))
      },
      Check(
        .property, "one id always stays, and logits keep their values", expecting: [0, 1, 0, 2]
      ) {
        x, _ in
        let logits = Tensor([[1, 2, 0]])
        let largest = try x.chapter4.topP(logits, p: 0.3).scalars.max() ?? 0
        return Answer(try kept(x.chapter4.topP(logits, p: 0)).values + [Double(largest)])
      },
    ])

  /// 1 where a logit was kept, 0 where it was removed.
  private static func kept(_ logits: Tensor) -> Answer {
    Answer(logits.scalars.map { $0 == -.infinity ? 0 : 1.0 })
  }

  private static let guidance = Exercise(
    "4.9", "classifier-free guidance", section: "how-much-the-caption-counts",
    hints: [
      "From the logits without a caption draw an arrow to those with it, and follow it further than "
        + "its tip.",
      "Scale 0 must give the logits without, scale 1 those with the caption.",
      "Begin with `unconditioned`, and add the scale times the difference: conditioned minus "
        + "unconditioned.",
    ],
    checks: [
      Check(.shape, "shape [2, 3]", expecting: [2, 3]) { x, _ in
        let zeros = Tensor.zeros([2, 3])
        return Answer(
          try x.chapter4.guide(conditioned: zeros, unconditioned: zeros, scale: 2).shape)
      },
      Check(.hand, "twice as far", .sums(of: 2), expecting: [5, -2]) { x, _ in
        let (with, without) = (Tensor([[3, 0]]), Tensor([[1, 2]]))
        return Answer(
          try x.chapter4.guide(conditioned: with, unconditioned: without, scale: 2)
        ).flat
      },
      Check(.random, "random logits", .sums(of: 4, scale: 4)) { x, random in
        Answer(
          try x.chapter4.guide(
            conditioned: .normal([3, 6], &random), unconditioned: .normal([3, 6], &random),
            scale: 2.5))
      },
      Check(.property, "scales 0 and 1", .sums(of: 2), expecting: [1, 2, 3, 0]) { x, _ in
        let (with, without) = (Tensor([[3, 0]]), Tensor([[1, 2]]))
        let none = try x.chapter4.guide(conditioned: with, unconditioned: without, scale: 0)
        let all = try x.chapter4.guide(conditioned: with, unconditioned: without, scale: 1)
        return Answer((none.scalars + all.scalars).map(Double.init))
      },
    ])
}
