// Reading vocabularies that other programs wrote: `tokenizer.json` of Hugging Face's `tokenizers`,
// its older form in two files, `vocab.json` and `merges.txt`, and the text file of merges that was
// published with CLIP. Files are not trusted: errors name everything that does not fit together.

import Foundation

extension Tokenizer {
  /// Reads a `tokenizer.json` file.
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
    for token in document.addedTokens ?? [] {
      if let id = ids[token.content], id != token.id {
        throw .malformed(
          file: name, reason: "\"\(token.content)\" has the ids \(id) and \(token.id)")
      }
      ids[token.content] = token.id
    }
    try self.init(
      style: document.style(named: name), ids: ids, merges: document.model.merges, file: name)
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
      throw .malformed(file: file, reason: "the token \"\(missing)\" is missing")
    }
    for (rank, (left, right)) in merges.enumerated() {
      if let unknown = [left, right, left + right].first(where: { ids[$0] == nil }) {
        throw .malformed(
          file: file,
          reason: "merge \(rank), \"\(left) \(right)\", needs the unknown token \"\(unknown)\"")
      }
    }
    self.init(style: style, vocabulary: tokens.map(\.key), merges: merges)
  }
}

// MARK: Merges in text files

/// One merge per line, "left right"; the first line may be a header.
private func readMerges(
  _ file: String, atMost limit: Int = .max
) throws(TextError) -> [(left: String, right: String)] {
  guard let text = String(data: try contents(of: file), encoding: .utf8) else {
    throw .malformed(file: file, reason: "no UTF-8 text (is it still packed?)")
  }
  var merges: [(left: String, right: String)] = []
  for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
    if merges.count == limit { break }
    if index == 0 && line.contains("#version") { continue }
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts.contains("") else {
      throw .malformed(file: file, reason: "\"\(line.prefix(60))\" is no merge of two tokens")
    }
    merges.append((String(parts[0]), String(parts[1])))
  }
  return merges
}

// MARK: JSON

private func parse<Value: Decodable>(
  _ data: Data, named file: String
) throws(TextError) -> Value {
  do {
    return try JSONDecoder().decode(Value.self, from: data)
  } catch DecodingError.keyNotFound(let key, let context) {
    throw .malformed(file: file, reason: "\(path(context)) has no \"\(key.stringValue)\"")
  } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
    throw .malformed(file: file, reason: "\(path(context)): \(context.debugDescription)")
  } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
    throw .malformed(file: file, reason: "\(path(context)): \(context.debugDescription)")
  } catch {
    throw .malformed(file: file, reason: "no valid JSON (cut off? or an id that is no integer?)")
  }
}

private func path(_ context: DecodingError.Context) -> String {
  let path = context.codingPath.map(\.stringValue).joined(separator: ".")
  return path.isEmpty ? "the outermost object" : path
}
