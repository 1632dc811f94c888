import CourseKit
import Foundation
import TensorCore

extension Catalogue {
  static let chapter6 = [filters, rounding, scales, memory, powerSGD, feedback]

  /// What numbers become in 1-5-10, in some unit: texts that show numbers before and after, and tell
  /// -0 from 0.
  private static func halves(
    _ x: Implementation, _ values: [Double], unit: Double = 1
  ) throws -> Answer {
    func name(_ value: Double) -> String {
      if value.isNaN { return "NaN" }
      return value == 0 && value.sign == .minus ? "-0" : Mismatch.number(value)
    }
    return Answer(
      texts: try values.map { value in
        let result = try x.chapter6.rounded(
          value * unit, exponentBits: 5, significandBits: 10, bias: 15)
        return "\(name(value)) → \(name(result / unit))"
      })
  }

  private static let rounding = Exercise(
    "6.2", "rounding to a format", section: "what-sixteen-bits-can-hold",
    hints: [
      "How far apart are the neighbours of x? Count in these steps, round, and go back.",
      "The step is 2^(exponent - S), where the exponent is that of x, but never below 1 - b.",
      "(x / step).rounded(.toNearestOrEven) * step, and infinity of its sign if its magnitude is "
        + "above the largest number, 2^(2ᴱ - 2 - b) · (2 - 2⁻ˢ). Zeros, infinities and NaN have no "
        + "such exponent: return them first.",
    ],
    checks: [
      // From 2,048 on neighbours are 2 apart.
      Check(
        .hand, "of two equally near, the even one",
        expecting: Answer(texts: ["2049 → 2048", "2051 → 2052", "2050 → 2050", "-2051 → -2052"])
      ) { x, _ in
        try halves(x, [2049, 2051, 2050, -2051])
      },
      Check(
        .hand, "below the normal numbers, in units of 2⁻²⁴",
        expecting: Answer(texts: ["1 → 1", "0.5 → 0", "0.75 → 1", "2.625 → 3", "-0.25 → -0"])
      ) { x, _ in
        try halves(x, [1, 0.5, 0.75, 2.625, -0.25], unit: 0x1p-24)
      },
      Check(
        .hand, "beyond the largest, infinity and NaN",
        expecting: Answer(texts: [
          "65519 → 65504", "65520 → inf", "-1000000000 → -inf", "-inf → -inf", "NaN → NaN",
        ])
      ) { x, _ in
        try halves(x, [65_519, 65_520, -1e9, -.infinity, .nan])
      },
      Check(.random, "a third, in four formats") { x, random in
        let value = (1 + Double(random.uniform())) / 3
        let formats = [(5, 10, 15), (8, 7, 127), (6, 9, 59), (4, 3, 7)]
        return Answer(
          try formats.map {
            try x.chapter6.rounded(
              value, exponentBits: $0.0, significandBits: $0.1, bias: $0.2)
          })
      },
    ])

  private static let scales = Exercise(
    "6.3", "the rule for a scale", section: "a-scale-for-every-block",
    hints: [
      "Count in log₂: a factor of 2^(1/1000) adds 0.001, and a division by √2 takes 0.5 away.",
      "Keep two numbers for each resblock: log₂ of its scale, and the update of its last division.",
      "Not overflowed: add 0.001. Overflowed and update - divided ≥ 125: take 0.5 away, and "
        + "divided = update. Else nothing. In the end min(max(s, log₂ M + 7), log₂ M + 24).",
    ],
    checks: [
      Check(
        .hand, "an overflow of the second of two", .double,
        expecting: [13.001, 12.5, 13.002, 12.501]
      ) { x, _ in
        Answer(
          try x.chapter6.scales([[false, true], [false, false]], machines: 1).flatMap { $0 })
      },
      Check(.hand, "one division in 125 updates", .double, expecting: [12.5, 12.5, 12.623, 12.123])
      {
        x, _ in
        var overflows = [[Bool]](repeating: [false], count: 126)
        for update in [0, 1, 125] { overflows[update] = [true] }
        let scales = try x.chapter6.scales(overflows, machines: 1).flatMap { $0 }
        guard scales.count == 126 else {
          throw CheckError("126 updates of one resblock have 126 scales, yours \(scales.count)")
        }
        return Answer([0, 1, 124, 125].map { scales[$0] })
      },
      Check(.property, "between 2⁷ and 2²⁴", .double, expecting: [7.124, 24]) { x, _ in
        let overflows = (0..<12_000).map { [$0 % 125 == 0, false] }
        return Answer(try x.chapter6.scales(overflows, machines: 1).last ?? [])
      },
      Check(.property, "many machines", .double) { x, random in
        let overflows = (0..<300).map { _ in (0..<3).map { _ in random.uniform() < 0.02 } }
        return Answer(try x.chapter6.scales(overflows, machines: 64).last ?? [])
      },
    ])

  private static let powerSGD = Exercise(
    "6.5", "a step of PowerSGD", section: "a-gradient-as-two-narrow-matrices",
    hints: [
      "Two products for each machine, and a mean after each: these two means are what travels.",
      "matmul(M, Q) is [m, r]; its mean goes through orthonormal. matmul(M, P̂, transposeA: true) is "
        + "[n, r].",
      "The result is matmul(P̂, Q, transposeB: true), with the new Q.",
    ],
    checks: [
      Check(.shape, "two shapes", expecting: [4, 6, 6, 2]) { x, random in
        let gradients = [Tensor.normal([4, 6], &random)]
        let result = try x.chapter6.powerSGD(gradients, query: .normal([6, 2], &random))
        return Answer(result.mean.shape + result.query.shape)
      },
      Check(
        .hand, "a matrix of rank 1", .sums(of: 8, scale: 4), expecting: [2, 4, 0, 1, 2, 0]
      ) { x, _ in
        // It is its own approximation, whatever Q is.
        let gradient = Tensor([[2, 4, 0], [1, 2, 0]])
        let result = try x.chapter6.powerSGD([gradient], query: Tensor([[1], [1], [1]]))
        return Answer(result.mean).flat
      },
      Check(.hand, "the mean of two machines", .sums(of: 8, scale: 4), expecting: [2, 0, 0, 0]) {
        x, _ in
        let gradients = [Tensor([[3, 0], [0, 0]]), Tensor([[1, 0], [0, 0]])]
        return Answer(try x.chapter6.powerSGD(gradients, query: Tensor([[1], [1]])).mean).flat
      },
      Check(.random, "random gradients", points: 2, .sums(of: 400)) { x, random in
        let gradients = (0..<3).map { _ in Tensor.normal([7, 5], &random) }
        let result = try x.chapter6.powerSGD(gradients, query: .normal([5, 2], &random))
        return Answer(result.mean.scalars.map(Double.init) + result.query.scalars.map(Double.init))
      },
    ])

  private static let feedback = Exercise(
    "6.6", "error feedback", section: "what-error-feedback-repairs",
    hints: [
      "Keep a vector of all that was not sent. Each gradient is added to it, and what is sent is taken "
        + "away from it.",
      "indices.sorted { abs(error[$0]) > abs(error[$1]) }.prefix(k): those are sent. For equal ones "
        + "compare the places too.",
      "For i among them: sent[i] = error[i] and error[i] = 0.",
    ],
    checks: [
      Check(.shape, "a row for each step", expecting: [3, 4]) { x, random in
        Answer(try x.chapter6.sent(.normal([3, 4], &random), keeping: 2).shape)
      },
      Check(.hand, "[3, 2], then [1, 2], one number a step", expecting: [3, 0, 0, 4]) { x, _ in
        Answer(try x.chapter6.sent(Tensor([[3, 2], [1, 2]]), keeping: 1)).flat
      },
      Check(.hand, "[5, -2] four times, one number a step", expecting: [5, 0, 5, 0, 0, -6, 10, 0]) {
        x, _ in
        let gradients = Tensor([[5, -2], [5, -2], [5, -2], [5, -2]])
        return Answer(try x.chapter6.sent(gradients, keeping: 1)).flat
      },
      Check(.random, "random gradients", .sums(of: 20)) { x, random in
        Answer(try x.chapter6.sent(.normal([20, 9], &random), keeping: 3))
      },
    ])

  /// A check with captions that are kept, and others that are not.
  private static func captions(_ name: String, kept: [String], left: [String]) -> Check {
    let expected = kept.map { "keeps: \($0)" } + left.map { "leaves out: \($0)" }
    return Check(.hand, name, expecting: Answer(texts: expected)) { x, _ in
      Answer(
        texts: try (kept + left).map {
          verdict(try x.chapter6.isKept($0, width: 640, height: 480), $0)
        })
    }
  }

  private static func verdict(_ isKept: Bool, _ what: String) -> String {
    "\(isKept ? "keeps" : "leaves out"): \(what)"
  }

  private static let filters = Exercise(
    "6.1", "the filters", section: "250-million-pairs",
    hints: [
      "Four questions, and all must be answered with yes. Write each on a line of its own.",
      "split(separator: \" \") gives the words; joined() the characters without spaces; lowercased() "
        + "makes one case of two.",
      "A date: words[i] is one of the three, words[i + 1] == \"on\", and words[i + 2] begins with a "
        + "character in \"0\"...\"9\". Twice as long is allowed.",
    ],
    checks: [
      captions(
        "short captions", kept: ["two brown dogs", "a dog asleep on a sofa"],
        left: ["sunset", "two dogs"]),
      captions(
        "other letters", kept: ["a b c d e 1 2", "rote Katze auf dem Sofa"],
        left: ["海边 的 红色灯塔", "ab cd 1234"]),
      captions(
        "dates", kept: ["a picture taken on the beach", "photographed on a foggy morning"],
        left: ["a tower photographed on 12 May", "A heron Taken on 3rd June"]),
      Check(
        .property, "sizes, on either side",
        expecting: Answer(texts: [
          "keeps: 640 × 480", "keeps: 400 × 800", "leaves out: 400 × 801", "leaves out: 970 × 250",
          "keeps: 480 × 640", "keeps: 800 × 400", "leaves out: 801 × 400", "leaves out: 250 × 970",
        ])
      ) { x, _ in
        let sizes = [(640, 480), (400, 800), (400, 801), (970, 250)]
        return Answer(
          texts: try (sizes + sizes.map { ($0.1, $0.0) }).map {
            verdict(
              try x.chapter6.isKept("a dog on a sofa", width: $0.0, height: $0.1),
              "\($0.0) × \($0.1)")
          })
      },
    ])

  private static let memory = Exercise(
    "6.4", "the memory of a sharded step", section: "many-machines",
    hints: [
      "Two parts: what a GPU always keeps, and what it borrows for a while.",
      "It keeps parameters / gpus of each of four tables. A block has parameters / blocks.",
      "parameters / gpus · (sum of bytes) + parameters / blocks · (2 · bytes[0] + bytes[1]).",
    ],
    checks: [
      Check(
        .hand, "24 parameters, 2, 2, 6 and 6 bytes, 2 blocks, 6 GPUs", points: 2,
        expecting: [64 + 72]
      ) { x, _ in
        // 24 parameters on 6 GPUs: 4 · 16 bytes; a block of 12: 2 · 12 · 2 + 12 · 2.
        Answer([
          try x.chapter6.memory(parameters: 24, bytes: [2, 2, 6, 6], blocks: 2, gpus: 6)
        ])
      },
      Check(.hand, "12 billion, 2 bytes each, 128 blocks, 8 GPUs", expecting: [12_562_500_000]) {
        x, _ in
        Answer([
          try x.chapter6.memory(
            parameters: 12_000_000_000, bytes: [2, 2, 2, 2], blocks: 128, gpus: 8)
        ])
      },
      Check(.random, "random models") { x, random in
        Answer(
          try (0..<5).map { _ in
            let (blocks, gpus) = (1 + random.integer(below: 9), 1 + random.integer(below: 9))
            return try x.chapter6.memory(
              parameters: blocks * gpus * random.integer(below: 1000),
              bytes: (0..<4).map { _ in 1 + random.integer(below: 8) }, blocks: blocks, gpus: gpus)
          })
      },
    ])
}
