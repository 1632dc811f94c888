import CourseKit
import TensorCore

extension Catalogue {
  static let completion = Exercise(
    "4.10", "completing a picture", section: "the-rest-of-a-picture",
    hints: [
      "Given codes and drawn ones are the same to the model: it reads both, in order, and says what "
        + "comes next. Only where a code comes from differs.",
      "Keep min(given.count / n, n) · n of the given codes and let the stream read them in one go. "
        + "Then, while a code is missing: draw, append, and let the stream read what you drew.",
      "var stream = stream; stream.add(codes); while codes.count < grid * grid { … }, where the "
        + "likeliest code is stream.logits.argmax(axis: 0).values[0].",
    ],
    checks: [
      Check(.hand, "3 and 7 are given, 8 and 9 follow", expecting: [3, 7, 8, 9]) { x, _ in
        try codes(x, [3, 7], countingStream)
      },
      Check(.hand, "a row that is not whole is drawn anew", expecting: [5, 6, 7, 8]) { x, _ in
        // 1 alone is no row: 7 comes after 6, and 8 after 7.
        try codes(x, [5, 6, 1], countingStream)
      },
      Check(.hand, "all is given, nothing is drawn", expecting: [9, 2, 0, 5]) { x, _ in
        try codes(x, [9, 2, 0, 5], countingStream)
      },
      Check(.random, "random logits") { x, random in
        let stream = randomStream(grid: 4, codes: 7, &random)
        let given = ids([11], below: 7, &random).values
        let pictures = try [0, 4, 11].map { try codes(x, Array(given.prefix($0)), stream).values }
        return Answer(pictures.flatMap { $0 })
      },
      Check(
        .property, "rows of its own drawing change nothing",
        expecting: Answer([Double](repeating: 0, count: 4 * 16))
      ) { x, random in
        let stream = randomStream(grid: 4, codes: 7, &random)
        func completed(_ given: [Int32]) throws -> [Int32] {
          let codes = try x.chapter4.completed(given, grid: 4, stream: stream)
          guard codes.count == 16 else {
            throw CheckError("a picture of 4×4 has 16 codes, yours \(codes.count)")
          }
          if let stranger = codes.first(where: { !(0..<7).contains($0) }) {
            throw CheckError("there are codes 0 to 6 here, yours has \(stranger)")
          }
          return codes
        }
        let drawn = try completed([])
        let again = try (1...4).flatMap { try completed(Array(drawn.prefix(4 * $0))) }
        return Answer(again.indices.map { Int(again[$0]) - Int(drawn[$0 % 16]) })
      },
    ])

  private static func codes(
    _ x: Implementation, _ given: [Int32], _ stream: CodeStream
  ) throws -> Answer {
    let grid = stream.places.shape[0]
    return Answer(try x.chapter4.completed(given, grid: grid, stream: stream).map(Int.init))
  }

  /// A model of 2×2 codes that counts: after the caption comes 0, after 3 comes 4, after 9 comes 0.
  private static var countingStream: CodeStream {
    let pairs = (0...10).flatMap { last in
      (0..<10).map { next -> Float in next == (last == 10 ? 0 : (last + 1) % 10) ? 1 : 0 }
    }
    return CodeStream(
      pairs: Tensor(shape: [11, 10], pairs), columns: .zeros([11, 10]), places: .zeros([2, 2, 10]))
  }

  /// A model of n×n codes that knows nothing of pictures.
  private static func randomStream(grid n: Int, codes k: Int, _ random: inout Random) -> CodeStream
  {
    CodeStream(
      pairs: .normal([k + 1, k], &random), columns: .normal([k + 1, k], &random),
      places: .normal([n, n, k], &random))
  }
}
