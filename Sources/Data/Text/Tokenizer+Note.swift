// A tokenizer as a note in the checkpoint of the model that was trained with it.

import Foundation

extension Tokenizer {
  /// The name of the note.
  public static let note = "tokenizer"

  /// The notes, by name: the tokenizer in the form of `tokenizer.json`, and the words it has read.
  public var notes: [String: String] {
    var notes = [Self.note: String(decoding: json(), as: UTF8.self)]
    notes[Self.wordsNote] = wordsRead?.joined(separator: " ")
    return notes
  }

  /// The tokenizer in the note of the checkpoint at `file`, which has other `notes` too and whose
  /// model knows `count` tokens.
  ///
  /// Throws a `TextError` if the note holds no tokenizer, or one of another size.
  public init(
    note: String, of notes: [String: String], in file: String, vocabularySize count: Int
  ) throws(TextError) {
    try self.init(json: Data(note.utf8), named: file)
    wordsRead = notes[Self.wordsNote]?.split(separator: " ").map(String.init)
    guard vocabularySize == count else {
      throw .malformed(
        file: file, reason: "it has \(vocabularySize) tokens, the model beside it knows \(count)")
    }
  }
}
