import Checkpoints
import Foundation
import TensorCore
import Training

/// Where a cell shows its results: on the terminal, in the record, in the book.
///
///     out.show("logits", logits)                      // shape, range, and small ones as a table
///     out.table(["model", "accuracy"], [["linear", 0.412], ["ViT", 0.913]])
///     out.ledger(["image": image, "patches": patches])
///     out.compare("ours vs. loop", ours, loop)
///     out.value("accuracy", 0.913, .percent(1))       // also for the prose: `cell.accuracy`
///     out.figure("tiles", PictureGrid(tiles), "The picture as 64 tiles")
public final class Output {
  /// The random numbers of the cell: they depend on the seed and on the cell's name only.
  public var random: Random
  /// The seed of the run.
  public let seed: UInt64

  let cell: String
  private(set) var blocks: [Block] = []
  private(set) var values: [CellRecord.Value] = []
  private(set) var figures: [(figure: CellRecord.Figure, bytes: [UInt8])] = []
  private(set) var tensors: [(name: String, tensor: StoredTensor)] = []
  private let folder: String
  private let kept: KeptData
  private let hear: (Block, _ previous: Block?) -> Void

  init(
    cell: String, chapter: String, seed: UInt64, trainingFolder: String, kept: KeptData,
    hear: @escaping (Block, _ previous: Block?) -> Void
  ) {
    self.cell = cell
    self.seed = seed
    folder = trainingFolder
    self.kept = kept
    self.hear = hear
    random = Random(seed: seed).split("\(chapter)/\(cell)")
  }

  /// Prints a text, which may have several lines.
  public func print(_ text: String) {
    say(.text(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)))
  }

  /// Prints a table. Columns of numbers are aligned to the right, and all numbers of a column have
  /// the same number of decimals; pass a number as text to choose its digits.
  public func table(_ headers: [String], _ rows: [[any TableValue]]) {
    table("", headers, rows)
  }

  /// Prints a table under a title.
  public func table(_ title: String, _ headers: [String], _ rows: [[any TableValue]]) {
    say(.table(title, Table(headers, rows)))
  }

  /// Prints a number and keeps it for the prose, where it is called `cell.name`.
  public func value(
    _ name: String, _ number: some BinaryFloatingPoint, _ style: ValueStyle = .significant(4)
  ) {
    value(name, style.text(Double(number)))
  }

  /// Prints a whole number and keeps it for the prose, where it is called `cell.name`.
  public func value(_ name: String, _ number: Int) {
    value(name, grouped(number))
  }

  /// Prints a text, for instance a shape, and keeps it for the prose.
  public func value(_ name: String, _ text: String) {
    note(name, text)
    print("\(name)  \(text)")
  }

  /// Keeps a number for the prose without printing it: for code that the book does not show.
  public func note(
    _ name: String, _ number: some BinaryFloatingPoint, _ style: ValueStyle = .significant(4)
  ) {
    note(name, style.text(Double(number)))
  }

  /// Keeps a whole number for the prose without printing it.
  public func note(_ name: String, _ number: Int) { note(name, grouped(number)) }

  /// Keeps a text for the prose without printing it.
  public func note(_ name: String, _ text: String) {
    precondition(
      name.wholeMatch(of: #/[A-Za-z0-9_-]+/#) != nil && !values.contains { $0.name == name },
      "a value of cell \(cell) needs a name of its own, of letters, digits, dashes and "
        + "underscores, got \"\(name)\"")
    values.append(CellRecord.Value(name: name, text: text))
  }

  /// Draws a figure into a file called after `name`. `caption` is Markdown.
  public func figure(_ name: String, _ figure: some Figure, _ caption: String) {
    precondition(
      name.wholeMatch(of: #/[a-z0-9_-]+/#) != nil,
      "a figure's name has small letters, digits, dashes and underscores, got \"\(name)\"")
    let bytes = figure.fileBytes()
    let hash = bytes.withUnsafeBytes { SHA256.hex($0) }
    figures.append(
      (
        CellRecord.Figure(
          name: name, file: "\(name).svg", caption: caption,
          sha256: hash), bytes
      ))
  }

  /// In a full run: keeps a value for this and all later runs.
  ///
  /// Throws an `EncodingError` if JSON cannot hold the value.
  public func keep(_ name: String, _ value: some Encodable) throws {
    try kept.keep(name, value)
  }

  /// The value that the last full run kept under `name`.
  ///
  /// Throws a `NotebookError` if there is none, or it is of another type.
  public func recorded<Value: Decodable>(_ name: String, as _: Value.Type = Value.self) throws
    -> Value
  {
    try kept.value(name)
  }

  /// In a full run: where a `Trainer` keeps its state, so that a run stopped with Ctrl-C continues
  /// when the same command is given again. The folder is `build/training/chapter1-vit/CELL`;
  /// remove it to start over.
  public func trainingFolder(_ card: ModelCard, every interval: Int = 100) -> TrainingFolder {
    TrainingFolder(folder, card, every: interval, resume: true)
  }

  func say(_ block: Block) {
    hear(block, blocks.last)
    blocks.append(block)
  }

  /// Remembers a tensor for `--dump`.
  func remember(_ name: String, _ tensor: StoredTensor) {
    tensors.append((name, tensor))
  }
}
