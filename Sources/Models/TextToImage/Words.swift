// Words that a model has never read.

import Text

extension Tokenizer {
  /// The words of a caption, without those of a single letter.
  public func words(in caption: String) -> [String] {
    caption.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count > 1 }
  }

  /// The words of a caption that were not met in training, each once and with the nearest words
  /// that were: words that are not a single token.
  public func unknownWords(in caption: String) -> [(word: String, nearest: [String])] {
    let known = Set(vocabulary.compactMap(wholeWord))
    var seen: Set<String> = []
    return words(in: caption).compactMap { word in
      guard !known.contains(word), seen.insert(word).inserted else { return nil }
      // Of words that are equally near, those with the same first letter come first.
      let ranks = known.filter { !isPart($0, of: known) }.map { other in
        (editDistance(other, word), other.first == word.first ? 0 : 1, other)
      }
      // A third to a half of the letters may differ, but not all of them.
      let most = min(max(2, word.count / 2), word.count - 1)
      let nearest = ranks.filter { $0.0 <= most }.sorted(by: <).prefix(3)
      return (word, nearest.map(\.2))
    }
  }

  /// The word that a token is; nil for parts of words.
  private func wholeWord(_ token: String) -> String? {
    let word: Substring
    switch style {
    case .paper: word = token[...]
    case .byteLevel:
      // In a vocabulary of bytes a space, which begins a word, is written like this.
      guard token.first == "Ġ" else { return nil }
      word = token.dropFirst()
    case .clip:
      guard token.hasSuffix("</w>") else { return nil }
      word = token.dropLast(4)
    }
    return word.count > 1 && word.allSatisfy(\.isLetter) ? String(word) : nil
  }

  /// Whether a known word may be no word at all, but what longer ones were put together from.
  private func isPart(_ word: String, of known: Set<String>) -> Bool {
    known.contains { other in
      other.count > word.count
        && (style == .clip ? other.hasSuffix(word) : other.hasPrefix(word))
    }
  }
}

/// How many letters must be changed, added or taken away to make one word of another.
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
