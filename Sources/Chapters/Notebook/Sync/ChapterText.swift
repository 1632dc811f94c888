/// The Markdown of a chapter: prose, and what is filled in after the markers.
struct ChapterText {
  enum Piece: Equatable {
    /// A line by the author; `isCode` if it is inside a fence.
    case prose(String, isCode: Bool)
    /// `<!-- cell: NAME -->` and the code below it, if it is filled in already.
    case cell(String, code: String?)
    /// `<!-- code: FILE "func f(" -->` and the declaration below it.
    case excerpt(Excerpt, code: String?)
    /// `<!-- output: NAME -->` and the text below it.
    case output(String, text: String?)
    /// `<!-- figure: NAME alt="…" -->` and the line of the image below it.
    case figure(String, alt: String, image: String?)
  }

  /// The pieces in order, each with the number of its first line.
  var pieces: [(line: Int, piece: Piece)] = []

  /// Parses a text. Throws a `NotebookError` if a marker is misspelt or a fence does not end.
  init(_ text: String, file: String) throws(NotebookError) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var next = 0
    var fence: Substring?  // the mark that ends the author's own fence

    /// The lines of the fence that begins at `next`, when it is of this kind.
    func machineFence(_ kind: String) throws(NotebookError) -> String? {
      guard next < lines.count, lines[next] == "```\(kind)" else { return nil }
      guard let end = lines[(next + 1)...].firstIndex(of: "```") else {
        throw NotebookError("\(file):\(next + 1): this fence has no end")
      }
      defer { next = end + 1 }
      return lines[(next + 1)..<end].joined(separator: "\n")
    }

    while next < lines.count {
      let (line, number) = (lines[next], next + 1)
      next += 1
      if let mark = line.firstMatch(of: #/^ *(```+|~~~+)/#)?.1 {
        let isEnd = fence.map { mark.hasPrefix($0) } ?? false
        pieces.append((number, .prose(line, isCode: true)))
        if fence == nil { fence = mark } else if isEnd { fence = nil }
      } else if fence != nil {
        pieces.append((number, .prose(line, isCode: true)))
      } else if let name = line.wholeMatch(of: #/<!-- cell: ([A-Za-z0-9_-]+) -->/#)?.1 {
        pieces.append((number, .cell(String(name), code: try machineFence("swift"))))
      } else if let match = line.wholeMatch(of: #/<!-- code: (\S+) "([^"]+)" -->/#) {
        let excerpt = Excerpt(file: String(match.1), start: String(match.2))
        pieces.append((number, .excerpt(excerpt, code: try machineFence("swift"))))
      } else if let name = line.wholeMatch(of: #/<!-- output: ([A-Za-z0-9_-]+) -->/#)?.1 {
        pieces.append((number, .output(String(name), text: try machineFence("text"))))
      } else if let match = line.wholeMatch(
        of: #/<!-- figure: ([a-z0-9_-]+)(?: alt="([^"]*)")? -->/#)
      {
        var image: String?
        if next < lines.count, lines[next].hasPrefix("![") {
          image = lines[next]
          next += 1
        }
        pieces.append(
          (number, .figure(String(match.1), alt: String(match.2 ?? ""), image: image)))
      } else {
        let rest = line.replacing(Self.value, with: "")
        if rest.contains(#/<!-- *\/?(cell|code|output|figure|value)\b/#) {
          throw Self.misspelt(file, line: number)
        }
        pieces.append((number, .prose(line, isCode: false)))
      }
    }
  }

  private static func misspelt(_ file: String, line: Int) -> NotebookError {
    NotebookError(
      "\(file):\(line): this marker is not understood; expected <!-- cell: NAME -->, "
        + "<!-- code: FILE \"func f(\" -->, <!-- output: NAME --> or "
        + "<!-- figure: NAME alt=\"…\" --> on a line of its own, "
        + "or <!-- value: CELL.NAME --><!-- /value --> in one line")
  }

  /// A number in the prose, with its name and text.
  static var value: Regex<(Substring, Substring, Substring)> {
    #/<!-- value: ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+) -->(.*?)<!-- \/value -->/#
  }

  /// The numbers in the prose: line, name and text.
  var values: [(line: Int, path: String, text: String)] {
    pieces.flatMap { line, piece -> [(line: Int, path: String, text: String)] in
      guard case .prose(let text, isCode: false) = piece else { return [] }
      return text.matches(of: Self.value).map { (line, String($0.1), String($0.2)) }
    }
  }

  /// The text as a file.
  var text: String {
    pieces.map { _, piece in
      switch piece {
      case .prose(let line, _): line
      case .cell(let name, let code):
        "<!-- cell: \(name) -->" + (code.map { "\n```swift\n\(lines($0))```" } ?? "")
      case .excerpt(let excerpt, let code):
        "<!-- code: \(excerpt.file) \"\(excerpt.start)\" -->"
          + (code.map { "\n```swift\n\(lines($0))```" } ?? "")
      case .output(let name, let text):
        "<!-- output: \(name) -->" + (text.map { "\n```text\n\(lines($0))```" } ?? "")
      case .figure(let name, let alt, let image):
        "<!-- figure: \(name) alt=\"\(alt)\" -->" + (image.map { "\n\($0)" } ?? "")
      }
    }.joined(separator: "\n")
  }

  private func lines(_ text: String) -> String { text.isEmpty ? "" : text + "\n" }
}

extension ChapterFiles {
  /// The Markdown, parsed.
  ///
  /// Throws a `FileError` if it cannot be read, a `NotebookError` if it cannot be parsed.
  func text() throws -> ChapterText {
    try ChapterText(try readText(markdown), file: relative(markdown))
  }

  /// The line that shows a figure; its caption is Markdown.
  func imageLine(_ figure: CellRecord.Figure, alt: String) -> String {
    let alt = alt.replacing("[", with: "\\[").replacing("]", with: "\\]")
    return "![\(alt)](\(link(toFigure: figure.file)))"
      + (figure.caption.isEmpty ? "" : "<br>*\(figure.caption)*")
  }
}
