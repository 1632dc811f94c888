import Foundation
import TensorCore
import Testing
import TokenizerTraining

@testable import Text

struct TokenizerFileTests {
  /// A `tokenizer.json` that the Python packages wrote.
  static func python(_ style: TextStyle) -> String {
    Files.stored.appending(path: "\(style.rawValue).json").path()
  }

  // MARK: Other programs' files

  @Test(arguments: TextStyle.allCases)
  func `files of the Python packages give the ids that these give`(style: TextStyle) throws {
    struct Example: Decodable {
      var text: String
      var ids: [Int32]
    }
    let examples = try JSONDecoder().decode(
      [String: [Example]].self,
      from: Data(contentsOf: Files.stored.appending(path: "encodings.json")))
    let tokenizer = try Tokenizer(contentsOf: Self.python(style))
    #expect(tokenizer.style == style)
    #expect(examples[style.rawValue]?.isEmpty == false)
    for example in examples[style.rawValue] ?? [] {
      #expect(tokenizer.encode(example.text) == example.ids, "\(example.text)")
    }
  }

  @Test(arguments: TextStyle.allCases)
  func `our files say the same as those of the Python packages`(style: TextStyle) throws {
    let theirs = try Data(contentsOf: URL(filePath: Self.python(style)))
    let ours = try Tokenizer(contentsOf: Self.python(style)).json()
    let one = try JSONSerialization.jsonObject(with: ours) as? NSDictionary
    #expect(try JSONSerialization.jsonObject(with: theirs) as? NSDictionary == one)
  }

  @Test func `files may be written as in older versions`() throws {
    let file = try String(contentsOfFile: Self.python(.clip), encoding: .utf8)
    let merges = try Tokenizer(contentsOf: Self.python(.clip)).namedMerges
    let older = file.replacing(/"merges": \[.*\]/.dotMatchesNewlines()) { _ in
      "\"merges\": [" + merges.map { "\"\($0[0]) \($0[1])\"" }.joined(separator: ",") + "]"
    }
    .replacing(#"<\\|startoftext\\|>|<\\|endoftext\\|>|"#, with: "")
    .replacing("\"trim_offsets\": true,", with: "")
    .replacing(/,\s*"use_regex": true/, with: "")
    #expect(older != file)
    let tokenizer = try Tokenizer(json: Data(older.utf8), named: "older")
    #expect(try tokenizer == Tokenizer(contentsOf: Self.python(.clip)))
  }

  @Test(arguments: [TextStyle.byteLevel, .clip])
  func `vocab.json and merges.txt say the same in two files`(style: TextStyle) throws {
    let tokenizer = try Tokenizer(contentsOf: Self.python(style))
    let ids = Dictionary(uniqueKeysWithValues: zip(tokenizer.vocabulary, 0...))
    let vocabulary = String(decoding: try JSONEncoder().encode(ids), as: UTF8.self)
    try Files.withTemporary(vocabulary) { vocabularyFile in
      try Files.withTemporary { mergesFile in
        try tokenizer.writeMerges(to: mergesFile)
        let read = try Tokenizer(
          vocabularyFile: vocabularyFile, mergesFile: mergesFile, style: style)
        #expect(read == tokenizer)
      }
    }
  }

  @Test func `tokens that were added after the vocabulary count`() throws {
    let file = try String(contentsOfFile: Self.python(.byteLevel), encoding: .utf8)
    let size = try Tokenizer(contentsOf: Self.python(.byteLevel)).vocabularySize
    let longer = file.replacing(
      "\"added_tokens\": [", with: "\"added_tokens\": [{\"id\": \(size), \"content\": \"<mask>\"},")
    let tokenizer = try Tokenizer(json: Data(longer.utf8), named: "longer")
    #expect(tokenizer.specialTokens["<mask>"] == Int32(size))
    #expect(tokenizer.vocabularySize == size + 1)
  }

  // MARK: Our files

  @Test(arguments: TextStyle.allCases)
  func `a tokenizer comes back from its file, and writes the same file again`(
    style: TextStyle
  ) throws {
    let odd = ["quote\"s back\\slashes \u{1}\u{7F} ünïcödé \u{2028}", "\"\"\\\\\"\"\\\\"]
    let tokenizer = Tokenizer.trained(
      on: captions(100) + odd, style: style, vocabularySize: 800, minimumCount: 1)
    try Files.withTemporary("something older") { file in
      try tokenizer.write(to: file)
      let read = try Tokenizer(contentsOf: file)
      #expect(read == tokenizer)
      #expect(try Data(contentsOf: URL(filePath: file)) == read.json())
    }
  }

  @Test func `writing to an unwritable place is an error and leaves no files`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    let inside = folder.appending(path: "file")
    try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let missing = folder.appending(path: "missing/file").path()
    for target in [missing, inside.path()] {
      let error = #expect(throws: TextError.self) { try TokenizerTests.paper.write(to: target) }
      #expect(error?.description.hasPrefix("\(target): ") == true)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["file"])
  }

  // MARK: Bad files

  /// What is replaced in a sound file, by what, and what the error should say.
  static let damages: [(sound: String, damaged: String, complaint: String)] = [
    (#""model""#, #""modell""#, #"there is no "model""#),
    (#""vocab""#, #""words""#, #"there is no "vocab" in "model""#),
    (#""merges""#, #""joins""#, #"there is no "merges" in "model""#),
    (#""a": 67,"#, #""a": 1.5,"#, "not whole, or too large"),
    (#""a": 67,"#, #""a": 67000000000,"#, "not whole, or too large"),
    (#""a": 67,"#, #""a": "67","#, #"expected a whole number at "model.vocab.a""#),
    (#""a": 67,"#, "", "without gaps"),
    (#""a": 67,"#, #""a": 68,"#, #""a" and "b" have the same id 68"#),
    (#""a": 67,"#, #""a": -3,"#, #""a" has -3 instead of 0"#),
    (#""a": 67,"#, #""a": 90000,"#, "without gaps"),
    (#""a": 67,"#, #""A ": 67,"#, #"the token "a" is missing"#),
    (#""o",\#n        "n""#, #""o", "語""#, #"unknown token "語""#),
    (#""o",\#n        "n""#, #""n", "Ġ""#, #"unknown token "nĠ""#),
    (#""o",\#n        "n""#, #""on""#, "no merge of two tokens"),
    (#""id": 2,"#, #""id": 3,"#, #""<eos>" has the ids 2 and 3"#),
    (#""BPE""#, #""WordPiece""#, "its model is WordPiece"),
    (#""byte_fallback": false"#, #""byte_fallback": true"#, "falls back to bytes"),
    (#""ignore_merges": false"#, #""ignore_merges": true"#, "without merging"),
    (#""add_prefix_space": false"#, #""add_prefix_space": true"#, "with a space in front"),
    (#""normalizer": null"#, #""normalizer": {"type": "NFKC"}"#, "NFKC; ByteLevel"),
    (#""end_of_word_suffix": null"#, #""end_of_word_suffix": "_""#, #"words ending in "_""#),
  ]

  @Test(arguments: damages)
  func `a damaged file is an error that names the file and the damage`(
    sound: String, damaged: String, complaint: String
  ) throws {
    let file = try String(contentsOfFile: Self.python(.byteLevel), encoding: .utf8)
    #expect(file.contains(sound))
    try Files.withTemporary(file.replacing(sound, with: damaged)) { file in
      let error = #expect(throws: TextError.self) { try Tokenizer(contentsOf: file) }
      let description = error?.description ?? ""
      #expect(description.hasPrefix(file) && description.contains(complaint), "\(description)")
    }
  }

  @Test func `a file that was cut off is an error wherever it was cut`() throws {
    let sound = try Data(contentsOf: URL(filePath: Self.python(.paper)))
    for length in stride(from: 0, to: sound.count - 3, by: 997) {
      let error = #expect(throws: TextError.self) {
        try Tokenizer(json: sound.prefix(length), named: "cut.json")
      }
      #expect(error?.description.hasPrefix("cut.json is not a sound tokenizer file") == true)
    }
  }

  @Test func `missing, huge and endless files are errors`() throws {
    let missing = #expect(throws: TextError.self) { try Tokenizer(contentsOf: "/no/such/file") }
    #expect(missing?.description.hasPrefix("/no/such/file: No such") == true)
    #expect(throws: TextError.self) { try Tokenizer(contentsOf: "/") }
    let endless = #expect(throws: TextError.self) { try Tokenizer(contentsOf: "/dev/zero") }
    #expect(endless?.description.contains("not an ordinary file") == true)
  }

  @Test func `damaged merges in text files are errors`() throws {
    let cases = [
      ("a b\n", "1 merges, but 517 tokens take 3"), ("a b\nc d e\n", "\"c d e\" is no merge"),
      ("a b\n c\nd e\n", "\" c\" is no merge"), ("a b\na b\nd e\n", "\"ab\" is made twice"),
      ("a b\nx語 y\nc d\n", "unknown token \"x語\""), ("ab\n", "\"ab\" is no merge"),
    ]
    for (text, complaint) in cases {
      try Files.withTemporary(text) { file in
        let error = #expect(throws: TextError.self) {
          try Tokenizer(clipMergesFile: file, vocabularySize: 517)
        }
        let description = error?.description ?? ""
        #expect(description.hasPrefix(file) && description.contains(complaint), "\(description)")
      }
    }
    try Files.withTemporary { file in
      try Data([0x1F, 0x8B, 0x08, 0xFF]).write(to: URL(filePath: file))
      let error = #expect(throws: TextError.self) { try Tokenizer(clipMergesFile: file) }
      #expect(error?.description.contains("it is a gzip file") == true)
    }
  }
}
