// Cutting a caption into words; BPE merges only within words. Other implementations use regular
// expressions. Written out as scanners over UTF-8 they are faster, and can be followed step by
// step.

/// Walks through a normalised caption, word by word.
package struct WordScanner {
  private let bytes: [UInt8]
  private let style: TextStyle
  private var position = 0

  /// - Parameter bytes: Valid UTF-8, normalised as `style` requires.
  package init(_ bytes: [UInt8], style: TextStyle) {
    self.bytes = bytes
    self.style = style
  }

  /// The place of the next word; nil after the last. In the styles `.paper` and `.byteLevel`
  /// words leave no gaps; in `.clip` white space belongs to no word.
  package mutating func next() -> Range<Int>? {
    var start = position
    if style == .clip {
      while kind(at: start) == .space { start = after(start) }
    }
    if start == bytes.count { return nil }
    switch style {
    case .paper: position = endOfPaperWord(from: start)
    case .byteLevel: position = endOfByteLevelWord(from: start)
    case .clip: position = endOfCLIPWord(from: start)
    }
    return start..<position
  }

  /// `[a-z]+|.` – every character but a–z is a word of its own: spaces, digits, signs, "é".
  private func endOfPaperWord(from start: Int) -> Int {
    var end = start
    while end < bytes.count, (0x61...0x7A).contains(bytes[end]) { end += 1 }
    return end == start ? after(start) : end
  }

  /// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
  private func endOfByteLevelWord(from start: Int) -> Int {
    if let end = endOfContraction(from: start) { return end }
    let body = bytes[start] == 0x20 ? start + 1 : start
    let bodyKind = kind(at: body)
    if bodyKind != .space && bodyKind != .end { return endOfRun(of: bodyKind, from: body) }
    // A run of white space leaves its last scalar to the word after it, if there is one.
    var (end, last) = (start, start)
    while kind(at: end) == .space { (end, last) = (after(end), end) }
    return end < bytes.count && last > start ? last : end
  }

  /// CLIP: `'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+`
  private func endOfCLIPWord(from start: Int) -> Int {
    if let end = endOfContraction(from: start) { return end }
    let kind = kind(at: start)
    return kind == .number ? after(start) : endOfRun(of: kind, from: start)
  }

  private func endOfContraction(from start: Int) -> Int? {
    guard bytes[start] == 0x27, start + 1 < bytes.count else { return nil }
    let first = bytes[start + 1]
    if "stmd".utf8.contains(first) { return start + 2 }
    guard start + 2 < bytes.count else { return nil }
    switch (first, bytes[start + 2]) {
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return start + 3
    default:
      return nil
    }
  }

  private func endOfRun(of kind: Kind, from start: Int) -> Int {
    var end = start
    while self.kind(at: end) == kind { end = after(end) }
    return end
  }

  // MARK: Scalars of UTF-8

  private enum Kind {
    case letter, number, space, other, end
  }

  /// The kind of the scalar whose first byte is at `index`.
  private func kind(at index: Int) -> Kind {
    guard index < bytes.count else { return .end }
    switch bytes[index] {
    case 0x61...0x7A, 0x41...0x5A: return .letter
    case 0x30...0x39: return .number
    case 0x20, 0x09...0x0D: return .space
    case 0..<0x80: return .other
    default:
      let properties = scalar(at: index).properties
      if properties.isWhitespace { return .space }
      switch properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
        return .letter
      case .decimalNumber, .letterNumber, .otherNumber: return .number
      default: return .other
      }
    }
  }

  /// The index after the scalar at `index`.
  private func after(_ index: Int) -> Int {
    switch bytes[index] {
    case 0..<0x80: index + 1
    case 0x80..<0xE0: index + 2
    case 0xE0..<0xF0: index + 3
    default: index + 4
    }
  }

  private func scalar(at index: Int) -> Unicode.Scalar {
    let width = after(index) - index
    // A first byte holds 5, 4 or 3 bits of the scalar, every following one 6.
    var value = UInt32(bytes[index]) & (0x7F >> UInt32(width))
    for offset in 1..<width { value = value << 6 | UInt32(bytes[index + offset]) & 0x3F }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }
}
