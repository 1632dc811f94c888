// Words that a model has never read.

import DALLETraining
import Text

extension PictureDrawer {
  /// The words of a caption that the model has not met in training, each with the nearest words
  /// that it has: words that are not a single token.
  public func unknownWords(in caption: String) -> [(word: String, nearest: [String])] {
    let known = Set(tokenizer.vocabulary.compactMap(wholeWord))
    var seen: Set<String> = []
    return caption.lowercased().split { !$0.isLetter }.map(String.init).compactMap { word in
      guard !known.contains(word), word.count > 1, seen.insert(word).inserted else { return nil }
      // Of words that are equally near, those with the same first letter come first.
      let ranks = known.map { other in
        (editDistance(other, word), other.first == word.first ? 0 : 1, other)
      }
      let nearest = ranks.filter { $0.0 <= max(2, word.count / 2) }.sorted(by: <).prefix(3)
      return (word, nearest.map(\.2))
    }
  }

  /// The word that a token is, with the space before it; nil for parts of words.
  private func wholeWord(_ token: String) -> String? {
    // In a vocabulary of bytes a space is written like this.
    guard token.first == "Ġ" else { return nil }
    let word = token.dropFirst()
    return word.count > 1 && word.allSatisfy(\.isLetter) ? String(word) : nil
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
