import CourseKit
import Foundation
import TensorCore

extension Catalogue {
  static let chapter6 = [rounding, scales, powerSGD, feedback, filters, memory]

  private static let half = (exponentBits: 5, significandBits: 10, bias: 15)

  /// Numbers rounded to 1-5-10.
  private static func halves(_ x: Implementation, _ values: [Double]) throws -> Answer {
    Answer(
      try values.map {
        try x.chapter6.rounded(
          $0, exponentBits: half.exponentBits, significandBits: half.significandBits,
          bias: half.bias)
      })
  }

  private static let rounding = Exercise(
    "6.1", "rounding to a format", section: "what-sixteen-bits-can-hold",
    hints: [
      "How far apart are the neighbours of x? Count in these steps, round, and go back.",
      "The step is 2^(exponent - S), where the exponent is that of x, but never below 1 - b.",
      "(x / step).rounded(.toNearestOrEven) * step. Then compare |…| with the largest number, "
        + "2^(2ᴱ - 2 - b) · (2 - 2⁻ˢ). Zero has no exponent: return it first.",
    ],
    checks: [
      Check(.hand, "of two equally near, the even one", expecting: [2048, 2052, 2050, -2052]) {
        x, _ in
        // Neighbours are 2 apart.
        try halves(x, [2049, 2051, 2050, -2051])
      },
      Check(
        .hand, "below the normal numbers, and the sign of a zero",
        expecting: [0x1p-24, 0, 0x1p-24, 3 * 0x1p-24, -1]
      ) { x, _ in
        var answer = try halves(x, [0x1p-24, 0x1p-25, 0x1.8p-25, 0x1.4p-23 + 0x1p-30, -0x1p-26])
        // The last becomes -0, which equals 0.
        if answer.values[4] == 0 { answer.values[4] = answer.values[4].sign == .minus ? -1 : 1 }
        return answer
      },
      Check(
        .hand, "beyond the largest", expecting: [65_504, .infinity, -.infinity, -.infinity]
      ) { x, _ in
        try halves(x, [65_519, 65_520, -65_520, -.infinity])
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
    "6.2", "the rule for a scale", section: "a-scale-for-every-block",
    hints: [
      "Count in log₂: a factor of 2^(1/1000) adds 0.001, and a division by √2 takes 0.5 away.",
      "Keep two numbers for each resblock: log₂ of its scale, and the update of its last division.",
      "Not overflowed: add 0.001. Overflowed and update - divided ≥ 125: take 0.5 away, and "
        + "divided = update. Else nothing. In the end min(max(s, log₂ M + 7), log₂ M + 24).",
    ],
    checks: [
      Check(.hand, "an overflow", .double, expecting: [13.001, 12.5, 13.002, 12.501]) { x, _ in
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
    "6.3", "a step of PowerSGD", section: "a-gradient-as-two-narrow-matrices",
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
    "6.4", "error feedback", section: "what-error-feedback-repairs",
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
      Check(.hand, "what was not sent comes later", expecting: [3, 0, 0, 4]) { x, _ in
        Answer(try x.chapter6.sent(Tensor([[3, 2], [1, 2]]), keeping: 1)).flat
      },
      Check(.hand, "three steps of waiting", expecting: [5, 0, 5, 0, 0, -6, 10, 0]) { x, _ in
        let gradients = Tensor([[5, -2], [5, -2], [5, -2], [5, -2]])
        return Answer(try x.chapter6.sent(gradients, keeping: 1)).flat
      },
      Check(.random, "random gradients", .sums(of: 20)) { x, random in
        Answer(try x.chapter6.sent(.normal([20, 9], &random), keeping: 3))
      },
    ])

  private static func kept(
    _ x: Implementation, _ captions: [String], width: Int = 640, height: Int = 480
  ) throws -> Answer {
    Answer(
      try captions.map { try x.chapter6.isKept($0, width: width, height: height) ? 1 : 0 })
  }

  private static let filters = Exercise(
    "6.5", "the filters", section: "250-million-pairs",
    hints: [
      "Four questions, and all must be answered with yes. Write each on a line of its own.",
      "split(separator: \" \") gives the words; joined() the characters without spaces; lowercased() "
        + "makes one case of two.",
      "A date: words[i] is one of the three, words[i + 1] == \"on\", and words[i + 2] begins with a "
        + "character in \"0\"...\"9\". Twice as long is allowed.",
    ],
    checks: [
      Check(.hand, "short captions", expecting: [0, 0, 1, 1]) { x, _ in
        try kept(x, ["sunset", "two dogs", "two brown dogs", "a dog asleep on a sofa"])
      },
      Check(.hand, "other letters", expecting: [0, 0, 1, 1]) { x, _ in
        try kept(x, ["海边 的 红色灯塔", "ab cd 1234", "a b c d e 1 2", "rote Katze auf dem Sofa"])
      },
      Check(.hand, "dates", expecting: [0, 0, 1, 1]) { x, _ in
        try kept(
          x,
          [
            "a tower photographed on 12 May", "A heron Taken on 3rd June",
            "a picture taken on the beach", "photographed on a foggy morning",
          ])
      },
      Check(.property, "sizes, on either side", expecting: [1, 1, 0, 0, 1, 1, 0, 0]) { x, _ in
        let sizes = [(640, 480), (400, 800), (400, 801), (970, 250)]
        return Answer(
          try (sizes + sizes.map { ($0.1, $0.0) }).map {
            try x.chapter6.isKept("a dog on a sofa", width: $0.0, height: $0.1) ? 1 : 0
          })
      },
    ])

  private static let memory = Exercise(
    "6.6", "the memory of a sharded step", section: "many-machines",
    hints: [
      "Two parts: what a GPU always keeps, and what it borrows for a while.",
      "It keeps parameters / gpus of each of four tables. A block has parameters / blocks.",
      "parameters / gpus · (sum of bytes) + parameters / blocks · (2 · bytes[0] + bytes[1]).",
    ],
    checks: [
      Check(.hand, "a model of two blocks", points: 2, expecting: [64 + 72]) { x, _ in
        // 24 parameters on 6 GPUs: 4 · 16 bytes; a block of 12: 2 · 12 · 2 + 12 · 2.
        Answer([
          try x.chapter6.memory(parameters: 24, bytes: [2, 2, 6, 6], blocks: 2, gpus: 6)
        ])
      },
      Check(.hand, "12 billion on eight GPUs", expecting: [12_562_500_000]) { x, _ in
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
