import TensorCore
import Testing
import TokenizerTraining

@testable import Text

struct TokenizerTests {
  static let paper = Tokenizer.trained(on: captions(200), style: .paper, vocabularySize: 400)
  static let byteLevel = Tokenizer.trained(
    on: captions(200), style: .byteLevel, vocabularySize: 400)
  static let clip = Tokenizer.trained(on: captions(200), style: .clip, vocabularySize: 700)

  // MARK: Words

  @Test func `the paper's words are runs of a to z, all else stands alone`() {
    #expect(
      words(of: "Don't mix 42 RED  stars.", .paper)
        == ["don", "'", "t", "Ġ", "mix", "Ġ", "4", "2", "Ġ", "red", "Ġ", "Ġ", "stars", "."])
    // "é" is no letter a–z: one word of its two bytes, never joined with its neighbours.
    #expect(words(of: "café", .paper) == ["caf", "Ã©"])
    #expect(words(of: "", .paper) == [])
  }

  @Test(arguments: [
    ("it's", ["it", "'s"]), ("IT'S", ["it", "'s"]), ("we'll've", ["we", "'ll", "'ve"]),
    ("x''s", ["x", "''", "s"]), ("12a", ["1", "2", "a"]), ("a.'s", ["a", ".'", "s"]),
    ("it’s &amp; “so”", ["it", "'s", "&", "\"", "so", "\""]), (" \n ", []),
  ])
  func `CLIP's words are contractions, runs of letters, digits and runs of signs`(
    text: String, expected: [String]
  ) {
    #expect(words(of: text, .clip) == expected)
  }

  @Test(arguments: [
    ("a  b", ["a", "Ġ", "Ġb"]), ("a \n b", ["a", "ĠĊ", "Ġb"]), ("a\nb", ["a", "Ċ", "b"]),
    ("b  ", ["b", "ĠĠ"]), (" 's", ["Ġ'", "s"]), ("A'S", ["A", "'", "S"]),
  ])
  func `GPT-2's words take one space before them`(text: String, expected: [String]) {
    #expect(words(of: text, .byteLevel) == expected)
  }

  @Test(arguments: [
    ("&lt;b&gt; &amp;amp;", "<b> &"), ("&#39;&#x27;&#0;", "''\u{FFFD}"), ("R&D &; &", "r&d &; &"),
    ("&eacute;&NBSP;&unknown;", "é &unknown;"), ("a\u{0}\u{7F}b \u{1F} c", "ab c"),
    ("Ｂｉｇ ﬁsh", "big fish"), ("E\u{301}", "é"), ("\u{3000}a\u{A0}\t\r\nb ", "a b"),
    ("&#xD800;&#99999999;", "\u{FFFD}\u{FFFD}"), ("&\u{301};", "&\u{301};"),
  ])
  func `cleaning repairs ordinary captions`(text: String, expected: String) {
    #expect(bytes(cleaned(text)) == bytes(expected))
  }

  // MARK: Encoding and decoding

  @Test func `any text decodes to itself, in the paper's style to its lower case`() throws {
    var random = Random(seed: 3)
    for _ in 0..<2_000 {
      let text = randomText(&random)
      #expect(bytes(try Self.byteLevel.decode(Self.byteLevel.encode(text))) == bytes(text))
      #expect(
        bytes(try Self.paper.decode(Self.paper.encode(text))) == bytes(text.lowercased()))
    }
  }

  @Test func `CLIP's tokens decode to its words with a space after each`() throws {
    #expect(
      try Self.clip.decode(Self.clip.encode("A big star, isn't it?")) == "a big star , isn 't it ? "
    )
  }

  @Test(arguments: [paper, byteLevel, clip])
  func `words merged by hand are the tokens of the caption`(tokenizer: Tokenizer) {
    let ids = Dictionary(uniqueKeysWithValues: zip(tokenizer.vocabulary, Int32(0)...))
    for caption in captions(20, seed: 5) + ["café, 42  zebras", ""] {
      let tokens = tokenizer.words(caption).flatMap { word in
        var word = word
        // Rank by rank is enough: a merge can only make pairs of later rank.
        for (left, right) in tokenizer.merges {
          var place = 0
          while place + 1 < word.count {
            if word[place] == left && word[place + 1] == right {
              word.replaceSubrange(place...place + 1, with: [left + right])
            }
            place += 1
          }
        }
        return word
      }
      #expect(tokens.map { ids[$0] } == tokenizer.encode(caption))
    }
  }

  @Test(arguments: [paper, byteLevel, clip])
  func `all ids are in the vocabulary, and none is special`(tokenizer: Tokenizer) {
    var random = Random(seed: 4)
    let special = Set(tokenizer.specialTokens.values)
    for text in captions(100, seed: 9) + (0..<500).map({ _ in randomText(&random) }) {
      for id in tokenizer.encode(text) {
        #expect(tokenizer.vocabulary.indices.contains(Int(id)) && !special.contains(id))
      }
    }
  }

  @Test(arguments: [paper, byteLevel, clip])
  func `special tokens written in a caption are plain text`(tokenizer: Tokenizer) throws {
    for token in tokenizer.specialTokens.keys {
      let ids = tokenizer.encode(token)
      #expect(ids.count > 1)
      #expect(try tokenizer.decode(ids).filter { $0 != " " } == token)
    }
  }

  @Test func `decoding leaves special tokens out and repairs nothing`() throws {
    let ids = [1] + Self.paper.encode("é") + [2, 0, 0]
    #expect(try Self.paper.decode(ids) == "é")
    #expect(try Self.paper.decode(ids.prefix(2)) == "\u{FFFD}")
    #expect(try Self.paper.decode([]) == "")
  }

  @Test(arguments: [-1, 400, Int32.max, Int32.min])
  func `ids outside the vocabulary are errors`(id: Int32) {
    let size = Self.byteLevel.vocabularySize
    #expect(throws: TextError.idOutOfRange(id: id, vocabularySize: size)) {
      try Self.byteLevel.decode([5, id])
    }
  }

  @Test func `words that were learnt are single tokens`() {
    let names = Self.paper.encode("a red mushroom").map { Self.paper.vocabulary[Int($0)] }
    #expect(names == ["a", "Ġ", "red", "Ġ", "mushroom"])
  }

  @Test func `many threads can share a tokenizer`() async {
    let texts = captions(50, seed: 5)
    let expected = texts.map(Self.paper.encode)
    await withTaskGroup(of: [[Int32]].self) { group in
      for _ in 0..<8 { group.addTask { texts.map { Self.paper.encode($0) } } }
      for await result in group { #expect(result == expected) }
    }
  }

  @Test(.timeLimit(.minutes(1))) func `a word of half a million letters is no trouble`() throws {
    let word = String(repeating: "mushroomstar", count: 40_000)
    let ids = Self.paper.encode(word)
    #expect(ids.count == 80_000)
    #expect(try Self.paper.decode(ids) == word)
  }

  // MARK: Rows of fixed length

  @Test func `short captions are padded`() throws {
    let ids = Self.paper.encode("a star")
    #expect(try Self.paper.encode("a star", length: 5) == ids + [0, 0])
    #expect(try Self.paper.encode("a star", length: 5, padding: 7) == ids + [7, 7])
    #expect(try Self.paper.encode("a star", length: 3) == ids)
    #expect(try Self.paper.encode("", length: 2) == [0, 0])
  }

  @Test func `long captions are cut only when asked, else the error says how long`() throws {
    let ids = Self.paper.encode("a star")
    #expect(try Self.paper.encode("a star", length: 2, truncate: true) == Array(ids.prefix(2)))
    #expect(throws: TextError.captionTooLong(caption: "a star", tokens: 3, limit: 2)) {
      try Self.paper.encode("a star", length: 2)
    }
    // CLIP's frame counts, too.
    #expect(throws: TextError.captionTooLong(caption: "a star", tokens: 4, limit: 3)) {
      try Self.clip.encode("a star", length: 3)
    }
    #expect(
      TextError.captionTooLong(caption: "a star", tokens: 4, limit: 3).description
        == "the caption \"a star\" is 4 tokens long, at most 3 fit: "
        + "shorten it")
  }

  // MARK: Dropout

  @Test(arguments: [paper, byteLevel, clip])
  func `without dropout nothing changes, with full dropout bytes remain`(
    tokenizer: Tokenizer
  ) {
    var random = Random(seed: 5)
    let letters = Set(tokenizer.style.letters)
    for text in captions(20) {
      #expect(
        tokenizer.encode(text, dropout: 0, using: &random) == tokenizer.encode(text))
      let ids = tokenizer.encode(text, dropout: 1, using: &random)
      #expect(ids.allSatisfy { letters.contains(tokenizer.vocabulary[Int($0)]) })
    }
  }

  @Test(arguments: [paper, byteLevel, clip])
  func `dropout cuts a caption in many ways that all decode to it`(tokenizer: Tokenizer) throws {
    var random = Random(seed: 6)
    let text = "a small yellow penguin in the snow"
    let plain = tokenizer.encode(text)
    var ways: Set<[Int32]> = []
    for _ in 0..<200 {
      let ids = tokenizer.encode(text, dropout: 0.1, using: &random)
      #expect(try tokenizer.decode(ids) == tokenizer.decode(plain))
      ways.insert(ids)
    }
    #expect(ways.count > 20 && ways.contains(plain))
    var again = Random(seed: 6)
    #expect(
      try tokenizer.encode(text, length: 64, dropout: 0.5, using: &again)
        != tokenizer.encode(text, length: 64))
  }

  @Test func `every candidate is dropped with probability p at every step`() {
    // Merges "ab" before "bc": "abc" becomes ab·c with 1 - p, a·bc with p(1 - p), a·b·c with p².
    let tokenizer = Tokenizer(
      style: .paper, vocabulary: TextStyle.paper.vocabulary(learnt: ["ab", "bc"]),
      merges: [("a", "b"), ("b", "c")])
    var random = Random(seed: 7)
    var counts: [String: Double] = [:]
    let (p, rounds) = (0.3, 20_000)
    for _ in 0..<rounds {
      let ids = tokenizer.encode("abc", dropout: Float(p), using: &random)
      let cut = ids.map { tokenizer.vocabulary[Int($0)] }.joined(separator: "·")
      counts[cut, default: 0] += 1
    }
    // Five standard deviations of a share are at most 5·√(¼/20,000) = 0.018.
    for (cut, expected) in [("ab·c", 1 - p), ("a·bc", p * (1 - p)), ("a·b·c", p * p)] {
      #expect(abs((counts[cut] ?? 0) / Double(rounds) - expected) < 0.018)
    }
    #expect(counts.count == 3)
  }

  @Test func `what was passed over at one step is a candidate at the next`() {
    // "abcd" with merges "ab", "cd", "abcd": if "ab" is passed over while "cd" merges it may
    // still merge afterwards, so the whole word comes out more often than with (1 - p)².
    let tokenizer = Tokenizer(
      style: .paper, vocabulary: TextStyle.paper.vocabulary(learnt: ["ab", "cd", "abcd"]),
      merges: [("a", "b"), ("c", "d"), ("ab", "cd")])
    var random = Random(seed: 8)
    let rounds = 20_000
    var whole = 0.0
    for _ in 0..<rounds {
      if tokenizer.encode("abcd", dropout: 0.5, using: &random).count == 1 { whole += 1 }
    }
    // First "ab" (½), then "cd" (½), or first "cd" (½·½), then "ab" (½); then "abcd" (½).
    #expect(abs(whole / Double(rounds) - (0.25 + 0.125) * 0.5) < 0.014)
  }
}
