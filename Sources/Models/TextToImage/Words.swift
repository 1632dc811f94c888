// Words, numbers and signs that a model never met in training.

import Text

extension Tokenizer {
  /// Words met in training, the most frequent first. Where they are not listed, they are those that
  /// are a single token; tokens that longer words begin with are left out, although they may be
  /// words too.
  public var knownWords: [String] {
    if let wordsRead { return wordsRead }
    let (words, parts) = wholeWords
    return words.filter { !parts.contains($0) }
  }

  /// The words, numbers and signs of a caption that were not met in training, each once, with up to
  /// three of the nearest known words.
  ///
  /// Where words are not listed, a word is known if it is a single token, or has one letter from a
  /// to z; anything else if a token was learnt for it.
  public func unknownWords(in caption: String) -> [(word: String, nearest: [String])] {
    let (known, parts) = wordsRead.map { ($0, []) } ?? wholeWords
    let all = Set(known)
    func isKnown(_ part: String) -> Bool {
      if wordsRead != nil || all.contains(part) { return all.contains(part) }
      if part.count == 1 && part.utf8.count == 1 && part.first!.isLetter { return true }
      return part.contains { $0.isLetter } && part.count > 1 ? false : hasLearntToken(for: part)
    }
    var seen: Set<String> = []
    return wordsAndSigns(of: caption).compactMap { word in
      guard !isKnown(word), seen.insert(word).inserted else { return nil }
      return (word, nearest(to: word, among: known, parts))
    }
  }

  /// Up to three of the known words that are most like `word`. A third to a half of the letters may
  /// differ, but not all of them. Of words that are equally near, those with the same first letter
  /// come first, and parts of words only if there is nothing else.
  private func nearest(to word: String, among known: [String], _ parts: Set<String>) -> [String] {
    // Comparing takes time in proportion to the lengths of both.
    guard word.contains(where: { $0.isLetter }), word.count <= 30 else { return [] }
    let most = min(max(2, word.count / 2), word.count - 1)
    let candidates = known.filter { abs($0.count - word.count) <= most }
    let ranks = candidates.map { other in
      (
        distance: editDistance(other, word), first: other.first == word.first ? 0 : 1,
        part: parts.contains(other) ? 1 : 0, word: other
      )
    }.filter { $0.distance <= most }.sorted { $0 < $1 }
    let showsParts = ranks.first?.part == 1
    return ranks.filter { showsParts || $0.part == 0 }.prefix(3).map { $0.word }
  }

  /// Tokens that are words of more than one letter, and those among them that other tokens begin
  /// with (or end with, in CLIP's style), which may be words or parts of words.
  private var wholeWords: (all: [String], parts: Set<String>) {
    let all = vocabulary.compactMap(wholeWord)
    // In this order a word is followed by one that begins with it, if any does.
    let sorted = all.map { style == .clip ? String($0.reversed()) : $0 }.sorted()
    let parts = zip(sorted, sorted.dropFirst()).filter { $1.hasPrefix($0) }.map { $0.0 }
    return (all, Set(style == .clip ? parts.map { String($0.reversed()) } : parts))
  }

  /// The token as a word; nil if it is another part of a word.
  private func wholeWord(_ token: String) -> String? {
    let word: Substring
    switch style {
    case .paper: word = token[...]
    case .byteLevel:
      // A byte-level vocabulary writes the space before a word like this.
      guard token.first == "Ġ" else { return nil }
      word = token.dropFirst()
    case .clip:
      guard token.hasSuffix("</w>") else { return nil }
      word = token.dropLast(4)
    }
    return word.count > 1 && word.allSatisfy { $0.isLetter } ? String(word) : nil
  }
}

/// The number of letters to change, add or remove to turn one word into the other.
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in b.enumerated() {
      let change = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
