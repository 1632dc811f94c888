// From captions to token ids and back, by byte-pair encoding (Sennrich, Haddow and Birch, "Neural
// machine translation of rare words with subword units", ACL 2016) over UTF-8 bytes.

import TensorCore

/// A vocabulary of byte-pair tokens, with the rules to cut captions into them.
///
///     let tokenizer = Tokenizer.trained(on: captions, style: .paper, vocabularySize: 512)
///     let ids = tokenizer.encode("a small red star")
///     try tokenizer.decode(ids)                      // "a small red star"
///     try tokenizer.encode("a red star", length: 16) // 16 ids, padded with 0
///
/// A tokenizer never changes, so any number of threads may share it.
public struct Tokenizer: Sendable, Equatable {
  /// How captions are normalised and cut into words.
  public let style: TextStyle
  /// Every token as vocabulary files spell it, by id.
  public let vocabulary: [String]
  /// Tokens that no text produces: padding, beginnings, ends. Decoding leaves them out.
  public let specialTokens: [String: Int32]
  /// The token before the text in a row of fixed length; only CLIP has one.
  public let start: Int32?
  /// The token after the text in a row of fixed length; only CLIP has one.
  public let end: Int32?
  let table: MergeTable
  /// The words, numbers and signs of the captions that it was trained on, the most frequent first;
  /// nil if that is not known. See `wordsAndSigns(of:)`.
  public package(set) var wordsRead: [String]?

  /// The number of tokens; ids are `0 ..< vocabularySize`.
  public var vocabularySize: Int { vocabulary.count }

  /// Precondition: tokens are unique, and the vocabulary holds all letters of the style, both parts
  /// of every merge and its result, and CLIP's special tokens. A token is special if it is neither
  /// a letter nor the result of a merge.
  package init(style: TextStyle, vocabulary: [String], merges: [(left: String, right: String)]) {
    self.style = style
    self.vocabulary = vocabulary
    let ids = Dictionary(uniqueKeysWithValues: zip(vocabulary, Int32(0)...))
    func id(_ token: String) -> Int32 {
      guard let id = ids[token] else { preconditionFailure("the vocabulary has no \(token)") }
      return id
    }
    let letters = style.letters.map(id)
    let merges = merges.map { left, right in
      Merge(left: id(left), right: id(right), merged: id(left + right))
    }
    table = MergeTable(letters: letters, merges: merges)
    let produced = Set(letters).union(merges.map { $0.merged })
    specialTokens = ids.filter { !produced.contains($0.value) }
    start = style == .clip ? id(style.specialTokens[0]) : nil
    end = style == .clip ? id(style.specialTokens[1]) : nil
  }

  // MARK: Encoding

  /// The tokens of `caption`, without `start`, `end` or padding.
  /// - Complexity: O(n log n) in the length of the caption.
  public func encode(_ caption: String) -> [Int32] {
    encode(caption, passOver: { false })
  }

  /// The tokens of `caption` with BPE dropout, for training: different ones at every call, which
  /// decode to the same text.
  /// - Parameter dropout: The probability in 0 … 1 that a possible merge is passed over: 0 is
  ///   plain encoding, 1 gives single bytes. The paper uses 0.1.
  public func encode(
    _ caption: String, dropout: Float, using random: inout Random
  ) -> [Int32] {
    precondition((0...1).contains(dropout), "dropout is a probability, got \(dropout)")
    return encode(caption, passOver: { random.uniform() < dropout })
  }

  /// The tokens of `caption` as a row of exactly `length` ids, with `padding` after the text.
  ///
  /// CLIP's rows begin with `start`, and `end` follows the text, also in a truncated row.
  /// - Throws: `TextError.captionTooLong` if the caption does not fit, unless `truncate` is set.
  public func encode(
    _ caption: String, length: Int, truncate: Bool = false, padding: Int32 = 0
  ) throws(TextError) -> [Int32] {
    try row(of: encode(caption), for: caption, length, truncate: truncate, padding: padding)
  }

  /// The tokens of `caption` with BPE dropout, as a row of exactly `length` ids.
  /// - Throws: `TextError.captionTooLong` if the caption does not fit, unless `truncate` is set.
  public func encode(
    _ caption: String, length: Int, truncate: Bool = false, padding: Int32 = 0,
    dropout: Float, using random: inout Random
  ) throws(TextError) -> [Int32] {
    let ids = encode(caption, dropout: dropout, using: &random)
    return try row(of: ids, for: caption, length, truncate: truncate, padding: padding)
  }

  private func row(
    of ids: [Int32], for caption: String, _ length: Int, truncate: Bool, padding: Int32
  ) throws(TextError) -> [Int32] {
    precondition(length > 0, "a row of \(length) tokens holds no caption")
    var row = [start].compactMap { $0 } + ids + [end].compactMap { $0 }
    if row.count > length {
      if !truncate { throw .captionTooLong(caption: caption, tokens: row.count, limit: length) }
      row.removeLast(row.count - length)
      if let end { row[length - 1] = end }
    }
    return row + Array(repeating: padding, count: length - row.count)
  }

  private func encode(_ caption: String, passOver: () -> Bool) -> [Int32] {
    let bytes = Array(style.normalized(caption).utf8)
    var scanner = WordScanner(bytes, style: style)
    var merger = WordMerger(table)
    var ids: [Int32] = []
    while let word = scanner.next() {
      merger.merge(bytes, word, into: &ids, passOver: passOver)
    }
    return ids
  }

  // MARK: Decoding

  /// The text of `ids`, without special tokens. Bytes that are not UTF-8, for instance because a
  /// character was cut in two, become "\u{FFFD}".
  /// - Throws: `TextError.idOutOfRange` if an id is not in `0 ..< vocabularySize`.
  public func decode(_ ids: some Sequence<Int32>) throws(TextError) -> String {
    var bytes: [UInt8] = []
    for id in ids {
      guard vocabulary.indices.contains(Int(id)) else {
        throw .idOutOfRange(id: id, vocabularySize: vocabularySize)
      }
      let token = vocabulary[Int(id)]
      if specialTokens[token] != nil { continue }
      let endsWord = style == .clip && token.hasSuffix(style.wordEnd)
      let letters = token.unicodeScalars.dropLast(endsWord ? style.wordEnd.count : 0)
      bytes += letters.compactMap(ByteAlphabet.byte)
      if endsWord { bytes.append(UInt8(ascii: " ")) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
