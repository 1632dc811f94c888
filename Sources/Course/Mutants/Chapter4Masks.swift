import CourseKit
import Solutions
import TensorCore

/// A mask that is right for text, and in which image tokens see one another by a rule.
private func mask(
  _ text: Int, _ grid: Int, _ rule: (_ query: Int, _ key: Int) -> Bool
) -> Mask {
  let size = text + grid * grid
  return Mask(
    shape: [size, size],
    (0..<size * size).map { place in
      let (query, key) = (place / size, place % size)
      if query < text || key < text { return key <= query ? 1 : 0 }
      return rule(query - text, key - text) ? 1 : 0
    })
}

enum SameRowOnly: Mutant4 {
  static let note = Note(
    "4.2", caughtBy: "one text token and 2×2 image tokens",
    "a token sees only its own row; it should see the n tokens before it, across the row's edge")
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $1 <= $0 && $0 / grid == $1 / grid }
  }
}

enum RowOneShort: Mutant4 {
  static let note = Note(
    "4.2", caughtBy: "the last token of a 4×4 grid sees five",
    "n tokens are seen in all; it should be n and the token itself, up to the one right above")
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $1 <= $0 && $0 - $1 < grid }
  }
}

enum RowSeesFuture: Mutant4 {
  static let note = Note(
    "4.2", caughtBy: "one text token and 2×2 image tokens",
    "tokens see later ones: q - k must not be negative")
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $0 - $1 <= grid }
  }
}

enum RowWithoutText: Mutant4 {
  static let note = Note(
    "4.2", caughtBy: "the last token of a 4×4 grid sees five",
    "image tokens do not see all of the text: the rule for rows holds among image tokens only")
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    let size = text + grid * grid
    return Mask(
      shape: [size, size],
      (0..<size * size).map { place in
        let (query, key) = (place / size, place % size)
        if query < text { return key <= query ? 1 : 0 }
        return key <= query && query - key <= grid ? 1 : 0
      })
  }
}

enum ColumnWithoutItself: Mutant4 {
  static let note = Note(
    "4.3", caughtBy: "the last token of a 4×4 grid sees four",
    "a token does not see itself; q = k belongs to its column")
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $1 < $0 && ($0 - $1) % grid == 0 }
  }
}

enum ColumnSeesFuture: Mutant4 {
  static let note = Note(
    "4.3", caughtBy: "one text token and 2×2 image tokens",
    "tokens see the whole column, including what is below them and not yet drawn")
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { ($0 - $1) % grid == 0 }
  }
}

enum ColumnIsRow: Mutant4 {
  static let note = Note(
    "4.3", caughtBy: "one text token and 2×2 image tokens",
    "tokens of one row are seen: q / n is the row, q % n is the column")
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $1 <= $0 && $0 / grid == $1 / grid }
  }
}

enum ColumnCountsText: Mutant4 {
  static let note = Note(
    "4.3", caughtBy: "one text token and 2×2 image tokens",
    "text is treated like a picture: image tokens see all text, whatever column it would be in")
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    let size = text + grid * grid
    return Mask(
      shape: [size, size],
      (0..<size * size).map { place in
        let (query, key) = (place / size, place % size)
        if query < text { return key <= query ? 1 : 0 }
        return key <= query && (query - key) % grid == 0 ? 1 : 0
      })
  }
}

enum NoWrapAround: Mutant4 {
  static let note = Note(
    "4.4", caughtBy: "windows wrap around at the left edge",
    "the window is cut off at the left and right edge; by DALL·E's offsets it wraps around")
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    mask(text, grid) {
      $1 <= $0 && $0 / grid - $1 / grid <= kernel / 2
        && abs($0 % grid - $1 % grid) <= kernel / 2
    }
  }
}

enum TrailingWindow: Mutant4 {
  static let note = Note(
    "4.4", caughtBy: "3×3: the last token of a 4×4 grid sees five",
    "the window ends at the token in both directions; it should be centred on the token, without "
      + "what comes later")
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    let offsets = Set((0..<kernel).flatMap { i in (0..<kernel).map { grid * i + $0 } })
    return mask(text, grid) { $1 <= $0 && offsets.contains($0 - $1) }
  }
}

enum KernelForReach: Mutant4 {
  static let note = Note(
    "4.4", caughtBy: "3×3: the last token of a 4×4 grid sees five",
    "the window reaches `kernel` tokens to each side; it should reach (kernel - 1) / 2")
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    try Reference4.convolutionMask(text: text, grid: grid, kernel: 2 * kernel + 1)
  }
}

enum NoRightHalf: Mutant4 {
  static let note = Note(
    "4.4", caughtBy: "3×3: the last token of a 4×4 grid sees five",
    "what is above and to the right is not seen: j runs from -r to r in the rows above")
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    let reach = kernel / 2
    let offsets = Set((0...reach).flatMap { i in (0...reach).map { grid * i + $0 } })
    return mask(text, grid) { $1 <= $0 && offsets.contains($0 - $1) }
  }
}
