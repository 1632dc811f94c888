import Foundation
import TestSupport
import Testing

@testable import Notebook

@Suite struct RefreshTests {
  @Test func `prose stays as it is, to the letter`() throws {
    let book = try MiniBook()
    let text = try ChapterText(book.text(book.files.markdown), file: "9-mini.md")
    // Without what was filled in, the text is the author's again.
    var bare = text
    for i in bare.pieces.indices {
      switch bare.pieces[i].piece {
      case .cell(let name, _): bare.pieces[i].piece = .cell(name, code: nil)
      case .excerpt(let excerpt, _): bare.pieces[i].piece = .excerpt(excerpt, code: nil)
      case .output(let name, _): bare.pieces[i].piece = .output(name, text: nil)
      case .figure(let name, let alt, _):
        bare.pieces[i].piece = .figure(name, alt: alt, image: nil)
      case .prose(let line, let isCode):
        let empty = line.replacing(ChapterText.value) {
          "<!-- value: \($0.1) --><!-- /value -->"
        }
        bare.pieces[i].piece = .prose(empty, isCode: isCode)
      }
    }
    #expect(bare.text == MiniBook.prose)
  }

  @Test func `what is filled in is the code, the output, the figure and the number`() throws {
    let book = try MiniBook()
    let text = try book.text(book.files.markdown)
    #expect(
      text.contains(
        """
        <!-- cell: look -->
        ```swift
        let red = state.picture.at(0, axis: 1)  // [1, H, W]
        out.show("red", red)
        state.sum = red.sum().item
        out.value("sum", state.sum, .fixed(2))
        ```
        <!-- output: look -->
        ```text
        red  [1, 4, 4]  min 0.
        """))
    #expect(
      text.contains(
        """
        <!-- figure: curve alt="A curve that falls from two to a half" -->
        ![A curve that falls from two to a half](../figures/chapter9/curve.svg)<br>*It falls*

        It ends at <!-- value: learn.last -->0.5000<!-- /value -->.
        """))
    #expect(!text.contains("precondition"))
  }

  @Test func `refreshing twice changes nothing the second time`() throws {
    let book = try MiniBook()
    let text = try book.text(book.files.markdown)
    let (status, output, _) = book.run("--refresh")
    #expect(status == 0 && output == "chapters/9-mini.md: is up to date\n")
    #expect(try book.text(book.files.markdown) == text)
  }

  @Test func `recording twice makes the same bytes`() throws {
    let book = try MiniBook()
    func files() throws -> [[UInt8]] {
      let outputs = "chapters/outputs"
      return try [
        "chapters/9-mini.md", "\(outputs)/chapter9-mini.json",
        "\(outputs)/chapter9-mini.curve.json",
        "figures/chapter9/picture.svg", "figures/chapter9/curve.svg",
      ].map { try book.folder.read($0) }
    }
    let first = try files()
    #expect(book.run("--record").status == 0)
    #expect(try files() == first)
  }

  @Test func `markers for things that do not exist are refused, all at once`() throws {
    let book = try MiniBook()
    let wrong = """
      <!-- cell: a -->
      <!-- output: b -->
      <!-- figure: c -->
      <!-- value: d.e --><!-- /value -->
      """
    try book.edit(book.files.markdown, "## Drawing", "\(wrong)\n## Drawing")
    let before = try book.text(book.files.markdown)
    let (status, _, complaint) = book.run("--refresh")
    #expect(status == 1)
    for part in ["anchor a", "cell b", "figure c", "value d.e"] {
      #expect(complaint.contains("there is no \(part)"), "\(complaint)")
    }
    #expect(complaint.split(separator: "\n").count == 1)
    #expect(try book.text(book.files.markdown) == before)
  }

  @Test(arguments: [
    "<!-- cell patches -->", "<!--cell: patches-->", "<!-- output: two words -->",
    "text <!-- cell: patches -->", "<!-- figure: x alt='single quotes are not enough' -->",
    "a <!-- value: sum --><!-- /value -->", "a <!-- value: a.b -->3", "<!-- /value -->",
    "<!-- code: file.swift func -->",
  ])
  func `a misspelt marker is refused`(line: String) {
    #expect(throws: NotebookError.self) { try ChapterText("# A\n\n\(line)\n", file: "a.md") }
  }

  @Test func `a fence that does not end is refused`() {
    #expect(throws: NotebookError.self) {
      try ChapterText("<!-- cell: a -->\n```swift\nlet x = 1\n", file: "a.md")
    }
  }

  @Test func `any text survives parsing`() throws {
    for text in [
      "", "\n", "a", "a\n\n\n", "~~~\n<!-- cell: x -->\n~~~", "````\n```\n<!-- cell x -->\n````\n",
      "<!-- cell: a -->", "<!-- cell: a -->\n```swift\n```\n",
      "<!-- output: a -->\n\n```text\nb\n```",
      "<!-- figure: a alt=\"b\" -->\ntext\n", "<!-- a comment -->\r\nx",
    ] {
      #expect(try ChapterText(text, file: "a.md").text == text)
    }
  }
}

@Suite struct ExcerptTests {
  private let code = """
    /// Doubles.
    public func twice(
      _ x: Int
    ) -> Int {
      2 * x

    }

    struct S {
      let a = 1
      func f() { g() }
      func h() {
        if x { y() }
      }
    }
    """

  @Test(arguments: [
    ("public func twice(", "public func twice(\n  _ x: Int\n) -> Int {\n  2 * x\n\n}"),
    ("let a", "let a = 1"), ("func f(", "func f() { g() }"),
    ("func h(", "func h() {\n  if x { y() }\n}"),
  ])
  func `a declaration is shown from its first line to its brace`(start: String, shown: String)
    throws
  {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(code.utf8), to: "Code.swift")
    #expect(try Excerpt(file: "Code.swift", start: start).code(root: folder.path) == shown)
  }

  @Test func `a declaration that is missing or ambiguous is refused`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(code.utf8), to: "Code.swift")
    for start in ["func k(", "func "] {
      let excerpt = Excerpt(file: "Code.swift", start: start)
      #expect(throws: NotebookError.self) { try excerpt.code(root: folder.path) }
    }
  }

  @Test func `in a chapter a declaration is filled in, checked, and refused once it is gone`()
    throws
  {
    let book = try MiniBook()
    let path = "\(book.folder.path)/Code.swift"
    try Notebook.write(Array(code.utf8), to: path)
    try book.edit(
      book.files.markdown, "## Drawing", "<!-- code: Code.swift \"let a\" -->\n\n## Drawing")
    #expect(try book.problems().count == 2)
    #expect(book.run("--refresh").status == 0)
    #expect(try book.problems() == [])
    #expect(try book.text(book.files.markdown).contains("-->\n```swift\nlet a = 1\n```\n"))
    try book.edit(path, "let a = 1", "let a = 2")
    #expect(try book.problems().first?.contains("- let a = 2") == true)
    try book.edit(path, "let a = 2", "let b = 2")
    #expect(try book.problems().first?.contains("no line begins with \"let a\"") == true)
    #expect(book.run("--refresh").complaint.contains("no line begins with \"let a\""))
  }
}

@Suite struct AnchorsTests {
  private func anchors(_ code: String) throws -> Anchors {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(code.utf8), to: "Code.swift")
    return try Anchors(folder: folder.path)
  }

  @Test func `code loses the indentation that its lines share`() throws {
    let code = """
      func f() {
          // ANCHOR: a
          if x {

            y()
          }
          // ANCHOR_END: a
      }
      """
    #expect(try anchors(code)["a"] == "if x {\n\n  y()\n}")
  }

  @Test func `anchors may be nested`() throws {
    let code = "// ANCHOR: a\nx\n// ANCHOR: b\ny\n// ANCHOR_END: b\n// ANCHOR_END: a\n"
    let found = try anchors(code)
    #expect(found["a"] == "x\ny" && found["b"] == "y" && found["c"] == nil)
  }

  @Test(arguments: [
    "// ANCHOR: a\nx", "x\n// ANCHOR_END: a", "// ANCHOR: a\n// ANCHOR_END: b",
    "// ANCHOR: a\n// ANCHOR: a", "// ANCHOR: a\n// ANCHOR_END: a\n// ANCHOR: a\n// ANCHOR_END: a",
    "// ANCHOR a", "x // ANCHOR: a",
  ])
  func `anchors that do not pair are refused`(code: String) {
    #expect(throws: NotebookError.self) { try anchors(code) }
  }
}
