// Writing vocabularies so that other programs can read them. Tokens are in the order of their ids
// and merges in that of their ranks, one on each line: the same tokenizer gives the same bytes.

import Foundation

extension Tokenizer {
  /// The tokenizer in the format of `tokenizer.json`, as Hugging Face's `tokenizers` reads it.
  ///
  /// The format cannot express two things: CLIP's cleaning beyond NFC, white space and lower case,
  /// and that special tokens written out in a caption are plain text for us.
  public func json() -> Data {
    let special = specialTokens.sorted { $0.value < $1.value }.map { token, id in
      """
      {"id": \(id), "content": \(quoted(token)), "single_word": false, "lstrip": false, \
      "rstrip": false, "normalized": false, "special": true}
      """
    }
    let entries = vocabulary.enumerated().map { id, token in "\(quoted(token)): \(id)" }
    let merges = table.merges.map { merge in
      "[\(quoted(vocabulary[Int(merge.left)])), \(quoted(vocabulary[Int(merge.right)]))]"
    }
    return Data(
      """
      {
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [
          \(special.joined(separator: ",\n    "))
        ],
        \(blocks),
        "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true,
          "use_regex": true},
        "model": {
          "type": "BPE",
          "dropout": null,
          "unk_token": \(style == .clip ? quoted(style.specialTokens[1]) : "null"),
          "continuing_subword_prefix": \(style == .clip ? "\"\"" : "null"),
          "end_of_word_suffix": \(style == .clip ? quoted(style.wordEnd) : "null"),
          "fuse_unk": false,
          "byte_fallback": false,
          "ignore_merges": false,
          "vocab": {
            \(entries.joined(separator: ",\n      "))
          },
          "merges": [
            \(merges.joined(separator: ",\n      "))
          ]
        }
      }

      """.utf8)
  }

  /// Writes `json()` to `file`, completely or not at all.
  /// - Throws: `TextError.inaccessible` if the file cannot be written.
  public func write(to file: String) throws(TextError) {
    try replace(file, with: json())
  }

  /// Writes the merges as text, one per line after a header: CLIP's own format, and that of the
  /// `merges.txt` beside a `vocab.json`.
  /// - Throws: `TextError.inaccessible` if the file cannot be written.
  public func writeMerges(to file: String) throws(TextError) {
    let lines = table.merges.map { merge in
      "\(vocabulary[Int(merge.left)]) \(vocabulary[Int(merge.right)])\n"
    }
    try replace(file, with: Data(("#version: 0.2\n" + lines.joined()).utf8))
  }

  /// The building blocks that do what `style` does.
  private var blocks: String {
    switch style {
    case .paper:
      #"""
      "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "pattern": {"Regex": "[^a-z]"}, "behavior": "Isolated", "invert": false},
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}
        ]},
        "post_processor": null
      """#
    case .byteLevel:
      #"""
      "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
          "use_regex": true},
        "post_processor": null
      """#
    case .clip:
      #"""
      "normalizer": {"type": "Sequence", "normalizers": [
          {"type": "NFC"},
          {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
          {"type": "Lowercase"}
        ]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "behavior": "Removed", "invert": true,
            "pattern": {"Regex": \#(quoted(specialsInCLIPWords + clipWords))}},
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}
        ]},
        "post_processor": {"type": "RobertaProcessing", "trim_offsets": false,
          "add_prefix_space": false, "sep": \#(frame(style.specialTokens[1], end)),
          "cls": \#(frame(style.specialTokens[0], start))}
      """#
    }
  }

  private func frame(_ token: String, _ id: Int32?) -> String {
    "[\(quoted(token)), \(id ?? 0)]"
  }
}

/// `text` as a JSON string.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\0"..<" ": result += "\\u" + String(scalar.value + 0x10000, radix: 16).dropFirst()
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
