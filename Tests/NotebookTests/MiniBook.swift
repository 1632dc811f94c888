import Foundation
import TestSupport
import Testing

@testable import Notebook

/// A folder with all files of the fixture chapter, recorded and brought up to date, for tests
/// that then break something.
struct MiniBook {
  let folder: TemporaryFolder
  let files: ChapterFiles
  let cells = FixtureChapter.cells.map(\.name)

  static let prose = """
    # Counting

    A chapter in [miniature](#drawing), see [its code](../Sources/FixtureChapter.swift).

    <!-- cell: state -->

    <!-- cell: look -->
    <!-- output: look -->

    The numbers have the sum <!-- value: look.sum --><!-- /value -->; $x^2 < 3$.

    ## Drawing

    <!-- cell: draw -->
    <!-- output: draw -->
    <!-- figure: picture alt="Sixteen squares of random colours" -->

    Notice the colours.

    ```sh
    <!-- cell: not a marker, as it is in a fence -->
    ```

    <!-- cell: learn -->
    <!-- output: learn -->
    <!-- figure: curve alt="A curve that falls from two to a half" -->

    It ends at <!-- value: learn.last --><!-- /value -->.

    """

  init() throws {
    folder = try TemporaryFolder()
    files = ChapterFiles(
      name: FixtureChapter.name, root: folder.path, sources: "\(folder.path)/Sources")
    let code = try readText(FixtureChapter.source)
    try Notebook.write(Array(code.utf8), to: "\(files.sources)/FixtureChapter.swift")
    try Notebook.write(Array(Self.prose.utf8), to: files.markdown)
    let (status, _, complaint) = run("--train", "--record")
    try #require(status == 0, "\(complaint)")
  }

  /// Runs the chapter's program; its output is Unicode unless `isPlain`.
  @discardableResult
  func run(
    _ arguments: String..., isPlain: Bool = false
  ) -> (status: Int32, output: String, complaint: String) {
    var (output, complaint) = ("", "")
    let screen = Screen(isPlain: isPlain, hasColour: false) { output += $0 }
    let status = FixtureChapter.execute(arguments, files: files, screen: screen) {
      complaint += $0
    }
    return (status, output, complaint)
  }

  /// Replaces a text that the file must contain.
  func edit(_ path: String, _ old: String, _ new: String) throws {
    let text = try readText(path)
    try #require(text.contains(old), "\(path) has no \(old)")
    try Notebook.write(Array(text.replacing(old, with: new).utf8), to: path)
  }

  /// The problems that all checks find.
  func problems() throws -> [String] {
    try SyncCheck.allCases.flatMap { try $0.problems(files, cells: cells) }
  }

  /// The text of a file.
  func text(_ path: String) throws -> String { try readText(path) }
}
