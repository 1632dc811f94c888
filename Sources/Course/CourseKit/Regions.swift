/// What is wrong with the regions of a file of solutions or stubs.
public struct RegionError: Error, CustomStringConvertible, Equatable {
  /// One sentence, with the line.
  public let description: String
}

/// A Swift file with regions that learners fill in.
///
/// In solutions a region is `// BEGIN SOLUTION 1.2` … `// END SOLUTION`; in stubs it is
/// `// BEGIN YOUR CODE 1.2` … `// END YOUR CODE`. An exercise may have several.
public struct RegionFile: Equatable, Sendable {
  /// A piece of the file.
  public enum Piece: Equatable, Sendable {
    /// Lines outside regions.
    case fixed([String])
    /// The lines of a region of an exercise, without its marks.
    case region(String, indentation: String, [String])
  }

  /// The file from top to bottom.
  public var pieces: [Piece]
  /// What ends a line: "\n", or "\r\n" in files of Windows.
  public let lineEnd: String

  /// The marks around a region.
  public enum Marks: String, Sendable {
    /// The marks in solutions.
    case solution = "SOLUTION"
    /// The marks in the learner's files.
    case yours = "YOUR CODE"
  }

  /// Parses a file.
  ///
  /// Throws a `RegionError` for a region in a region, one without an end, an end without a
  /// beginning, and an exercise that is not among `known`.
  public init(_ text: String, _ marks: Marks, known: [String]) throws(RegionError) {
    let (begin, end) = ("// BEGIN \(marks.rawValue) ", "// END \(marks.rawValue)")
    pieces = []
    lineEnd = text.contains("\r\n") ? "\r\n" : "\n"
    var lines: [String] = []
    var open: (id: String, indentation: String, line: Int)?
    for (place, line) in text.lines.enumerated() {
      let indentation = String(line.prefix { $0 == " " || $0 == "\t" })
      let content = line.dropFirst(indentation.count).trimmingSuffix { $0.isWhitespace }
      if content.hasPrefix(begin) {
        if let open {
          throw RegionError(
            description: "line \(place + 1): a region begins inside the one of line \(open.line)")
        }
        let id = String(content.dropFirst(begin.count))
        guard known.contains(id) else {
          throw RegionError(description: "line \(place + 1): there is no exercise \(id)")
        }
        pieces.append(.fixed(lines))
        (open, lines) = ((id, indentation, place + 1), [])
      } else if content == end {
        guard let (id, indentation, _) = open else {
          throw RegionError(description: "line \(place + 1): a region ends without having begun")
        }
        pieces.append(.region(id, indentation: indentation, lines))
        (open, lines) = (nil, [])
      } else {
        lines.append(line)
      }
    }
    if let open {
      throw RegionError(description: "line \(open.line): the region \(open.id) has no end")
    }
    pieces.append(.fixed(lines))
  }

  /// The lines of all regions of an exercise, in order.
  public func regions(of exercise: String) -> [[String]] {
    pieces.compactMap {
      if case .region(exercise, _, let lines) = $0 { lines } else { nil }
    }
  }

  /// The exercises that have regions, each once.
  public var exercises: [String] {
    pieces.reduce(into: []) { ids, piece in
      if case .region(let id, _, _) = piece, !ids.contains(id) { ids.append(id) }
    }
  }

  /// The lines outside regions.
  public var fixedLines: [String] {
    pieces.flatMap { piece -> [String] in
      if case .fixed(let lines) = piece { lines } else { [] }
    }
  }

  /// The same file with the regions of one exercise, or of all, restored to stubs.
  public func reset(_ exercise: String? = nil) -> RegionFile {
    var file = self
    file.pieces = pieces.map { piece in
      guard case .region(let id, let indentation, _) = piece, exercise == nil || exercise == id
      else { return piece }
      return .region(
        id, indentation: indentation, ["\(indentation)throw NotAttempted(\"\(id)\")"])
    }
    return file
  }

  /// The text of the file with these marks.
  public func text(_ marks: Marks) -> String {
    pieces.flatMap { piece -> [String] in
      switch piece {
      case .fixed(let lines): lines
      case .region(let id, let indentation, let lines):
        ["\(indentation)// BEGIN \(marks.rawValue) \(id)"] + lines
          + ["\(indentation)// END \(marks.rawValue)"]
      }
    }.joined(separator: lineEnd)
  }

  /// The learner's file made from a file of solutions.
  ///
  /// Throws a `RegionError` if the regions of the solutions are damaged.
  public static func stub(
    from solutions: String, chapter: Int, known: [String]
  ) throws(RegionError) -> String {
    let file = try RegionFile(solutions, .solution, known: known)
    let head = """
      // Your room: write between BEGIN YOUR CODE and END YOUR CODE, in place of the `throw`.
      // `make grade EX=\(chapter).1` grades, `make hint EX=\(chapter).1` helps, and
      // chapters/exercises.md says how it all works.


      """
    return head
      + file.reset().text(.yours).withUnixLineEnds
      .replacing("Reference\(chapter)", with: "YourChapter\(chapter)")
  }
}

extension String {
  /// The same text with "\n" at the end of each line. To Swift, "\r\n" is a single character, which
  /// is not "\n".
  public var withUnixLineEnds: String { replacing("\r\n", with: "\n") }

  /// The lines without what ends them, on any system.
  public var lines: [String] {
    withUnixLineEnds.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> Substring {
    self[..<(lastIndex { !isTrimmed($0) }.map(index(after:)) ?? startIndex)]
  }
}
