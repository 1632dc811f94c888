import Files

/// A declaration of the project that a chapter shows: `<!-- code: FILE "func patchify(" -->`.
struct Excerpt: Equatable {
  /// The path of the file, from the package.
  let file: String
  /// How the declaration's first line begins, without its indentation.
  let start: String

  /// The declaration without the comments above it: from its first line to its closing brace, or
  /// one line if it has none.
  ///
  /// Throws a `NotebookError` unless exactly one line begins like this.
  func code(root: String) throws -> String {
    let lines = try readText("\(root)/\(file)")
      .split(separator: "\n", omittingEmptySubsequences: false)
    func indentation(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }
    let begins = lines.indices.filter {
      lines[$0].dropFirst(indentation(lines[$0])).hasPrefix(start)
    }
    guard let first = begins.first, begins.count == 1 else {
      throw NotebookError(
        "\(file): \(begins.isEmpty ? "no line begins" : "\(begins.count) lines begin") with "
          + "\"\(start)\"; a chapter shows this declaration")
    }
    let margin = indentation(lines[first])
    // Parameters and the closing brace may stand at the margin; anything else is the next thing.
    let rest = lines[(first + 1)...]
    let end = rest.firstIndex { line in
      guard let ink = line.first(where: { $0 != " " }) else { return false }
      return indentation(line) <= margin && !")]{".contains(ink)
    }
    let closes = end.map { lines[$0].dropFirst(margin).hasPrefix("}") } ?? false
    let last = end.map { closes ? $0 : first } ?? first
    return lines[first...last].map { $0.dropFirst(min(margin, indentation($0))) }
      .joined(separator: "\n")
  }
}
