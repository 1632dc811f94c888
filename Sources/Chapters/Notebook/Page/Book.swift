import Files
import Foundation

/// All texts of the folder `chapters` as pages that link to one another.
struct Book {
  /// The folder of the package.
  let root: String

  /// Writes a page for each text into `folder`, `index.html` for the contents, and returns their paths.
  ///
  /// Throws a `NotebookError` or `FileError` if a text cannot be read, pandoc fails or a page cannot be
  /// written.
  func write(to folder: String) throws -> [String] {
    try fileNames(in: "\(root)/chapters").filter { $0.hasSuffix(".md") }.map { file in
      let path = "\(folder)/\(PagePlace.page(of: file))"
      let stem = String(file.dropLast(3))
      let title = try heading(of: "\(root)/chapters/\(file)")
      if let number = stem.wholeMatch(of: #/([0-9]+)-.*/#)?.1 {
        let files = ChapterFiles(
          name: "chapter\(stem)", root: root, sources: "\(root)/Sources/Chapters/Chapter\(number)")
        try Page(files, title: title).write(to: path)
      } else {
        try Page(markdown: "\(root)/chapters/\(file)", title: title).write(to: path)
      }
      return path
    }
  }

  /// The first heading of a text.
  private func heading(of path: String) throws -> String {
    let lines = try readText(path).split(separator: "\n")
    return String(lines.first { $0.hasPrefix("# ") }?.dropFirst(2) ?? "")
  }
}
