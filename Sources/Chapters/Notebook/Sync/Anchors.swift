import Files

/// The pieces of code between `// ANCHOR: name` and `// ANCHOR_END: name`.
struct Anchors {
  /// The name and the code of each piece, without the indentation that its lines share, and the path of
  /// its file.
  private(set) var pieces: [(name: String, code: String, file: String)] = []

  /// Reads all Swift files of a folder.
  ///
  /// Throws a `NotebookError` for an anchor without an end, an end without an anchor, or a name that
  /// occurs twice; a `FileError` if a file cannot be read.
  init(folder: String) throws {
    for file in fileNames(in: folder) where file.hasSuffix(".swift") {
      try read(try readText("\(folder)/\(file)"), file: "\(folder)/\(file)")
    }
  }

  /// The code between the anchors called `name`.
  subscript(name: String) -> String? { pieces.first { $0.name == name }?.code }

  /// The path of the file that holds the anchor called `name`.
  func file(of name: String) -> String? { pieces.first { $0.name == name }?.file }

  private mutating func read(_ text: String, file: String) throws {
    var open: [(name: String, line: Int, code: [Substring])] = []
    for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      func fail(_ reason: String) -> NotebookError { NotebookError("\(file):\(i + 1): \(reason)") }
      if let name = line.wholeMatch(of: #/\s*// ANCHOR: ([A-Za-z0-9_-]+)\s*/#)?.1 {
        if self[String(name)] != nil || open.contains(where: { $0.name == name }) {
          throw fail("the anchor \(name) exists already; anchors of a chapter need different names")
        }
        open.append((String(name), i + 1, []))
      } else if let name = line.wholeMatch(of: #/\s*// ANCHOR_END: ([A-Za-z0-9_-]+)\s*/#)?.1 {
        guard let place = open.firstIndex(where: { $0.name == name }) else {
          throw fail("anchor \(name) ends without having begun")
        }
        let (name, _, code) = open.remove(at: place)
        pieces.append((name, dedented(code), file))
      } else if line.contains("// ANCHOR") {
        throw fail("expected `// ANCHOR: name` or `// ANCHOR_END: name` on a line of its own")
      } else {
        for k in open.indices { open[k].code.append(line) }
      }
    }
    if let (name, line, _) = open.first {
      throw NotebookError("\(file):\(line): anchor \(name) has no `// ANCHOR_END: \(name)`")
    }
  }
}

/// Lines without the indentation they share.
private func dedented(_ lines: [Substring]) -> String {
  let inked = lines.filter { $0.contains { $0 != " " } }
  let margin = inked.map { $0.prefix { $0 == " " }.count }.min() ?? 0
  return lines.map { $0.dropFirst(min(margin, $0.prefix { $0 == " " }.count)) }
    .joined(separator: "\n")
}
