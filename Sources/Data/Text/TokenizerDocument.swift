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
  }

  /// The style whose chain of blocks the file describes.
  /// - Throws: `TextError.unsupported`, with the file and the first option that we do not know.
  func style(named file: String) throws(TextError) -> TextStyle {
    if let strange = model.strangeOption {
      throw .unsupported(file: file, reason: strange)
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
    var type: String?
    var vocab: [String: Int32]
    var merges: [(left: String, right: String)]
    var wordEnd: String?
    private var subwordPrefix: String?
    private var byteFallback: Bool?
    private var ignoreMerges: Bool?

    private enum CodingKeys: String, CodingKey {
      case type, vocab, merges
      case wordEnd = "end_of_word_suffix"
      case subwordPrefix = "continuing_subword_prefix"
      case byteFallback = "byte_fallback"
      case ignoreMerges = "ignore_merges"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      type = try values.decodeIfPresent(String.self, forKey: .type)
      vocab = try values.decode([String: Int32].self, forKey: .vocab)
      wordEnd = try values.decodeIfPresent(String.self, forKey: .wordEnd)
      subwordPrefix = try values.decodeIfPresent(String.self, forKey: .subwordPrefix)
      byteFallback = try values.decodeIfPresent(Bool.self, forKey: .byteFallback)
      ignoreMerges = try values.decodeIfPresent(Bool.self, forKey: .ignoreMerges)
      // Since 2024 a merge is written ["a", "b"], before that "a b".
      let pairs: [[String]]
      if let lines = try? values.decode([String].self, forKey: .merges) {
        pairs = lines.map { $0.split(separator: " ").map(String.init) }
      } else {
        pairs = try values.decode([[String]].self, forKey: .merges)
      }
      merges = try pairs.map { pair in
        guard pair.count == 2 else {
          throw DecodingError.dataCorruptedError(
            forKey: .merges, in: values, debugDescription: "\(pair) is no merge of two tokens")
        }
        return (pair[0], pair[1])
      }
    }

    /// An option of this model that ours does not have; nil if there is none.
    var strangeOption: String? {
      if let type, type != "BPE" { return "its model is \(type), not BPE" }
      if let subwordPrefix, !subwordPrefix.isEmpty { return "its words continue with a prefix" }
      if byteFallback == true { return "it falls back to bytes; ours begins with bytes" }
      if ignoreMerges == true { return "it takes words from the vocabulary without merging" }
      return nil
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
