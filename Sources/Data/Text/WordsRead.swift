// What a model has read: words, numbers and signs, not tokens. A tokenizer cuts rare words into
// pieces, so that its vocabulary alone cannot say which words training had.

/// The parts of a caption, after `cleaned`, that can be known or unknown: runs of letters, runs of
/// digits, and each other sign, such as an emoji or "&". Only . , ; : ! ? quotes, brackets and dashes
/// are passed over.
public func wordsAndSigns(of caption: String) -> [String] {
  wordsAndSigns(ofCleaned: cleaned(caption))
}

/// The same for a caption that was cleaned, or what stands between two spaces of one.
package func wordsAndSigns(ofCleaned text: String) -> [String] {
  var parts: [String] = []
  var run = ""
  var runIsNumber = false
  for character in text {
    let kind = Kind(character)
    let isNumber = kind == .number
    if kind == .letter || isNumber {
      if isNumber != runIsNumber && !run.isEmpty {
        parts.append(run)
        run = ""
      }
      runIsNumber = isNumber
      run.append(character)
      continue
    }
    if !run.isEmpty { parts.append(run) }
    run = ""
    if kind == .sign { parts.append(String(character)) }
  }
  return run.isEmpty ? parts : parts + [run]
}

private enum Kind {
  case letter, number, sign, other

  init(_ character: Character) {
    // Unicode's tables say the same of these, and take longer.
    switch character.asciiValue ?? 0 {
    case 0x61...0x7A: self = .letter
    case 0x30...0x39: self = .number
    case 0x20: self = .other
    default:
      self =
        if character.isLetter { .letter } else if character.isNumber {
          .number
        } else if character.isWhitespace || Kind.isPassedOver(character) { .other } else { .sign }
    }
  }

  /// Whether a character only separates words: quotes, brackets, dashes, and these few.
  private static func isPassedOver(_ character: Character) -> Bool {
    if ".,;:!?'\"`´…،؛؟。、！？：；，·".contains(character) { return true }
    return switch character.unicodeScalars.first?.properties.generalCategory {
    case .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
      .dashPunctuation:
      true
    default: false
    }
  }
}

extension Tokenizer {
  /// The name of the note that lists the words read.
  static let wordsNote = "words_read"

  /// Whether the text is a single token that was learnt, or several with one that was: not bytes
  /// alone.
  public func hasLearntToken(for text: String) -> Bool {
    let learnt = Set(table.merges.map { $0.merged })
    return encode(text).contains { learnt.contains($0) }
  }

  /// Tokenizers are equal if they give the same tokens, whatever they were trained on.
  public static func == (a: Tokenizer, b: Tokenizer) -> Bool {
    a.style == b.style && a.vocabulary == b.vocabulary && a.table == b.table
  }
}
