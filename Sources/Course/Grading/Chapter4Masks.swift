import CourseKit
import TensorCore

extension Catalogue {
  static let masks = [rowMask, columnMask, convolutionMask]

  private static let rowMask = Exercise(
    "4.2", "the row mask", section: "row-column-window",
    hints: [
      "Three kinds of pairs: text sees text, images see text, images see images. No token sees a "
        + "later one.",
      "For image tokens q - k is the same whether you count from the start of the text or of the "
        + "picture. A key is text if key < text.",
      "key > query → 0; key < text → 1; else query - key <= grid → 1. Text queries only ever meet "
        + "text keys, because keys are not later.",
    ],
    checks: [
      shape { try $0.chapter4.rowMask(text: 3, grid: 2) },
      Check(
        .hand, "one text token and 2×2 image tokens",
        expecting: tiny("10000 11000 11100 11110 10111")
      ) { x, _ in
        // q - k may be up to 2: all but the first image token for the last one.
        Answer(try x.chapter4.rowMask(text: 1, grid: 2))
      },
      Check(.hand, "the last token of a 4×4 grid sees five", expecting: [0, 1, 13, 14, 15, 16, 17])
      {
        x, _ in try places(of: x.chapter4.rowMask(text: 2, grid: 4), row: 17)
      },
      Check(.random, "random sizes") { x, random in
        let (text, grid) = sizes(&random)
        return Answer(try x.chapter4.rowMask(text: text, grid: grid))
      },
      Check(.property, "33,264 pairs on a grid of 32", expecting: [33_264]) { x, _ in
        try ones(x.chapter4.rowMask(text: 0, grid: 32))
      },
    ])

  private static let columnMask = Exercise(
    "4.3", "the column mask", section: "row-column-window",
    hints: [
      "Two image tokens are in one column if their distance in raster order is a multiple of n.",
      "(query - key) % grid == 0, and key <= query. Text keys are visible to all image tokens.",
      "key > query → 0; key < text → 1; else (query - key) % grid == 0 → 1.",
    ],
    checks: [
      shape { try $0.chapter4.columnMask(text: 3, grid: 2) },
      Check(
        .hand, "one text token and 2×2 image tokens",
        expecting: tiny("10000 11000 10100 11010 10101")
      ) { x, _ in
        Answer(try x.chapter4.columnMask(text: 1, grid: 2))
      },
      Check(.hand, "the last token of a 4×4 grid sees four", expecting: [0, 1, 5, 9, 13, 17]) {
        x, _ in try places(of: x.chapter4.columnMask(text: 2, grid: 4), row: 17)
      },
      Check(.random, "random sizes") { x, random in
        let (text, grid) = sizes(&random)
        return Answer(try x.chapter4.columnMask(text: text, grid: grid))
      },
      Check(.property, "16,896 pairs on a grid of 32", expecting: [16_896]) { x, _ in
        try ones(x.chapter4.columnMask(text: 0, grid: 32))
      },
    ])

  private static let convolutionMask = Exercise(
    "4.4", "the convolutional mask", section: "row-column-window",
    hints: [
      "Make the set of allowed offsets q - k first: n·i + j. A 3×3 kernel on a grid of 4 has 0, 1, "
        + "3, 4 and 5.",
      "i runs from 0 to r and j from -r to r. Negative offsets are in the set as well, but a key "
        + "that is later than its query is never allowed.",
      "key > query → 0; key < text → 1; else offsets.contains(query - key) → 1, with r = kernel / 2.",
    ],
    checks: [
      shape { try $0.chapter4.convolutionMask(text: 3, grid: 2, kernel: 3) },
      Check(
        .hand, "3×3: the last token of a 4×4 grid sees five",
        expecting: [0, 1, 12, 13, 14, 16, 17]
      ) { x, _ in
        try places(of: x.chapter4.convolutionMask(text: 2, grid: 4, kernel: 3), row: 17)
      },
      Check(.hand, "windows wrap around at the left edge", expecting: [3, 4, 5, 7, 8]) { x, _ in
        // Image token 8 of a 4×4 grid stands at the left edge; offset 5 is token 3, at the right.
        let mask = try x.chapter4.convolutionMask(text: 0, grid: 4, kernel: 3)
        return try places(of: mask, row: 8)
      },
      Check(.random, "random sizes") { x, random in
        let (text, grid) = sizes(&random)
        let kernel = 3 + 2 * random.integer(below: 2)
        return Answer(try x.chapter4.convolutionMask(text: text, grid: grid, kernel: kernel))
      },
      Check(.property, "57,169 pairs on a grid of 32 with 11×11", expecting: [57_169]) { x, _ in
        try ones(x.chapter4.convolutionMask(text: 0, grid: 32, kernel: 11))
      },
    ])

  private static func shape(
    _ mask: @escaping @Sendable (Implementation) throws -> Mask
  ) -> Check {
    Check(.shape, "shape [7, 7]", expecting: [7, 7]) { x, _ in Answer(try mask(x).shape) }
  }

  /// A short text and a small grid.
  private static func sizes(_ random: inout Random) -> (text: Int, grid: Int) {
    (1 + random.integer(below: 4), 3 + random.integer(below: 3))
  }

  private static func ones(_ mask: Mask) -> Answer {
    Answer([mask.bytes.count { $0 != 0 }])
  }

  /// A mask of one text token and four image tokens, as rows of zeros and ones.
  private static func tiny(_ rows: String) -> Answer {
    Answer(shape: [5, 5], rows.compactMap(\.wholeNumberValue).map(Double.init))
  }
}
