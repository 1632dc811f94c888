import Foundation
import Images
import PictureFiles
import Testing

@testable import Notebook

@Suite struct SyncTests {
  @Test func `a chapter just recorded has no problems`() throws {
    let book = try MiniBook()
    #expect(try book.problems() == [])
    #expect(try liveProblems(FixtureChapter.self, book.files, Agreement()) == [])
  }

  @Test func `code that has changed is found, with the lines that differ`() throws {
    let book = try MiniBook()
    try book.edit(
      "\(book.files.sources)/FixtureChapter.swift", "state.sum = red", "state.sum += red")
    let problems = try SyncCheck.code.problems(book.files, cells: book.cells)
    #expect(problems.count == 2)
    #expect(problems[0].hasPrefix("chapters/9-mini.md:"))
    #expect(problems[0].contains("- state.sum += red") && problems[0].contains("+ state.sum = red"))
    #expect(problems[1].contains("make chapters"))
    // And the advice helps.
    #expect(book.run("--refresh").status == 0)
    #expect(try book.problems() == [])
  }

  @Test func `the line ends of Windows are no difference`() throws {
    let book = try MiniBook()
    for path in [book.files.markdown, "\(book.files.sources)/FixtureChapter.swift"] {
      let text = try book.text(path).replacing("\n", with: "\r\n")
      try Notebook.write(Array(text.utf8), to: path)
    }
    #expect(try book.problems() == [])
    #expect(book.run("--refresh").status == 0)
    #expect(try book.problems() == [])
  }

  @Test func `an anchor that is missing, not shown or shown twice is reported`() throws {
    let book = try MiniBook()
    let marker = "<!-- cell: state -->"
    try book.edit(book.files.markdown, marker, "")
    #expect(try book.problems().contains { $0.contains("anchor state of the code is not shown") })
    try book.edit(book.files.markdown, "## Drawing", "\(marker)\n\n\(marker)\n\n## Drawing")
    book.run("--refresh")
    #expect(try book.problems().contains { $0.contains("cell state is shown more than once") })
    try book.edit(book.files.markdown, "## Drawing", "<!-- cell: gone -->\n\n## Drawing")
    #expect(try book.problems().contains { $0.contains("there is no anchor gone") })
  }

  @Test func `cells in another order than they run are reported`() throws {
    let book = try MiniBook()
    let lines = try book.text(book.files.markdown).components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: "<!-- cell: look -->"))
    let end = try #require(lines[start...].firstIndex(of: "```"))
    let moved = Array(lines[..<start] + lines[(end + 1)...] + lines[start...end] + [""])
    try Notebook.write(Array(moved.joined(separator: "\n").utf8), to: book.files.markdown)
    let problems = try SyncCheck.code.problems(book.files, cells: book.cells)
    #expect(
      problems.first?.contains("order draw, learn, look but run in the order look, draw") == true)
  }

  @Test func `an output that differs from the record, or is not shown, is reported`() throws {
    let book = try MiniBook()
    try book.edit(book.files.markdown, "red  [1, 4, 4]", "red  [4, 4]")
    var problems = try SyncCheck.outputs.problems(book.files, cells: book.cells)
    #expect(problems.first?.contains("- red  [1, 4, 4]") == true)
    book.run("--refresh")
    try book.edit(book.files.markdown, "<!-- output: draw -->", "")
    problems = try SyncCheck.outputs.problems(book.files, cells: book.cells)
    #expect(problems.first?.contains("add <!-- output: draw -->") == true)
  }

  @Test func `a record of other cells is reported`() throws {
    let book = try MiniBook()
    let problems = try SyncCheck.outputs.problems(book.files, cells: ["look", "learn", "draw"])
    #expect(problems.first?.contains("not of look, learn, draw") == true)
  }

  @Test
  func `figures without a description, changed, missing, left over or not shown are reported`()
    throws
  {
    let book = try MiniBook()
    func problems() throws -> [String] {
      try SyncCheck.figures.problems(book.files, cells: book.cells).dropLast()
    }
    try book.edit(
      book.files.markdown, "alt=\"Sixteen squares of random colours\"", "alt=\"Colours\"")
    #expect(try problems().count == 2)  // too short, and not the one of the image
    book.run("--refresh")
    #expect(try problems().map { $0.contains("15 characters") } == [true])
    book.run("--record")

    let picture = "\(book.files.figures)/picture.svg"
    try book.edit(book.files.markdown, "alt=\"Colours\"", "alt=\"Sixteen squares of colours\"")
    book.run("--refresh")
    #expect(try problems() == [])
    try Image(width: 3, height: 3).writePNG(to: picture)
    #expect(try problems() == ["figures/chapter9/picture.svg: is not the figure that was recorded"])
    try FileManager.default.removeItem(atPath: picture)
    #expect(try problems() == ["figures/chapter9/picture.svg: the figure is missing"])
    book.run("--record")

    try Notebook.write([1], to: "\(book.files.figures)/old.svg")
    #expect(try problems() == ["figures/chapter9/old.svg: no cell draws this file; remove it"])
    book.run("--record")
    #expect(try problems() == [])

    try book.edit(book.files.markdown, "<!-- figure: curve", "<!-- figure: bend")
    #expect(try problems().count == 2)  // bend is not there, curve is not shown
  }

  @Test func `a number in the prose that is not the recorded one is reported`() throws {
    let book = try MiniBook()
    try book.edit(book.files.markdown, "-->0.5000<!--", "-->0.4000<!--")
    let problems = try SyncCheck.values.problems(book.files, cells: book.cells)
    #expect(problems.first?.contains("learn.last is 0.5000, the text says \"0.4000\"") == true)
  }

  @Test func `a line that begins with a number is reported`() throws {
    let book = try MiniBook()
    try book.edit(
      book.files.markdown, "The numbers have the sum <!--", "The numbers have the sum\n<!--")
    let problems = try SyncCheck.values.problems(book.files, cells: book.cells)
    #expect(problems.first?.contains("a line must not begin with a value") == true)
  }

  @Test(arguments: [
    ("](#drawing)", "](#painting)", "leads to no heading"),
    ("FixtureChapter.swift)", "Nothing.swift)", "leads to no file"),
    ("# Counting", "# Counting\n[a](9-mini.md#nowhere)", "leads to no heading"),
    ("# Counting", "# Counting\n\n[a]: ../nothing.png", "leads to no file"),
    ("# Counting", "# Counting\n<img src=\"x.png\">", "leads to no file"),
  ])
  func `a link that leads nowhere is reported`(old: String, new: String, problem: String) throws {
    let book = try MiniBook()
    try book.edit(book.files.markdown, old, new)
    let problems = try SyncCheck.links.problems(book.files, cells: book.cells)
    #expect(problems.count == 1 && problems.first?.hasSuffix(problem) == true, "\(problems)")
  }

  @Test func `links that lead somewhere are left alone`() throws {
    let book = try MiniBook()
    try book.edit(
      book.files.markdown, "## Drawing",
      """
      ## Two words: *and* `code`!

      ## Twice

      ## Twice

      [a](#two-words-and-code) [b](#twice-1) [c](https://example.org/#x) `[d](nothing)`
      [e](<9-mini.md>) [f](9-mini.md#drawing "title") <a id="own"></a> [g](#own)

      ```md
      [h](nothing.md)
      ```

      ## Drawing
      """)
    #expect(try SyncCheck.links.problems(book.files, cells: book.cells) == [])
  }
}

@Suite struct LiveTests {
  @Test func `numbers may differ a little and no more`() throws {
    let agreement = Agreement(atol: 1e-3, rtol: 1e-2, pixels: 1)
    #expect(agreement.agree("loss  −3.100 of 12,288", "loss  -3.101  of 12,289"))
    #expect(agreement.agree("max |Δ| 1.2e−7", "max |Δ| 3.1e−7"))
    #expect(agreement.agree("a ██ 0.51", "a ▓▓ 0.51"))
    #expect(agreement.agree("[1, 64]", "[1, 64]"))
    #expect(!agreement.agree("loss 3.1", "loss 3.2"))
    #expect(!agreement.agree("loss 3.1", "loss −3.1"))
    #expect(!agreement.agree("loss 3.1", "loss 3.1 nats"))
    #expect(!agreement.agree("loss 3.1", "gain 3.1"))
    #expect(!agreement.agree("[1, 64]", "[1, 65]"))
    #expect(!agreement.agree("conv3x3 1", "conv4x3 1"))
    #expect(!agreement.agree("loss 3.1", "loss nan"))
  }

  @Test func `a run whose output differs from the record is reported`() throws {
    let book = try MiniBook()
    func problems() throws -> [String] {
      try liveProblems(FixtureChapter.self, book.files, Agreement())
    }
    let sum = try #require(try ChapterRecord(path: book.files.record).value("look.sum"))
    let value = try #require(Double(sum))
    // Within the tolerance, then outside it.
    try book.edit(book.files.record, "sum  \(sum)", "sum  \(value + 0.01)")
    #expect(try problems() == [])
    try book.edit(book.files.record, "sum  \(value + 0.01)", "sum  \(value + 0.1)")
    let found = try problems()
    #expect(found.count == 2 && found[0].contains("- sum  \(value + 0.1)"), "\(found)")
    #expect(found[0].contains("+ sum  \(sum)"))
    book.run("--record")
    try book.edit(book.files.record, "Sixteen colours", "Seventeen colours")
    #expect(try problems().first?.contains("- picture.svg: Seventeen colours") == true)
  }

  @Test func `figures that differ from the recorded ones are reported`() throws {
    let book = try MiniBook()
    func problems() throws -> [String] {
      try liveProblems(FixtureChapter.self, book.files, Agreement())
    }
    let path = "\(book.files.figures)/picture.svg"
    let svg = try book.text(path)
    let data = try #require(svg.firstMatch(of: #/base64,([^"]*)"/#)?.1)
    let picture = try Image(
      data: Array(try #require(Data(base64Encoded: String(data)))), name: "picture")
    func write(_ picture: Image) throws {
      let text = Data(picture.pngData()).base64EncodedString()
      try Notebook.write(Array(svg.replacing(data, with: text).utf8), to: path)
    }
    var changed = picture
    changed[0, 0] = (UInt8(clamping: Int(picture[0, 0].0) + 2), picture[0, 0].1, picture[0, 0].2)
    try write(changed)
    #expect(try problems() == [])
    for x in 0..<changed.width { for y in 0..<changed.height { changed[x, y] = (9, 9, 9) } }
    try write(changed)
    #expect(try problems().first?.contains("picture.svg differs") == true)
    try write(picture.cropped(x: 0, y: 0, width: 1, height: 2))
    #expect(try problems().first?.contains("recorded 1×2") == true)
    try write(picture)
    #expect(try problems() == [])

    try book.edit("\(book.files.figures)/curve.svg", ">full run<", ">short run<")
    #expect(try problems().first?.contains("curve.svg is drawn differently") == true)
  }
}
