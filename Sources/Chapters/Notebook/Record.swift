import Checkpoints
import Files
import Foundation

/// A piece of a cell's output.
public enum Block: Codable, Equatable, Sendable {
  /// Lines of text.
  case text([String])
  /// A table, with a title or an empty one.
  case table(String, Table)

  private enum Key: String, CodingKey { case text, title, table }

  /// Reads `{"text": […]}` or `{"title": …, "table": …}`. Throws a `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let lines = try container.decodeIfPresent([String].self, forKey: .text) {
      self = .text(lines)
    } else {
      self = .table(
        try container.decodeIfPresent(String.self, forKey: .title) ?? "",
        try container.decode(Table.self, forKey: .table))
    }
  }

  /// Writes `{"text": […]}` or `{"title": …, "table": …}`. Throws an `EncodingError` if that fails.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .text(let lines): try container.encode(lines, forKey: .text)
    case .table(let title, let table):
      if !title.isEmpty { try container.encode(title, forKey: .title) }
      try container.encode(table, forKey: .table)
    }
  }

  /// The block as lines of text.
  var lines: [String] {
    switch self {
    case .text(let lines): lines
    case .table(let title, let table): (title.isEmpty ? [] : [title]) + table.lines
    }
  }

  /// Whether a blank line separates two blocks: around every block of several lines.
  static func hasGap(_ previous: Block?, _ next: Block) -> Bool {
    previous.map { $0.lines.count > 1 || next.lines.count > 1 } ?? false
  }
}

/// What one cell printed and drew.
public struct CellRecord: Codable, Equatable, Sendable {
  /// A number for the prose.
  public struct Value: Codable, Equatable, Sendable {
    /// Its name in the prose.
    public let name: String
    /// The number as printed.
    public let text: String
  }

  /// A picture or a plot.
  public struct Figure: Codable, Equatable, Sendable {
    /// The name in the Markdown.
    public let name: String
    /// The name of the file.
    public let file: String
    /// The text below it, in Markdown.
    public let caption: String
    /// The SHA-256 hash of the file.
    public let sha256: String
  }

  /// The name of the cell.
  public let cell: String
  /// How long it took, to a tenth of a second.
  public internal(set) var seconds: Double
  /// What it printed, block by block.
  public let blocks: [Block]
  /// Its numbers for the prose.
  public let values: [Value]
  /// Its figures in the order in which they were drawn.
  public let figures: [Figure]

  /// Everything it printed, as the book shows it.
  public var text: String {
    var lines: [String] = []
    var previous: Block?
    for block in blocks {
      lines += (Block.hasGap(previous, block) ? [""] : []) + block.lines
      previous = block
    }
    return lines.joined(separator: "\n")
  }
}

/// What a whole run of a chapter printed and drew: the one source for the Markdown, the page and the
/// tests.
public struct ChapterRecord: Codable, Equatable, Sendable {
  /// The name of the chapter.
  public let chapter: String
  /// The seed of the run.
  public let seed: UInt64
  /// The cells in the order of the run.
  public internal(set) var cells: [CellRecord]

  /// The record of the cell called `name`.
  public subscript(name: String) -> CellRecord? { cells.first { $0.cell == name } }

  /// The number called "cell.name".
  func value(_ path: String) -> String? {
    guard let dot = path.firstIndex(of: ".") else { return nil }
    let name = path[path.index(after: dot)...]
    return self[String(path[..<dot])]?.values.first { $0.name == name }?.text
  }

  /// The figure called `name`.
  func figure(_ name: String) -> CellRecord.Figure? {
    cells.lazy.flatMap(\.figures).first { $0.name == name }
  }

  /// Reads the record at `path`.
  ///
  /// Throws a `FileError` if it cannot be read, a `NotebookError` if it is not a record.
  init(path: String) throws {
    let bytes = try readFile(path, limit: 100_000_000)
    do {
      self = try JSONDecoder().decode(ChapterRecord.self, from: Data(bytes))
    } catch {
      throw NotebookError(
        "\(path): is not the record of a chapter; make it again with `make chapters`")
    }
  }

  init(chapter: String, seed: UInt64, cells: [CellRecord]) {
    self.chapter = chapter
    self.seed = seed
    self.cells = cells
  }

  /// The record as JSON; equal records give equal bytes.
  func json() throws -> [UInt8] { try encoded(self) }

  /// Keeps the seconds of an earlier record where they are about the same, so that recording again
  /// does not touch cells that have not changed.
  mutating func keepSeconds(of earlier: ChapterRecord) {
    for i in cells.indices {
      guard let old = earlier[cells[i].cell]?.seconds else { continue }
      let new = cells[i].seconds
      if abs(new - old) <= 0.3 + 0.5 * min(new, old) { cells[i].seconds = old }
    }
  }
}

/// A file of JSON with sorted keys; with `isReadable`, an entry on each line.
///
/// Throws an `EncodingError` if JSON cannot hold the value.
func encoded(_ value: some Encodable, isReadable: Bool = true) throws -> [UInt8] {
  let json = try isReadable ? prettyJSON(value) : JSONEncoder.sorted.encode(value)
  return Array(json) + [UInt8(ascii: "\n")]
}
