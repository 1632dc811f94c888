import Foundation
import TensorCore
import TestSupport

@testable import Text

/// Files that other programs wrote, and temporary ones.
enum Files {
  /// The folder of the files of other programs; unlike the reference values there is only one set.
  static let stored = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Reference/tokenizers")

  /// Runs `body` with the path of a file that is gone afterwards.
  static func withTemporary(
    _ contents: String? = nil, _ body: (String) throws -> Void
  ) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    if let contents { try Data(contents.utf8).write(to: URL(filePath: path)) }
    try body(path)
  }
}

/// The parts of `bpe.json` that the tests use.
struct BPEReference: Decodable {
  var config: Config
  var corpus: [String]
  var byteLevel: ByteLevel
  var clip: CLIP

  private enum CodingKeys: String, CodingKey {
    case config, corpus, clip
    case byteLevel = "byte_level"
  }

  struct Config: Decodable {
    var vocab_size: Int
    var min_frequency: Int
    var clip_context_length: Int
    var clip_sot: Int32
    var clip_eot: Int32
  }

  struct ByteLevel: Decodable {
    var vocab: [String: Int32]
    var merges: [[String]]
    var byte_to_unicode: [String: String]
    var encodings: [Encoding]
    var pretokenized: [Words]
  }

  struct Encoding: Decodable {
    var text: String
    var ids: [Int32]
    var tokens: [String]
    var decoded: String
  }

  struct Words: Decodable {
    var text: String
    var words: [String]

    private enum CodingKeys: String, CodingKey { case text, pieces }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      text = try values.decode(String.self, forKey: .text)
      words = []
      // Every piece is [word, [start, end]].
      var pieces = try values.nestedUnkeyedContainer(forKey: .pieces)
      while !pieces.isAtEnd {
        var piece = try pieces.nestedUnkeyedContainer()
        words.append(try piece.decode(String.self))
      }
    }
  }

  struct CLIP: Decodable {
    var vocab: [String: Int32]
    var merges: [[String]]
    var encodings: [CLIPEncoding]
  }

  struct CLIPEncoding: Decodable {
    var text: String
    var cleaned: String
    var open_clip_ids: [Int32]
    var open_clip_tokens: [String]
    var padded: [Int32]
    var decoded: String
  }

  static func load() throws -> BPEReference {
    try JSONDecoder().decode(
      BPEReference.self, from: Data(contentsOf: referenceFolder.appending(path: "bpe.json")))
  }
}

extension Tokenizer {
  /// The merges as pairs of tokens, by rank.
  var namedMerges: [[String]] {
    table.merges.map { [vocabulary[Int($0.left)], vocabulary[Int($0.right)]] }
  }
}

/// The words of `text` in the letters of vocabulary files.
func words(of text: String, _ style: TextStyle) -> [String] {
  let bytes = Array(style.normalized(text).utf8)
  var scanner = WordScanner(bytes, style: style)
  var words: [String] = []
  while let word = scanner.next() {
    words.append(bytes[word].map { String(ByteAlphabet.letters[Int($0)]) }.joined())
  }
  return words
}

/// Strings compare equal when they look the same ("é" in one scalar or two); bytes do not.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A string of up to 40 scalars from all of Unicode, everyday ones more often.
func randomText(_ random: inout Random) -> String {
  var text = String.UnicodeScalarView()
  let everyday = Array("aeinorst THE 'll 've 's 0179 .,!?-\t\n é½²".unicodeScalars)
  for _ in 0..<random.integer(below: 41) {
    if random.uniform() < 0.7 {
      text.append(everyday[random.integer(below: everyday.count)])
    } else if let scalar = Unicode.Scalar(UInt32(random.integer(below: 0x11_0000))) {
      text.append(scalar)
    }
  }
  return String(text)
}

/// Captions like those of the sticker world.
func captions(_ count: Int, seed: UInt64 = 1) -> [String] {
  var random = Random(seed: seed)
  func pick(_ words: String) -> String {
    let words = words.split(separator: " ")
    return String(words[random.integer(below: words.count)])
  }
  return (0..<count).map { _ in
    "A \(pick("small big")) \(pick("red green blue yellow white")) "
      + "\(pick("star heart moon ball house tree penguin mushroom")) in the \(pick("sky snow"))"
  }
}
