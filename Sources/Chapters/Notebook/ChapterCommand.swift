import ArgumentParser
import Commands
import Files
import Foundation
import Training

extension Chapter {
  /// The chapter as a program: understands its arguments, runs, and exits.
  public static func main() {
    Foundation.exit(execute(Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs the chapter's program and returns its exit status: 0; 64 for arguments that cannot be
  /// understood; 130 after Ctrl-C in a training; 1 for every other failure, reported in one line.
  static func execute(
    _ arguments: [String], files: ChapterFiles? = nil, screen: Screen? = nil,
    complain: (String) -> Void = Commands.complain
  ) -> Int32 {
    ChapterCommand<Self>.execute(
      arguments, complain: complain, explain: { ($0 as? TrainingError)?.failure },
      run: { command in
        guard let command = command as? ChapterCommand<Self> else { return try command.run() }
        let screen = screen ?? Screen.standardOutput(plain: command.plain)
        try command.run(files ?? ChapterFiles(Self.self), screen)
      })
  }
}

extension TrainingError {
  /// Chapters resume by themselves, so no flag is named.
  fileprivate var failure: Failure {
    guard case .interrupted(let done, let steps, let unit, let state) = self else {
      return Failure("\(self)", status: exitStatus)
    }
    return Failure(
      "stopped after \(done) of \(steps) \(unit)s; the same command continues from \(state)",
      status: exitStatus, isError: false)
  }
}

/// The flags that all chapters share.
struct ChapterCommand<C: Chapter>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: C.name, abstract: C.title,
      discussion: """
        Without flags, all cells run; figures go to build/figures. Examples:
          \(C.name) --list
          \(C.name) --cell \(C.cells.last?.name ?? "NAME")
        """)
  }

  @Flag(help: "List the cells with their files and the seconds they took when recorded.")
  var list = false
  @Option(
    help:
      "Show this cell; earlier ones run silently. With --record --train, train only for this one. Repeatable."
  )
  var cell: [String] = []
  @Option(help: "Random seed.")
  var seed: UInt64 = 1
  @Flag(help: "Train in full first, after printing how long that takes.")
  var train = false
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Write a tensor that a cell shows, as .npy, .safetensors, or text.",
      valueName: "name file"))
  var dump: [String] = []
  @Option(help: ArgumentHelp("Write the chapter as a page; needs pandoc.", valueName: "file"))
  var html: String?
  @Option(
    help: ArgumentHelp("Write all texts of the book as pages; needs pandoc.", valueName: "folder"))
  var book: String?
  @Flag(help: "Record what the cells print and draw, and update the Markdown.")
  var record = false
  @Flag(help: "Update the Markdown from the code and the record; runs nothing.")
  var refresh = false
  @Flag(help: "No colour and no Unicode, as when the output is not a terminal.")
  var plain = false

  mutating func validate() throws {
    let jobs = [
      ("--list", list), ("--dump", !dump.isEmpty), ("--html", html != nil),
      ("--book", book != nil), ("--record", record),
      ("--refresh", refresh),
    ].filter(\.1).map(\.0)
    guard jobs.count <= 1 else {
      throw ValidationError("\(jobs.joined(separator: " and ")) do not go together")
    }
    if let job = jobs.first, job != "--dump" {
      guard cell.isEmpty || (job == "--record" && train) else {
        throw ValidationError(
          "--cell does not go with \(job)" + (job == "--record" ? " unless there is --train" : ""))
      }
      guard seed == 1 else { throw ValidationError("--seed does not go with \(job)") }
      guard !train || job == "--record" else {
        throw ValidationError("--train does not go with \(job)")
      }
    }
    guard dump.isEmpty || dump.count == 2 else {
      throw ValidationError("--dump needs the name of a tensor and a file")
    }
    let names = C.cells.map(\.name)
    for name in cell where !names.contains(name) {
      throw ValidationError(
        "there is no cell \(name); the cells are \(names.joined(separator: ", "))")
    }
  }

  func run(_ files: ChapterFiles, _ screen: Screen) throws {
    if list {
      try showList(files, screen)
    } else if refresh {
      try refreshMarkdown(files, ChapterRecord(path: files.record), screen)
    } else if let html {
      try Page(files, title: C.title).write(to: html)
      screen.line(html)
    } else if let book {
      for page in try Book(root: files.root).write(to: book) { screen.line(page) }
      if !FileManager.default.fileExists(atPath: "\(book)/live") {
        screen.line("live figures with models need `make page` (which writes to build/book)")
      }
    } else if let name = dump.first, let file = dump.last {
      try writeDump(name, to: file, files, screen)
    } else {
      try runCells(files, screen)
    }
  }

  private func showList(_ files: ChapterFiles, _ screen: Screen) throws {
    let record = try? ChapterRecord(path: files.record)
    let anchors = try? Anchors(folder: files.sources)
    let rows = C.cells.map { cell in
      [
        cell.name, cell.title, anchors?.file(of: cell.name).map(files.relative) ?? "",
        record?[cell.name].map { "\($0.seconds) s" } ?? "–",
        cell.full.map { "with --train: \($0.estimate)" } ?? "",
      ]
    }
    for line in aligned(rows, toTheRight: [false, false, false, true, false]) { screen.line(line) }
  }

  private func runCells(_ files: ChapterFiles, _ screen: Screen) throws {
    var run = ChapterRun<C>(files, seed: seed)
    run.trains = { train && (cell.isEmpty || cell.contains($0)) }
    var drawn: [(file: String, bytes: [UInt8])] = []
    screen.heading("\(C.name)  \(C.title)")
    run.hear = { event in
      switch event {
      case .begins(let cell):
        screen.line()
        screen.heading("\(cell.name)  \(cell.title)")
      case .trains(_, let estimate):
        screen.line("training in full, which takes \(estimate); Ctrl-C stops it")
      case .says(let block, let previous):
        if Block.hasGap(previous, block) { screen.line() }
        for line in block.lines { screen.line("  " + line) }
      case .ends(_, let output, _):
        for (figure, bytes) in output.figures {
          // Recorded figures are written when all cells have run.
          let path = "\(record ? files.figures : files.ownFigures)/\(figure.file)"
          if record { drawn.append((path, bytes)) } else { try write(bytes, to: path) }
          screen.line("  figure \(files.relative(path))")
        }
      }
    }
    let fresh: ChapterRecord
    do {
      fresh = try run { record || cell.isEmpty || cell.contains($0) }
    } catch {
      // A training may have taken an hour before a later cell failed.
      if record { try run.kept.write() }
      throw error
    }
    if record {
      try store(fresh, drawn, run.kept, files)
      screen.line("\nrecorded in \(files.relative(files.record))")
      try refreshMarkdown(files, fresh, screen)
    }
  }

  /// Writes the record and its figures, and removes figures that no cell draws any more.
  private func store(
    _ record: ChapterRecord, _ figures: [(file: String, bytes: [UInt8])], _ kept: KeptData,
    _ files: ChapterFiles
  ) throws {
    var record = record
    if let earlier = try? ChapterRecord(path: files.record) { record.keepSeconds(of: earlier) }
    try kept.write()
    for (path, bytes) in figures { try write(bytes, to: path) }
    try write(try record.json(), to: files.record)
    let wanted = record.cells.flatMap(\.figures).map(\.file)
    for file in fileNames(in: files.figures)
    where !wanted.contains(file) && (file.hasSuffix(".png") || file.hasSuffix(".svg")) {
      try FileManager.default.removeItem(atPath: "\(files.figures)/\(file)")
    }
  }

  private func refreshMarkdown(
    _ files: ChapterFiles, _ record: ChapterRecord, _ screen: Screen
  ) throws {
    let path = files.relative(files.markdown)
    let hasChanged = try files.refreshMarkdown(record)
    screen.line("\(path): \(hasChanged ? "brought up to date" : "is up to date")")
  }

  private func writeDump(
    _ name: String, to file: String, _ files: ChapterFiles, _ screen: Screen
  ) throws {
    var run = ChapterRun<C>(files, seed: seed)
    run.trains = { _ in train }
    var seen: [String] = []
    run.hear = { event in
      guard case .ends(_, let output, _) = event else { return }
      seen += output.tensors.map(\.name)
      guard let tensor = output.tensors.last(where: { $0.name == name }) else { return }
      try Notebook.dump(name, tensor.tensor, to: file)
      screen.line("\(file): \(name) \(text(tensor.tensor.shape)) of cell \(output.cell)")
      throw Found()
    }
    do {
      try run { cell.isEmpty || cell.contains($0) }
    } catch is Found {
      return
    }
    throw NotebookError(
      "no cell shows a tensor called \(name); there are \(seen.joined(separator: ", "))")
  }
}

/// Ends a run early: the requested tensor has been written.
private struct Found: Error {}
