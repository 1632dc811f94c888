// A tokenizer as a note in the checkpoint of the model that was trained with it.

import Foundation

extension Tokenizer {
  /// The name of the note.
  public static let note = "tokenizer"

  /// The note: the tokenizer in the form of `tokenizer.json`, by name.
  public var notes: [String: String] { [Self.note: String(decoding: json(), as: UTF8.self)] }

  /// The tokenizer in the note of the checkpoint at `file`, whose model knows `count` tokens.
  ///
  /// Throws a `TextError` if the note holds no tokenizer, or one of another size.
  public init(note: String, in file: String, vocabularySize count: Int) throws(TextError) {
    try self.init(json: Data(note.utf8), named: file)
    guard vocabularySize == count else {
      throw .malformed(
        file: file, reason: "it has \(vocabularySize) tokens, the model beside it knows \(count)")
    }
  }
}
