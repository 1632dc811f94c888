// Tokenizer files of other kinds and in other encodings: read, or refused by the name of what is not
// supported.

import Foundation
import Testing
import TokenizerTraining

@testable import Text

@Suite struct StrangeTokenizerFileTests {
  private static let sound = Tokenizer.trained(
    on: captions(40), style: .byteLevel, vocabularySize: 300)
  private static let json = String(decoding: sound.json(), as: UTF8.self)

  private func refusal(_ data: Data) -> String {
    do throws(TextError) { _ = try Tokenizer(json: data, named: "t.json") } catch {
      return error.description
    }
    return "read"
  }

  /// What is replaced in a sound file, by what, and what the refusal names.
  static let kinds: [(sound: String, other: String, named: String)] = [
    (#""type": "BPE""#, #""type": "Unigram", "unk_id": 0"#, "its model is Unigram, not BPE"),
    (#""type": "BPE""#, #""type": "WordPiece""#, "its model is WordPiece, not BPE"),
    (#""type": "BPE""#, #""type": "\u001b[31mred""#, #"its model is \u{1B}[31mred, not BPE"#),
    (#""byte_fallback": false"#, #""byte_fallback": true"#, "byte_fallback"),
    (#""ignore_merges": false"#, #""ignore_merges": true"#, "ignore_merges"),
    (#""dropout": null"#, #""dropout": 0.1"#, "dropout"),
    (
      #""continuing_subword_prefix": null"#, ###""continuing_subword_prefix": "##""###,
      "continuing_subword_prefix"
    ),
    (
      #""added_tokens": ["#, #""added_tokens": [{"id": 300, "content": "star", "special": false},"#,
      #"its added token "star" is looked for in texts"#
    ),
    (#""normalizer": null"#, #""normalizer": {"type": "Precompiled"}"#, "Precompiled"),
    (
      #""normalizer": null"#,
      #""normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "_"}]}"#,
      "Sequence(Prepend)"
    ),
    (
      #""pre_tokenizer": {"type": "ByteLevel""#, #""pre_tokenizer": {"type": "Metaspace""#,
      "Metaspace"
    ),
  ]

  @Test(arguments: kinds)
  func `other kinds are refused by name`(sound: String, other: String, named: String) {
    #expect(Self.json.contains(sound))
    let text = refusal(Data(Self.json.replacing(sound, with: other).utf8))
    #expect(text.hasPrefix("t.json describes a tokenizer of another kind: "), "\(text)")
    #expect(text.contains(named) && !text.contains("\n"), "\(text)")
  }

  @Test func `other models are named although their vocabularies look different`() {
    let unigram = #"{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]]}}"#
    #expect(refusal(Data(unigram.utf8)).contains("its model is Unigram"))
    let wordLevel = #"{"model": {"type": "WordLevel", "vocab": {"a": 0}}}"#
    #expect(refusal(Data(wordLevel.utf8)).contains("its model is WordLevel"))
  }

  @Test func `other files are called by their names`() {
    let cases: [(String, String)] = [
      ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
      ("<!DOCTYPE html><html>", "a web page"), ("", "it is empty"), ("\u{FEFF}", "perhaps cut off"),
      ("IQ== 0\n", "it begins with \"IQ== 0"), (#"{"a": 0, "b": 1}"#, "there is no \"model\""),
      (String(Self.json.prefix(3000)), "perhaps cut off"),
    ]
    for (text, named) in cases {
      let refusal = refusal(Data(text.utf8))
      #expect(refusal.contains(named) && !refusal.contains("\n"), "\(refusal)")
    }
  }

  // MARK: Encodings

  @Test func `a byte order mark and Windows' ends of lines are no damage`() throws {
    let lines = Self.json.replacing("\n", with: "\r\n")
    for text in ["\u{FEFF}\(Self.json)", lines] {
      #expect(try Tokenizer(json: Data(text.utf8), named: "") == Self.sound)
    }
  }

  @Test func `other encodings are named`() {
    let latin1 = Data(Self.json.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
    #expect(refusal(latin1).contains("not UTF-8, perhaps Latin-1 or windows-1252"))
    for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian] {
      #expect(refusal(Self.json.data(using: encoding) ?? Data()).contains("it is UTF-16"))
    }
    #expect(refusal(Data([0x0A, 0x8F, 0x01, 0x0A, 0x05])).contains("SentencePiece"))
  }

  @Test(arguments: [String.Encoding.isoLatin1, .windowsCP1252])
  func `UTF-8 that was read in another encoding is named`(encoding: String.Encoding) throws {
    // Bytes that windows-1252 lacks are read as themselves, as by browsers.
    let twice = Self.json.utf8.map { byte -> String in
      encoding == .isoLatin1 || !(0x80...0x9F).contains(byte)
        ? String(Unicode.Scalar(byte)) : String(windows1252[Int(byte) - 0x80])
    }.joined()
    let text = refusal(Data(twice.utf8))
    #expect(
      text.contains("its encoding is wrong: the token \"¡\" stands there as \"Â¡\""), "\(text)")
    try Files.withTemporary { vocabulary in
      try Files.withTemporary("Ä  s\n") { merges in
        let ids = Dictionary(uniqueKeysWithValues: zip(Self.sound.vocabulary, 0...))
        try JSONEncoder().encode(ids).write(to: URL(filePath: vocabulary))
        let error = #expect(throws: TextError.self) {
          try Tokenizer(vocabularyFile: vocabulary, mergesFile: merges, style: .byteLevel)
        }
        #expect(error?.description.contains("is no merge of two tokens") == true)
      }
    }
  }

  // MARK: Merges

  @Test func `merges are pairs or texts, and not both`() throws {
    let pairs = Self.sound.namedMerges
    func file(_ merges: [String]) -> Data {
      let all = Self.json.replacing(/"merges": \[.*\]/.dotMatchesNewlines()) { _ in
        "\"merges\": [\(merges.joined(separator: ", "))]"
      }
      return Data(all.utf8)
    }
    let lists = pairs.map { "[\"\($0[0])\", \"\($0[1])\"]" }
    let texts = pairs.map { "\"\($0[0]) \($0[1])\"" }
    #expect(try Tokenizer(json: file(lists), named: "") == Self.sound)
    #expect(try Tokenizer(json: file(texts), named: "") == Self.sound)
    #expect(
      refusal(file([lists[0]] + texts.dropFirst())).contains("some are texts and some are lists"))
    #expect(refusal(file(["3"])).contains("at \"model.merges[0]\""))
    for bad in [#""a  b""#, #"" a b""#, #""ab""#, #""a b c""#, #"["a"]"#, #"["a", "b", "c"]"#] {
      #expect(refusal(file([bad])).contains("number 0 is no merge of two tokens"), "\(bad)")
    }
  }

  @Test func `names of strangers cannot play tricks in a message`() {
    let error = TextError.malformed(file: "a\u{1B}[2J", reason: "\u{202E}\n")
    #expect(error.description == #"a\u{1B}[2J is not a sound tokenizer file: \u{202E}\n"#)
  }
}
