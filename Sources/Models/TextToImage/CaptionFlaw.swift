// What is to be said of captions that cannot be drawn, or not as they are.

import Files
import Text

extension Tokenizer {
  /// Why a caption cannot be drawn: it has no words, or none in letters that the model knows; nil if
  /// it can.
  public func flaw(of caption: String) -> String? {
    if !caption.contains(where: { !$0.isWhitespace }) {
      return "the caption is empty: say what the picture should show"
    }
    let parts = wordsAndSigns(of: caption)
    let known = knownWords
    let letters = Set(parts.filter { $0.count > 1 && $0.contains { $0.isLetter } }.joined())
    // A word of a model's own training is enough, and a word in its letters may be a slip.
    if !Set(parts).isDisjoint(with: known) { return nil }
    if !letters.isDisjoint(with: Set(known.joined())) { return nil }
    let examples = known.prefix(6).joined(separator: ", ")
    return
      "the model knows none of the words of \"\(printable(String(caption.prefix(60))))\"; it has "
      + "learnt " + (examples.isEmpty ? "no whole words" : "words like \(examples)")
  }
}

/// What is to be said of a caption of which the model reads the first `length` tokens only.
public func cutting(_ caption: String, at length: Int) -> String {
  "the caption \"\(printable(caption, limit: 40))\" is cut at \(length) tokens"
}
