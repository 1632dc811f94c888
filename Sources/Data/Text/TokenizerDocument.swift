// The format of `tokenizer.json`, which describes a tokenizer as a chain of building blocks with
// options. Of the many possible chains we know those of our three styles.

/// The parts of a `tokenizer.json` that we read.
struct TokenizerDocument: Decodable {
  var addedTokens: [AddedToken]?
  var normalizer: Block?
  var preTokenizer: Block?
  var model: Model

  private enum CodingKeys: String, CodingKey {
    case normalizer, model
    case addedTokens = "added_tokens"
    case preTokenizer = "pre_tokenizer"
  }

  struct AddedToken: Decodable {
    var id: Int32
    var content: String
    var special: Bool?
  }

  /// The style whose chain of blocks the file describes.
  /// - Throws: `TextError.unsupported`, with the file and the first option that we do not know.
  func style(named file: String) throws(TextError) -> TextStyle {
    if let strange = model.strangeOption {
      throw .unsupported(file: file, reason: strange)
    }
    if let token = addedTokens?.first(where: { $0.special == false }) {
      throw .unsupported(
        file: file,
        reason: "its added token \"\(token.content)\" is looked for in texts; ours are special")
    }
    let chain = "\(normalizer?.description ?? "none"); \(preTokenizer?.description ?? "none")"
      .replacing(specialsInCLIPWords, with: "")
    for style in TextStyle.allCases where chain == style.chain {
      if model.wordEnd ?? "" == style.wordEnd { return style }
    }
    throw .unsupported(
      file: file,
      reason: "its normaliser and pre-tokeniser are \"\(chain)\" with words ending in "
        + "\"\(model.wordEnd ?? "")\"; known are GPT-2's, CLIP's and those of the DALL·E paper")
  }
}

/// The regular expression of CLIP's words, as files write it.
let clipWords = #"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#
/// Some files begin the expression with this. It changes nothing: programs that look for special
/// tokens in captions find them earlier.
let specialsInCLIPWords = #"<\|startoftext\|>|<\|endoftext\|>|"#

extension TextStyle {
  /// The descriptions of the style's normaliser and pre-tokeniser.
  fileprivate var chain: String {
    switch self {
    case .paper:
      "Lowercase; Sequence(Split(Regex [^a-z], Isolated), ByteLevel(without splitting))"
    case .byteLevel:
      "none; ByteLevel"
    case .clip:
      #"Sequence(NFC, Replace(Regex \s+, by " "), Lowercase); "#
        + "Sequence(Split(Regex \(clipWords), Removed, inverted), ByteLevel)"
    }
  }
}

// MARK: Parts

extension TokenizerDocument {
  /// The vocabulary and its merges.
  struct Model: Decodable {
    let vocab: [String: Int32]
    let merges: [(left: String, right: String)]
    var wordEnd: String?
    /// An option of this model that ours does not have; nil if there is none.
    let strangeOption: String?

    private enum CodingKeys: String, CodingKey {
      case type, vocab, merges, dropout
      case wordEnd = "end_of_word_suffix"
      case subwordPrefix = "continuing_subword_prefix"
      case byteFallback = "byte_fallback"
      case ignoreMerges = "ignore_merges"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      strangeOption = try Self.strangeOption(in: values)
      // Other models may have no merges, and other vocabularies.
      if strangeOption != nil {
        (vocab, merges) = ([:], [])
        return
      }
      vocab = try values.decode([String: Int32].self, forKey: .vocab)
      wordEnd = try values.decodeIfPresent(String.self, forKey: .wordEnd)
      // Since 2024 a merge is written ["a", "b"], before that "a b".
      let list: [(left: String, right: String)?]
      if let pairs = try? values.decode([[String]].self, forKey: .merges) {
        list = pairs.map { $0.count == 2 ? ($0[0], $0[1]) : nil }
      } else if let texts = try? values.decode([String].self, forKey: .merges) {
        list = texts.map(merge)
      } else {
        _ = try values.decode([Either].self, forKey: .merges)
        throw DecodingError.dataCorruptedError(
          forKey: .merges, in: values,
          debugDescription: "some are texts and some are lists; expected texts such as \"a b\", or "
            + "lists such as [\"a\", \"b\"],")
      }
      merges = list.compactMap(\.self)
      if let flaw = list.firstIndex(where: { $0 == nil }) {
        throw DecodingError.dataCorruptedError(
          forKey: .merges, in: values, debugDescription: "number \(flaw) is no merge of two tokens")
      }
    }

    private static func strangeOption(
      in values: KeyedDecodingContainer<CodingKeys>
    ) throws -> String? {
      if let type = try values.decodeIfPresent(String.self, forKey: .type), type != "BPE" {
        return "its model is \(type), not BPE"
      }
      func isSet(_ key: CodingKeys) throws -> Bool {
        try values.decodeIfPresent(Bool.self, forKey: key) == true
      }
      if try isSet(.byteFallback) {
        return "it falls back to bytes (byte_fallback); ours begins with bytes"
      }
      if try isSet(.ignoreMerges) {
        return "it takes words from the vocabulary without merging (ignore_merges)"
      }
      if try values.decodeIfPresent(String.self, forKey: .subwordPrefix) ?? "" != "" {
        return "its words continue with a prefix (continuing_subword_prefix)"
      }
      if try values.decodeIfPresent(Double.self, forKey: .dropout) ?? 0 != 0 {
        return "it passes over merges at random (dropout)"
      }
      return nil
    }

    /// A merge in one of the two forms.
    private struct Either: Decodable {
      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if (try? value.decode(String.self)) == nil { _ = try value.decode([String].self) }
      }
    }
  }

  /// A normaliser or pre-tokeniser; a sequence of blocks is a block.
  struct Block: Decodable, CustomStringConvertible {
    var type: String
    var normalizers: [Block]?
    var pretokenizers: [Block]?
    var pattern: [String: String]?
    var content: String?
    var behavior: String?
    var invert: Bool?
    var addPrefixSpace: Bool?
    var useRegex: Bool?

    private enum CodingKeys: String, CodingKey {
      case type, normalizers, pretokenizers, pattern, content, behavior, invert
      case addPrefixSpace = "add_prefix_space"
      case useRegex = "use_regex"
    }

    /// The options that affect ids: blocks that do the same have the same description.
    var description: String {
      var options = (normalizers ?? pretokenizers ?? []).map(\.description)
      if let pattern {
        options += pattern.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      }
      if let content { options.append("by \"\(content)\"") }
      if let behavior { options.append(behavior) }
      if invert == true { options.append("inverted") }
      if type == "ByteLevel" {
        if addPrefixSpace == true { options.append("with a space in front") }
        if useRegex == false { options.append("without splitting") }
      }
      return options.isEmpty ? type : "\(type)(\(options.joined(separator: ", ")))"
    }
  }
}
