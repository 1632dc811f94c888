// Learning merges from captions. Words are counted first, since most of a corpus consists of the
// same few words; then, step by step, the most frequent pair of neighbouring tokens becomes a
// token. Counts of pairs are kept up to date word by word, and a queue finds the most frequent
// pair, so that a step costs about as much as the words that it changes.
//
// Of pairs with equal counts the one with the smaller left token merges first, then the one with
// the smaller right. Letters come in the order of their ids (in CLIP's style those at the ends of
// words before the others), then learnt tokens in the order in which they were learnt. This is the
// rule of the `tokenizers` package, so that the merges are the same as there.

import Text

extension Tokenizer {
  /// Learns a vocabulary from `captions`.
  ///
  /// The result depends only on the arguments. It is smaller than requested if no pair is left
  /// that occurs often enough.
  /// - Parameters:
  ///   - captions: The texts to learn from.
  ///   - style: How captions are normalised and cut into words.
  ///   - vocabularySize: The largest number of tokens, single bytes and special tokens included, up
  ///     to 131,072. The paper uses 16,384.
  ///   - minimumCount: The number of times that a pair must occur in all captions to become a token.
  /// - Complexity: O(n + v log v) for n bytes of captions with v bytes of different words,
  ///   times the number of merges that a word goes through.
  public static func trained(
    on captions: some Sequence<String>, style: TextStyle, vocabularySize: Int,
    minimumCount: Int = 2
  ) -> Tokenizer {
    let letters = style.letters
    let smallest = letters.count + style.specialTokens.count
    precondition(
      (smallest...MergeTrainer.vocabularyLimit).contains(vocabularySize),
      "a vocabulary of \(vocabularySize) tokens: possible are \(smallest), the single bytes and "
        + "special tokens, to \(MergeTrainer.vocabularyLimit)")
    var trainer = MergeTrainer(style, minimumCount: minimumCount)
    var words = WordCounts()
    for caption in captions {
      trainer.read(caption, style)
      words.read(caption)
    }
    trainer.countPairs()
    trainer.learn(upTo: vocabularySize - style.specialTokens.count)
    let vocabulary = style.vocabulary(learnt: Array(trainer.vocabulary[letters.count...]))
    var tokenizer = Tokenizer(style: style, vocabulary: vocabulary, merges: trainer.merges)
    tokenizer.wordsRead = words.sorted
    return tokenizer
  }
}

/// Counts the parts of captions. What stands between two spaces is counted first, since a corpus
/// consists of the same few words, and taken apart at the end.
private struct WordCounts {
  private var counts: [String: Int] = [:]

  mutating func read(_ caption: String) {
    for text in cleaned(caption).split(separator: " ") { counts[String(text), default: 0] += 1 }
  }

  /// The parts, the most frequent first; equally frequent ones by the alphabet.
  var sorted: [String] {
    var parts: [String: Int] = [:]
    for (text, count) in counts {
      for part in wordsAndSigns(ofCleaned: text) { parts[part, default: 0] += count }
    }
    return parts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }
}

/// A vocabulary in the making, without special tokens.
private struct MergeTrainer {
  private(set) var vocabulary: [String] = []
  private(set) var merges: [(left: String, right: String)] = []
  private var ids: [String: Int32] = [:]
  private let letters: MergeTable
  private let minimumCount: Int
  /// Every different word of two bytes or more as its present tokens, and how often it occurs.
  private var words: [[Int32]] = []
  private var indices: [[UInt8]: Int] = [:]
  private var wordCounts: [Int] = []
  private var pairs: [Pair: Occurrences] = [:]
  /// Pairs by falling count, then by rising ids. An entry with an outdated count is replaced when it
  /// is popped.
  private var queue = MergeQueue()

  /// Left id and right id in 17 bits each.
  typealias Pair = UInt64
  static let vocabularyLimit = 1 << 17
  private static let countLimit = 1 << 30

  private struct Occurrences {
    var count = 0
    /// Words that have, or once had, the pair; some are listed twice.
    var words: [Int] = []
  }

  init(_ style: TextStyle, minimumCount: Int) {
    self.minimumCount = max(minimumCount, 1)
    // Bytes first.
    vocabulary = style.letters.suffix(256) + style.letters.dropLast(256)
    let ids = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, Int32($0)) })
    letters = MergeTable(letters: style.letters.map { ids[$0]! }, merges: [])
    self.ids = ids
  }

  /// The id of `token`; a token that is not known yet gets a new one.
  private mutating func add(_ token: String) -> Int32 {
    if let id = ids[token] { return id }
    let id = Int32(vocabulary.count)
    vocabulary.append(token)
    ids[token] = id
    return id
  }

  /// Counts the words of a caption.
  mutating func read(_ caption: String, _ style: TextStyle) {
    let bytes = Array(style.normalized(caption).utf8)
    var scanner = WordScanner(bytes, style: style)
    while let place = scanner.next() {
      if place.count == 1 { continue }
      let word = Array(bytes[place])
      let index = indices[word, default: words.count]
      if index == words.count {
        indices[word] = index
        words.append(letters.tokens(of: bytes, place))
        wordCounts.append(0)
      }
      wordCounts[index] += 1
    }
  }

  /// Counts the pairs in the words of all captions.
  mutating func countPairs() {
    for index in words.indices {
      for pair in Self.pairs(of: words[index]) {
        pairs[pair, default: Occurrences()].count += wordCounts[index]
        pairs[pair, default: Occurrences()].words.append(index)
      }
    }
    for pair in pairs.keys { enqueue(pair) }
  }

  /// Learns merges until the vocabulary has `size` tokens, or nothing is left to learn.
  mutating func learn(upTo size: Int) {
    while vocabulary.count < size, let entry = queue.pop() {
      let pair = entry & 0x3_FFFF_FFFF
      if entry == self.entry(for: pair) { merge(pair) } else { enqueue(pair) }
    }
  }

  /// Makes `pair` a token and puts it into all words that contain the pair.
  private mutating func merge(_ pair: Pair) {
    let (left, right) = (Int32(pair >> 17), Int32(pair & 0x1_FFFF))
    merges.append((vocabulary[Int(left)], vocabulary[Int(right)]))
    // Two ways to the same letters ("th e", "t he") share one token.
    let merged = add(vocabulary[Int(left)] + vocabulary[Int(right)])

    var grown: Set<Pair> = []
    for index in pairs[pair]?.words ?? [] {
      let (before, count) = (words[index], wordCounts[index])
      let after = Self.replacing(left, right, with: merged, in: before)
      if after.count == before.count { continue }
      words[index] = after
      for pair in Self.pairs(of: before) { pairs[pair]?.count -= count }
      for pair in Self.pairs(of: after) {
        pairs[pair, default: Occurrences()].count += count
        if pair >> 17 == UInt64(merged) || pair & 0x1_FFFF == UInt64(merged) {
          pairs[pair]?.words.append(index)
          grown.insert(pair)
        }
      }
    }
    pairs[pair] = nil
    for pair in grown { enqueue(pair) }
  }

  /// The entry that the queue should hold for `pair`; nil if it is too rare.
  private func entry(for pair: Pair) -> UInt64? {
    guard let count = pairs[pair]?.count, count >= minimumCount else { return nil }
    precondition(count < Self.countLimit, "a pair of tokens occurs \(count) times: too many")
    return UInt64(Self.countLimit - count) << 34 | pair
  }

  private mutating func enqueue(_ pair: Pair) {
    if let entry = entry(for: pair) { queue.push(entry) }
  }

  private static func pairs(of word: [Int32]) -> [Pair] {
    zip(word, word.dropFirst()).map { UInt64($0) << 17 | UInt64($1) }
  }

  private static func replacing(
    _ left: Int32, _ right: Int32, with merged: Int32, in word: [Int32]
  ) -> [Int32] {
    var result: [Int32] = []
    var index = 0
    while index < word.count {
      let found = index + 1 < word.count && word[index] == left && word[index + 1] == right
      result.append(found ? merged : word[index])
      index += found ? 2 : 1
    }
    return result
  }
}
