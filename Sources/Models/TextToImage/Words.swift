// Words that a model never met in training.

import Text

extension Tokenizer {
  /// The words of a caption, without those of a single letter.
  public func words(in caption: String) -> [String] {
    caption.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count > 1 }
  }

  /// Words met in training: those that are a single token, the most frequent first. Tokens that
  /// longer words begin with are left out, although they may be words too.
  public var knownWords: [String] {
    let (words, parts) = wholeWords
    return words.filter { !parts.contains($0) }
  }

  /// The words of a caption that were not met in training, each once, with up to three of the
  /// nearest known words.
  public func unknownWords(in caption: String) -> [(word: String, nearest: [String])] {
    let (known, parts) = wholeWords
    let all = Set(known)
    var seen: Set<String> = []
    return words(in: caption).compactMap { word in
      guard !all.contains(word), seen.insert(word).inserted else { return nil }
      // A third to a half of the letters may differ, but not all of them. Of words that are
      // equally near, those with the same first letter come first.
      let most = min(max(2, word.count / 2), word.count - 1)
      let ranks = known.map { other in
        (
          distance: editDistance(other, word), first: other.first == word.first ? 0 : 1,
          part: parts.contains(other) ? 1 : 0, word: other
        )
      }.filter { $0.distance <= most }.sorted { $0 < $1 }
      let showsParts = ranks.first?.part == 1
      return (word, ranks.filter { showsParts || $0.part == 0 }.prefix(3).map(\.word))
    }
  }

  /// Tokens that are words of more than one letter, and those among them that other tokens begin
  /// with (or end with, in CLIP's style), which may be words or parts of words.
  private var wholeWords: (all: [String], parts: Set<String>) {
    let all = vocabulary.compactMap(wholeWord)
    // In this order a word is followed by one that begins with it, if any does.
    let sorted = all.map { style == .clip ? String($0.reversed()) : $0 }.sorted()
    let parts = zip(sorted, sorted.dropFirst()).filter { $1.hasPrefix($0) }.map(\.0)
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
    return word.count > 1 && word.allSatisfy(\.isLetter) ? String(word) : nil
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
