// Reading vocabularies that other programs wrote: `tokenizer.json` of Hugging Face's `tokenizers`,
// its older form in two files, `vocab.json` and `merges.txt`, and the text file of merges that was
// published with CLIP. Files are not trusted: errors name everything that does not fit together.

import Files
import Foundation

extension Tokenizer {
  /// Reads a `tokenizer.json` file of byte-level BPE, with merges as pairs or as texts.
  ///
  /// Refused by name are: other models (Unigram, WordPiece, WordLevel), `byte_fallback`,
  /// `ignore_merges`, dropout, prefixes of words, added tokens that are not special, other
  /// normalisers and pre-tokenisers than those of `TextStyle`, and texts in other encodings than
  /// UTF-8. Not read at all are `truncation`, `padding`, `post_processor` and `decoder`: the rows of
  /// `encode(_:length:)` are our own.
  /// - Throws: A `TextError` if the file cannot be read, is damaged, or is a tokenizer of another
  ///   kind than those of `TextStyle`.
  public init(contentsOf file: String) throws(TextError) {
    try self.init(json: contents(of: file), named: file)
  }

  /// Reads the contents of a `tokenizer.json` file; errors call it `name`.
  /// - Throws: A `TextError` if it is damaged, or is a tokenizer of another kind than those of
  ///   `TextStyle`.
  public init(json: Data, named name: String) throws(TextError) {
    let document: TokenizerDocument = try parse(json, named: name)
    var ids = document.model.vocab
    let style = try document.style(named: name)
    for token in document.addedTokens ?? [] {
      if let id = ids[token.content], id != token.id {
        throw .malformed(
          file: name, reason: "\"\(token.content)\" has the ids \(id) and \(token.id)")
      }
      ids[token.content] = token.id
    }
    try self.init(style: style, ids: ids, merges: document.model.merges, file: name)
  }

  /// Reads a pair of `vocab.json` and `merges.txt`, which do not name their style.
  /// - Throws: A `TextError` if one of the files cannot be read, is damaged, or does not fit the
  ///   other or the style.
  public init(
    vocabularyFile: String, mergesFile: String, style: TextStyle
  ) throws(TextError) {
    let ids: [String: Int32] = try parse(contents(of: vocabularyFile), named: vocabularyFile)
    try self.init(style: style, ids: ids, merges: readMerges(mergesFile), file: vocabularyFile)
  }

  /// Reads CLIP's `bpe_simple_vocab_16e6.txt` (unpacked), from which the vocabulary follows.
  /// - Parameter vocabularySize: The file has more merges than CLIP uses; only the first ones, for
  ///   this many tokens, are read.
  /// - Throws: A `TextError` if the file cannot be read, is damaged, or has too few merges.
  public init(clipMergesFile file: String, vocabularySize: Int = 49_408) throws(TextError) {
    let style = TextStyle.clip
    let needed = vocabularySize - style.letters.count - style.specialTokens.count
    precondition(needed >= 0, "a vocabulary of \(vocabularySize) tokens has no place for all bytes")
    let merges = try readMerges(file, atMost: needed)
    if merges.count < needed {
      throw .malformed(
        file: file, reason: "\(merges.count) merges, but \(vocabularySize) tokens take \(needed)")
    }
    let vocabulary = style.vocabulary(learnt: merges.map { $0 + $1 })
    let ids = Dictionary(zip(vocabulary, Int32(0)...)) { first, _ in first }
    for (id, token) in vocabulary.enumerated() where ids[token] != Int32(id) {
      throw .malformed(file: file, reason: "the token \"\(token)\" is made twice")
    }
    try self.init(style: style, ids: ids, merges: merges, file: file)
  }

  /// Checks that everything fits together.
  private init(
    style: TextStyle, ids: [String: Int32], merges: [(left: String, right: String)], file: String
  ) throws(TextError) {
    let tokens = ids.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    for (one, other) in zip(tokens, tokens.dropFirst()) where one.value == other.value {
      throw .malformed(
        file: file,
        reason: "\"\(one.key)\" and \"\(other.key)\" have the same id \(one.value)")
    }
    for (expected, (token, id)) in tokens.enumerated() where id != expected {
      throw .malformed(
        file: file,
        reason: "ids should be 0 to \(tokens.count - 1) without gaps, but \"\(token)\" has "
          + "\(id) instead of \(expected)")
    }
    let needed = style.letters + (style == .clip ? style.specialTokens : [])
    if let missing = needed.first(where: { ids[$0] == nil }) {
      if let garbled = ids.keys.first(where: { readAsUTF8($0) == missing }) {
        throw .encodedTwice(file: file, token: missing, as: garbled)
      }
      throw .malformed(file: file, reason: "the token \"\(missing)\" is missing")
    }
    for (rank, (left, right)) in merges.enumerated() {
      if let unknown = [left, right, left + right].first(where: { ids[$0] == nil }) {
        if let token = readAsUTF8(unknown), ids[token] != nil {
          throw .encodedTwice(file: file, token: token, as: unknown)
        }
        throw .malformed(
          file: file,
          reason: "merge \(rank), \"\(left) \(right)\", needs the unknown token \"\(unknown)\"")
      }
    }
    self.init(style: style, vocabulary: tokens.map(\.key), merges: merges)
  }
}

extension TextError {
  /// The error for a file of UTF-8 that was read as windows-1252 and written as UTF-8.
  fileprivate static func encodedTwice(
    file: String, token: String, as garbled: String
  ) -> TextError {
    .malformed(
      file: file,
      reason: "its encoding is wrong: the token \"\(token)\" stands there as \"\(garbled)\", UTF-8 "
        + "that was read as Latin-1 and written again; get the file again")
  }
}

/// The text whose UTF-8, read as Latin-1 or windows-1252, is `garbled`; nil if there is none.
private func readAsUTF8(_ garbled: String) -> String? {
  var bytes: [UInt8] = []
  for scalar in garbled.unicodeScalars {
    if let place = windows1252.firstIndex(of: scalar) {
      bytes.append(UInt8(0x80 + place))
    } else {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
  }
  return String(validating: bytes, as: UTF8.self)
}

// MARK: Merges in text files

/// One merge per line, "left right"; the first line may be a header.
private func readMerges(
  _ file: String, atMost limit: Int = .max
) throws(TextError) -> [(left: String, right: String)] {
  let text = try text(of: contents(of: file), named: file)
  var merges: [(left: String, right: String)] = []
  for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
    if merges.count == limit { break }
    if index == 0 && line.contains("#version") { continue }
    guard let merge = merge(line) else {
      throw .malformed(file: file, reason: "\"\(line.prefix(60))\" is no merge of two tokens")
    }
    merges.append(merge)
  }
  return merges
}

/// "left right" as two tokens; nil if it is anything else.
func merge(_ text: some StringProtocol) -> (left: String, right: String)? {
  let parts = Substring(text).unicodeScalars.split(
    separator: " ", omittingEmptySubsequences: false)
  guard parts.count == 2, !parts.contains(where: \.isEmpty) else { return nil }
  return (String(parts[0]), String(parts[1]))
}

// MARK: Bytes

/// The text of a file, without a byte order mark.
private func text(of data: Data, named file: String) throws(TextError) -> String {
  if let kind = foreignKind(ofFileBeginning: data) {
    throw .malformed(file: file, reason: "it \(kind)")
  }
  if let flaw = encodingFlaw(of: data) {
    throw .malformed(file: file, reason: "\(flaw) (SentencePiece's models are not read)")
  }
  let text = String(decoding: data, as: UTF8.self)
  return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
}

private func parse<Value: Decodable>(
  _ data: Data, named file: String
) throws(TextError) -> Value {
  let json = Data(try text(of: data, named: file).utf8)
  do {
    return try JSONDecoder().decode(Value.self, from: json)
  } catch {
    throw .malformed(file: file, reason: jsonFlaw(error, in: json))
  }
}
