import Files

/// What can go wrong between captions, token ids and vocabulary files.
public enum TextError: Error, Equatable, CustomStringConvertible {
  /// The caption needs `tokens` places (frame tokens included) and only `limit` are allowed.
  case captionTooLong(caption: String, tokens: Int, limit: Int)
  /// `id` is not in `0 ..< vocabularySize`.
  case idOutOfRange(id: Int32, vocabularySize: Int)
  /// The file cannot be read or written.
  case inaccessible(file: String, reason: String)
  /// The file is damaged, or contradicts itself.
  case malformed(file: String, reason: String)
  /// The file is sound, but requires something that this module does not support.
  case unsupported(file: String, reason: String)

  /// A sentence or two: what is wrong, with which file or caption, and what to do. Characters of
  /// strangers that control a terminal are printed as escapes.
  public var description: String { printable(sentence, limit: 2000) }

  private var sentence: String {
    switch self {
    case .captionTooLong(let caption, let tokens, let limit):
      "the caption \"\(printable(caption, limit: 60))\" is \(tokens) tokens long, at most \(limit) "
        + "fit: shorten it"
    case .idOutOfRange(let id, let size):
      "token id \(id) is outside the vocabulary 0 ..< \(size): was it made with another tokenizer?"
    case .inaccessible(let file, let reason): "\(file): \(reason)"
    case .malformed(let file, let reason): "\(file) is not a sound tokenizer file: \(reason)"
    case .unsupported(let file, let reason):
      "\(file) describes a tokenizer of another kind: \(reason)"
    }
  }
}
