import Foundation
import Testing
import TokenizerTraining

@testable import Text

struct ByteLevelReferenceTests {
  let reference: BPEReference
  let tokenizer: Tokenizer

  init() throws {
    reference = try BPEReference.load()
    tokenizer = Tokenizer.trained(
      on: reference.corpus, style: .byteLevel, vocabularySize: reference.config.vocab_size,
      minimumCount: reference.config.min_frequency)
  }

  @Test func `every byte has the letter of GPT-2`() {
    for (byte, letter) in reference.byteLevel.byte_to_unicode {
      #expect(Int(byte).map { String(ByteAlphabet.letters[$0]) } == letter)
    }
    #expect(reference.byteLevel.byte_to_unicode.count == 256)
  }

  @Test func `training finds the merges and numbers the tokens like the tokenizers package`() {
    #expect(tokenizer.namedMerges == reference.byteLevel.merges)
    let vocabulary = reference.byteLevel.vocab.sorted { $0.value < $1.value }.map(\.key)
    #expect(tokenizer.vocabulary == vocabulary)
    #expect(tokenizer.specialTokens == ["<pad>": 0, "<bos>": 1, "<eos>": 2])
  }

  @Test func `words are cut as by GPT-2's expression`() {
    for example in reference.byteLevel.pretokenized {
      #expect(words(of: example.text, .byteLevel) == example.words)
    }
  }

  @Test func `hard strings have the same ids and tokens and decode to themselves`() throws {
    for example in reference.byteLevel.encodings {
      let ids = tokenizer.encode(example.text)
      #expect(ids == example.ids)
      #expect(ids.map { tokenizer.vocabulary[Int($0)] } == example.tokens)
      #expect(bytes(try tokenizer.decode(ids)) == bytes(example.text))
      #expect(bytes(try tokenizer.decode(ids)) == bytes(example.decoded))
    }
  }
}

struct CLIPReferenceTests {
  /// Only ftfy's tables of likely mistakes tell that "Ã©" is UTF-8 read as Latin-1, and was "é".
  static let needsFtfy = ["Ã© mojibake"]

  let reference: BPEReference
  let examples: [BPEReference.CLIPEncoding]
  let tokenizer: Tokenizer

  init() throws {
    reference = try BPEReference.load()
    examples = reference.clip.encodings.filter { !Self.needsFtfy.contains($0.text) }
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
    defer { try? FileManager.default.removeItem(atPath: file) }
    // A header as in CLIP's own file, and more merges than are used, as there.
    let merges = reference.clip.merges.map { $0.joined(separator: " ") + "\n" }.joined()
    try Data("\"bpe_simple_vocab_16e6.txt#version: 0.2\n\(merges)q q\nqq q\n".utf8)
      .write(to: URL(filePath: file))
    tokenizer = try Tokenizer(
      clipMergesFile: file, vocabularySize: Int(reference.config.clip_eot) + 1)
  }

  @Test func `the merges alone give all ids`() {
    let ids = Dictionary(uniqueKeysWithValues: zip(tokenizer.vocabulary, Int32(0)...))
    #expect(ids.filter { $0.value < reference.config.clip_sot } == reference.clip.vocab)
    #expect(tokenizer.start == reference.config.clip_sot)
    #expect(tokenizer.end == reference.config.clip_eot)
  }

  @Test func `training finds the same merges`() {
    let trained = Tokenizer.trained(
      on: reference.corpus, style: .clip, vocabularySize: Int(reference.config.clip_eot) + 1)
    #expect(trained.namedMerges == reference.clip.merges)
    #expect(trained == tokenizer)
  }

  @Test func `captions are cleaned as by open_clip`() {
    #expect(!examples.isEmpty)
    for example in examples {
      #expect(bytes(cleaned(example.text)) == bytes(example.cleaned))
    }
  }

  @Test func `captions have the ids of open_clip`() throws {
    for example in examples {
      let ids = tokenizer.encode(example.text)
      #expect(ids == example.open_clip_ids)
      #expect(ids.map { tokenizer.vocabulary[Int($0)] } == example.open_clip_tokens)
      #expect(bytes(try tokenizer.decode(ids)) == bytes(example.decoded))
    }
  }

  @Test func `rows are framed, padded with 0, and cut before the end token`() throws {
    let length = reference.config.clip_context_length
    for example in examples {
      let row = try tokenizer.encode(example.text, length: length, truncate: true)
      #expect(row == example.padded)
      if example.open_clip_ids.count + 2 > length {
        #expect(throws: TextError.self) { try tokenizer.encode(example.text, length: length) }
      } else {
        #expect(try tokenizer.encode(example.text, length: length) == example.padded)
      }
    }
  }
}
