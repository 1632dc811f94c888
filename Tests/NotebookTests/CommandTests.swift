import Foundation
import TestSupport
import Testing
import Training

@testable import Notebook

@Suite struct CommandTests {
  @Test
  func `a run without flags prints all cells, draws into build, and changes no recorded file`()
    throws
  {
    let book = try MiniBook()
    let kept = [book.files.markdown, book.files.record, "\(book.files.figures)/curve.svg"]
    let before = try kept.map(book.text)
    let (status, output, complaint) = book.run()
    #expect(status == 0 && complaint.isEmpty)
    #expect(try kept.map(book.text) == before)
    #expect(output.hasPrefix("chapter9-mini  Counting: a chapter in miniature\n\nlook  Look at"))
    #expect(output.contains("\n  red  [1, 4, 4]  min 0."))
    #expect(output.contains("\n  figure build/figures/chapter9/picture.svg\n"))
    #expect(fileNames(in: book.files.ownFigures) == ["curve.svg", "picture.svg"])
  }

  @Test func `a list shows names, titles, files, recorded seconds and full runs`() throws {
    let book = try MiniBook()
    let lines = book.run("--list").output.split(separator: "\n")
    let look = #/look   Look at the numbers  Sources/FixtureChapter.swift  \d+\.\d s\s*/#
    #expect(lines.first?.wholeMatch(of: look) != nil, "\(lines)")
    #expect(lines[1].hasPrefix("draw   Draw them            Sources/FixtureChapter.swift  "))
    #expect(book.run("--list").output.contains("with --train: two seconds"))
  }

  @Test func `one cell is shown, earlier ones run quietly, later ones do not run`() throws {
    let book = try MiniBook()
    let whole = book.run().output
    let (status, output, _) = book.run("--cell", "draw")
    #expect(status == 0)
    #expect(!output.contains("Look at") && !output.contains("learn"))
    // The sum comes from the cell before.
    let line = try #require(output.firstMatch(of: #/  sum +\S+/#))
    #expect(whole.contains(line.0))
    let both = book.run("--cell", "draw", "--cell", "look").output
    #expect(both.contains("look  Look") && both.contains("draw  Draw"))
  }

  @Test func `the seed changes the random numbers`() throws {
    let book = try MiniBook()
    #expect(book.run("--seed", "1").output == book.run().output)
    #expect(book.run("--seed", "2").output != book.run().output)
  }

  @Test func `plain output is ASCII, recorded text is not`() throws {
    let book = try MiniBook()
    let output = book.run("--cell", "draw", isPlain: true).output
    #expect(output.utf8.allSatisfy { $0 < 128 })
    #expect(output.contains("----"))
    book.run("--record", isPlain: true)
    #expect(try book.text(book.files.record).contains("draw"))
    #expect(try book.text(book.files.markdown).contains("────"))
  }

  @Test func `a tensor is written as text, for NumPy and as safetensors`() throws {
    let book = try MiniBook()
    for name in ["red.txt", "red.npy", "red.safetensors"] {
      let (status, output, _) = book.run("--dump", "red", book.folder.file(name))
      #expect(status == 0 && output.contains("red [1, 4, 4] of cell look"))
    }
    let lines = try book.text(book.folder.file("red.txt")).split(separator: "\n")
    #expect(lines.count == 5 && lines[0] == "# red [1, 4, 4]")
    let numbers = lines.dropFirst().flatMap { $0.split(separator: " ").compactMap { Float($0) } }
    #expect(numbers.count == 16)

    let npy = try book.folder.read("red.npy")
    #expect(Array(npy[0..<8]) == [0x93] + Array("NUMPY".utf8) + [1, 0])
    let length = Int(npy[8]) + 256 * Int(npy[9])
    #expect((10 + length) % 64 == 0 && npy.count == 10 + length + 64)
    let header = String(decoding: npy[10..<10 + length], as: UTF8.self)
    #expect(
      header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 4, 4,), }")
        && header.hasSuffix("\n"))
    let first = npy[(10 + length)...].withUnsafeBytes { $0.loadUnaligned(as: Float.self) }
    #expect(first == numbers[0])
  }

  @Test func `an unknown tensor is refused, and those that exist are named`() throws {
    let (status, _, complaint) = try MiniBook().run("--dump", "blue", "blue.npy")
    #expect(status == 1)
    #expect(complaint == "error: no cell shows a tensor called blue; there are red\n")
  }

  @Test(arguments: [
    ["--cell", "nothing"], ["--dump", "red"], ["--list", "--record"], ["--record", "--seed", "2"],
    ["--record", "--cell", "look"], ["--train", "--list"], ["--seed", "-1"], ["--nothing"],
    ["extra"], ["--html", "a.html", "--refresh"],
  ])
  func `arguments that cannot be understood end with status 64`(arguments: [String]) throws {
    var complaint = ""
    let status = FixtureChapter.execute(arguments) { complaint += $0 }
    #expect(status == 64 && complaint.hasPrefix("Error: "))
  }

  @Test func `training runs in full only on request, and first prints how long it takes`() throws {
    let book = try MiniBook()
    #expect(!book.run().output.contains("learning"))
    let (status, output, _) = book.run("--train", "--cell", "learn")
    #expect(status == 0)
    #expect(output.contains("which takes two seconds"))
    let parts = ["two seconds", "learning", "last  0.5000"].map { output.firstRange(of: $0) }
    #expect(parts.allSatisfy { $0 != nil })
    // Quiet cells do not train.
    #expect(!book.run("--train", "--cell", "look").output.contains("learning"))
    // What the full run prints is not recorded.
    #expect(try !book.text(book.files.record).contains("learning"))
  }

  @Test func `a full run is remembered only with record`() throws {
    let book = try MiniBook()
    let path = book.files.kept("curve")
    try FileManager.default.removeItem(atPath: path)
    #expect(book.run("--train").status == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
    let (status, _, complaint) = book.run()
    #expect(status == 1)
    #expect(complaint.hasPrefix("error: \(path): cannot be read"))
    #expect(complaint.hasSuffix("a full run: `swift run chapter9-mini --train --record`\n"))
    try Notebook.write(Array("{}".utf8), to: path)
    #expect(book.run().complaint.contains("does not hold Array<Float>"))
  }

  @Test func `recording can train for some cells only, and still records all`() throws {
    let book = try MiniBook()
    let record = try ChapterRecord(path: book.files.record).cells.map(\.cell)
    let (status, output, _) = book.run("--record", "--train", "--cell", "look")
    #expect(status == 0 && !output.contains("learning"))
    #expect(try ChapterRecord(path: book.files.record).cells.map(\.cell) == record)
    #expect(book.run("--record", "--train", "--cell", "learn").output.contains("learning"))
  }

  @Test func `a damaged record is reported in one sentence`() throws {
    let book = try MiniBook()
    try Notebook.write(Array("{".utf8), to: book.files.record)
    let (status, _, complaint) = book.run("--refresh")
    #expect(status == 1)
    #expect(
      complaint.hasSuffix("is not the record of a chapter; make it again with `make chapters`\n"))
  }

  @Test func `help shows an example`() throws {
    let help = ChapterCommand<FixtureChapter>.helpMessage()
    #expect(help.contains("chapter9-mini --cell learn") && help.contains("--dump <name file>"))
  }

  @Test func `the names of files follow from the name of the chapter`() throws {
    let files = ChapterFiles(name: "chapter1-vit", root: "/book", sources: "/book/Sources")
    #expect(files.markdown == "/book/chapters/1-vit.md")
    #expect(files.record == "/book/chapters/outputs/chapter1-vit.json")
    #expect(files.figures == "/book/figures/chapter1")
    let own = try ChapterFiles(FixtureChapter.self)
    #expect(FileManager.default.fileExists(atPath: "\(own.root)/Package.swift"))
    #expect(own.sources.hasSuffix("/Tests/NotebookTests"))
  }
}

@Suite struct FailureTests {
  @Test(
    arguments: [
      (130, "stopped after 3 of 9 steps; the same command continues from s\n"),
      (
        1,
        "error: training stopped in step 2: the loss is nan. Try a lower learning rate (--rate, "
          + "where there is one), --precision f32 if it was bf16, or another --seed\n"
      ), (1, "error: one two\n"),
    ].enumerated().map { ($0, $1.0, $1.1) })
  func `a failing cell ends the chapter with one line`(
    seed: Int, status: Int32, message: String
  ) throws {
    let found = run(root: "/nowhere", "--seed", "\(seed)")
    #expect(found.status == status && found.complaint == message)
  }

  @Test func `a figure that cannot be written is reported in one line`() throws {
    let folder = try TemporaryFolder()
    let found = run(root: try folder.write([], to: "file"), "--seed", "3")
    #expect(found.status == 1)
    #expect(found.complaint.contains("/build/figures/chapter8/a.svg: cannot be written"))
  }

  private func run(root: String, _ arguments: String...) -> (status: Int32, complaint: String) {
    let files = ChapterFiles(name: Failing.name, root: root, sources: root)
    var complaint = ""
    let screen = Screen(isPlain: true, hasColour: false) { _ in }
    let status = Failing.execute(arguments, files: files, screen: screen) { complaint += $0 }
    return (status, complaint)
  }

  private struct Nothing: ChapterState {
    init(_ context: Context) {}
  }

  /// The seed selects what goes wrong.
  private enum Failing: Chapter {
    static let name = "chapter8-failure"
    static let title = "Failures"
    static let source = #filePath
    static var cells: [Cell<Nothing>] {
      [
        Cell("fail", "Fail") { _, out in
          switch out.seed {
          case 0: throw TrainingError.interrupted(done: 3, steps: 9, state: "s")
          case 1: throw TrainingError.nonFinite(step: 2, what: "the loss is nan", state: nil)
          case 2: throw NotebookError("one\ntwo")
          default: out.figure("a", Plot(x: "x", y: "y", .line("", [1.0, 2])), "")
          }
        }
      ]
    }
  }
}

@Suite struct RandomTests {
  @Test func `a cell draws the same numbers whatever cells come before it`() throws {
    let files = ChapterFiles(name: "chapter8-random", root: "/nowhere", sources: "/nowhere")
    let long = try ChapterRun<RandomCells>(files)()
    let short = try ChapterRun<FewerCells>(files)()
    #expect(long["b"]?.text == short["b"]?.text)
    #expect(long["a"]?.text != long["b"]?.text)
    #expect(try ChapterRun<RandomCells>(files, seed: 2)()["b"]?.text != long["b"]?.text)
  }

  private struct Nothing: ChapterState {
    init(_ context: Context) {}
  }

  private static func cell(_ name: String) -> Cell<Nothing> {
    Cell(name, "Draw a number") { _, out in out.value("number", out.random.uniform()) }
  }

  private enum RandomCells: Chapter {
    static let name = "chapter8-random"
    static let title = "Random cells"
    static let source = #filePath
    static var cells: [Cell<Nothing>] { [cell("a"), cell("b")] }
  }

  private enum FewerCells: Chapter {
    static let name = "chapter8-random"
    static let title = "Fewer cells"
    static let source = #filePath
    static var cells: [Cell<Nothing>] { [cell("b")] }
  }
}

@Suite struct AsideTests {
  @Test func `a cell that passes nothing on runs only where it is shown`() throws {
    let files = ChapterFiles(name: Asides.name, root: "/nowhere", sources: "/nowhere")
    let record = try ChapterRun<Asides>(files)() { $0 == "after" }
    #expect(record.cells.map(\.cell) == ["after"] && record["after"]?.text.contains("3") == true)
    #expect(throws: NotebookError.self) { try ChapterRun<Asides>(files)() }
    #expect(throws: NotebookError.self) { try ChapterRun<Asides>(files)() { $0 == "aside" } }
  }

  private struct Count: ChapterState {
    var count = 0
    init(_ context: Context) {}
  }

  private enum Asides: Chapter {
    static let name = "chapter8-aside"
    static let title = "Asides"
    static let source = #filePath
    static var cells: [Cell<Count>] {
      [
        Cell("before", "Count") { state, _ in state.count = 3 },
        Cell("aside", "Fail", isAside: true) { _, _ in throw NotebookError("it ran") },
        Cell("after", "Show") { state, out in out.value("count", state.count) },
      ]
    }
  }
}
