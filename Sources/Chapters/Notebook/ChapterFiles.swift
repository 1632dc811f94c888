import Files
import Foundation

/// Where the parts of a chapter are.
public struct ChapterFiles: Sendable {
  /// The chapter's name, for instance "chapter1-vit".
  public let name: String
  /// The folder of the package.
  public let root: String
  /// The folder of the chapter's Swift files.
  public let sources: String
  /// The folder of the scripts with the live forms of figures, `NAME.js`, for the book's pages.
  var live: String { "\(sources)/Live" }

  /// The files of the chapter called `name`, whose prose, record and figures are in `root`.
  public init(name: String, root: String, sources: String) {
    precondition(
      name.wholeMatch(of: #/chapter[0-9]+-[a-z0-9-]+/#) != nil,
      "a chapter is called like chapter1-vit, not \"\(name)\"")
    self.name = name
    self.root = root
    self.sources = sources
  }

  /// The files of a chapter: the package is the folder above its source that has a
  /// `Package.swift`.
  ///
  /// Throws a `NotebookError` if there is no such folder any more.
  public init(_ chapter: (some Chapter).Type) throws(NotebookError) {
    let sources = (chapter.source as NSString).deletingLastPathComponent
    var root = sources
    while !FileManager.default.fileExists(atPath: "\(root)/Package.swift") {
      guard root != "/" && !root.isEmpty else {
        throw NotebookError(
          "\(sources): the folder this program was made from is gone; build it again where the "
            + "package is now")
      }
      root = (root as NSString).deletingLastPathComponent
    }
    self.init(name: chapter.name, root: root, sources: sources)
  }

  /// "chapter1".
  var number: String { String(name.prefix { $0 != "-" }) }
  /// The chapter's Markdown: `chapters/1-vit.md`.
  public var markdown: String { "\(root)/chapters/\(name.dropFirst("chapter".count)).md" }
  /// What the cells printed and drew: `chapters/outputs/chapter1-vit.json`.
  public var record: String { "\(root)/chapters/outputs/\(name).json" }
  /// What the full run of a cell has kept: `chapters/outputs/chapter1-vit.NAME.json`.
  func kept(_ item: String) -> String { "\(root)/chapters/outputs/\(name).\(item).json" }
  /// The folder of the figures in the book: `figures/chapter1`.
  public var figures: String { "\(root)/figures/\(number)" }
  /// The folder of the figures of a run that records nothing: `build/figures/chapter1`.
  public var ownFigures: String { "\(root)/build/figures/\(number)" }
  /// Where the full run of a cell keeps its checkpoints: `build/training/chapter1-vit/CELL`.
  func training(_ cell: String) -> String { "\(root)/build/training/\(name)/\(cell)" }
  /// A figure as the Markdown names it.
  func link(toFigure file: String) -> String { "../figures/\(number)/\(file)" }
  /// `path` as seen from the package.
  func relative(_ path: String) -> String {
    path.hasPrefix("\(root)/") ? String(path.dropFirst(root.count + 1)) : path
  }
}

/// The text of a file, with "\n" at the end of each line: to Swift the "\r\n" of Windows is a single
/// character, at which a text is not split at "\n".
func readText(_ path: String) throws(FileError) -> String {
  String(decoding: try readFile(path, limit: 50_000_000), as: UTF8.self)
    .replacing("\r\n", with: "\n")
}

/// Writes a file completely or not at all, after making the folders that are missing.
func write(_ bytes: [UInt8], to path: String) throws(FileError) {
  let folder = (path as NSString).deletingLastPathComponent
  do {
    if !folder.isEmpty {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
  } catch {
    throw .unwritable(file: path, reason: "the folder \(folder) cannot be made")
  }
  try AtomicFile.write(bytes, to: path)
}

/// The names of what is in a folder, sorted; none when there is no such folder.
func fileNames(in folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}
