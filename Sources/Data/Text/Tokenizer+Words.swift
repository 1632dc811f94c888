// What byte-pair encoding starts from, for code that does the merging itself.

extension Tokenizer {
  /// The pairs of tokens that may become one, in the order in which they were learnt.
  public var merges: [(left: String, right: String)] {
    table.merges.map { (vocabulary[Int($0.left)], vocabulary[Int($0.right)]) }
  }

  /// The words of `caption`, each as the tokens of its bytes, before any merge.
  public func words(_ caption: String) -> [[String]] {
    let bytes = Array(style.normalized(caption).utf8)
    var scanner = WordScanner(bytes, style: style)
    var words: [[String]] = []
    while let word = scanner.next() {
      words.append(table.tokens(of: bytes, word).map { vocabulary[Int($0)] })
    }
    return words
  }
}
