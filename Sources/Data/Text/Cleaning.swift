// Captions from web pages carry the traces of the programs they went through. CLIP repairs them
// before it splits them into words: with the package `ftfy`, by resolving HTML's entities twice
// (pages often escape twice), and by collapsing white space and case. Our models read all captions
// so, in training and as prompts.

#if canImport(Foundation)
  import Foundation
#endif

/// A caption as models read it: repaired as by ftfy 6, HTML entities resolved, every gap one space,
/// no gap at either end, and in lower case.
///
/// What ftfy's `fix_text` does is done here too, in the same order and until nothing changes (at
/// most 32 times, so that nested entities cost no hours): HTML
/// entities (unless there is a "<"; ftfy decides that line by line), C1 control characters,
/// ligatures and digraphs of Latin letters, half and full width, curly quotes, line breaks,
/// terminal escape sequences, control characters, NFC. Left out on purpose:
/// - guessing that text was read in a wrong encoding ("Ã©" for "é"), with ftfy's `restore_byte_a0`,
///   `replace_lossy_sequences` and `decode_inconsistent_utf8`: it takes tables of likely mistakes;
/// - `fix_surrogates`: text here has none;
/// - entities that only HTML 5 names (`&check;`), and known ones with letters added before the
///   semicolon (`&ampx;`): they stay as they are. HTML 4's 252 are resolved, also in capitals, and
///   the 106 that browsers know without a semicolon;
/// - the Greek sigma at the end of a word, which Python's lower case handles and Swift's does not.
///
/// - Complexity: O(n) in the length of the caption.
public func cleaned(_ caption: String) -> String {
  if let plain = plain(caption) { return plain }
  var text = repaired(caption)
  for _ in 0..<2 { text = resolvingEntities(in: text, leniently: true) }
  return collapsed(text).lowercased()
}

/// The result for a caption of printable ASCII without "&", byte by byte; nil for others. Most
/// captions are so, and there may be a million of them.
private func plain(_ caption: String) -> String? {
  var result: [UInt8] = []
  var gap = false
  for byte in caption.utf8 {
    guard 0x20...0x7E ~= byte, byte != UInt8(ascii: "&") else { return nil }
    if byte == 0x20 {
      gap = true
      continue
    }
    if gap && !result.isEmpty { result.append(0x20) }
    gap = false
    let isCapital = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    result.append(isCapital ? byte | 0x20 : byte)
  }
  return String(decoding: result, as: UTF8.self)
}

/// `text` with every gap as one space, and no gap at either end.
private func collapsed(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  var gap = false
  for scalar in text.unicodeScalars {
    if isGap(scalar) {
      gap = true
      continue
    }
    if gap && !result.isEmpty { result.append(" ") }
    gap = false
    result.append(scalar)
  }
  return String(result)
}

/// Whether Python calls a character white space: it has four control characters more than Unicode.
private func isGap(_ scalar: Unicode.Scalar) -> Bool {
  scalar.isASCII
    ? [0x09...0x0D, 0x1C...0x20].contains { $0 ~= scalar.value } : scalar.properties.isWhitespace
}

// MARK: ftfy's repairs

/// `text` as ftfy's `fix_text` repairs it, without guessing encodings.
private func repaired(_ text: String) -> String {
  let isMarkup = text.contains("<")
  var text = text
  for _ in 0..<32 {
    let plain = isMarkup ? text : resolvingEntities(in: text, leniently: false)
    var scalars = String.UnicodeScalarView()
    for scalar in plain.unicodeScalars {
      if 0x20...0x7E ~= scalar.value {
        scalars.append(scalar)
      } else {
        scalars += replacement(for: scalar).unicodeScalars
      }
    }
    let next = String(withoutEscapeSequences(scalars)).precomposedStringWithCanonicalMapping
    if next.utf8.elementsEqual(text.utf8) { break }
    text = next
  }
  return text
}

/// What stands for `scalar` in ordinary text.
private func replacement(for scalar: Unicode.Scalar) -> String {
  switch scalar.value {
  case 0x80...0x9F: return String(windows1252[Int(scalar.value) - 0x80])
  case 0xFB05: return "ſt"
  // Ĳ ĳ ŉ, Ǆ … ǌ, Ǳ ǲ ǳ, ﬀ … ﬆ, and the forms of half and full width.
  case 0x132, 0x133, 0x149, 0x1C4...0x1CC, 0x1F1...0x1F3, 0xFB00...0xFB06, 0xFF01...0xFFEF:
    let letters = String(scalar).precomposedStringWithCompatibilityMapping
    return letters == "\u{2BC}n" ? "'n" : letters
  case 0x2BC, 0x2018...0x201B: return "'"
  case 0x201C...0x201F: return "\""
  case 0x3000, 0x2028, 0x2029, 0x0D: return " "
  default: return String(scalar)
  }
}

/// `text` without the sequences that colour terminals, ESC [ numbers letter, and without control
/// characters. Joiners, directions of writing, musical signs and tags stay, as in ftfy.
private func withoutEscapeSequences(_ text: String.UnicodeScalarView) -> String.UnicodeScalarView {
  var result = String.UnicodeScalarView()
  var rest = text[...]
  while let scalar = rest.popFirst() {
    switch scalar.value {
    case 0x1B where rest.first == "[":
      let end = rest.dropFirst().drop {
        $0 == ";" || $0.properties.generalCategory == .decimalNumber
      }
      if let letter = end.first, letter.isASCII, letter.properties.isAlphabetic {
        rest = end.dropFirst()
      }
    case 0...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC: break
    default: result.append(scalar)
    }
  }
  return result
}
