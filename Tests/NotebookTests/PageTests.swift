import Foundation
import TestSupport
import Testing

@testable import Notebook

private let hasPandoc = tool("pandoc") != nil

@Suite struct PageTests {
  @Test(.enabled(if: hasPandoc, "pandoc is not installed"))
  func `a page holds everything: text, code, outputs, figures, formulas`() throws {
    let book = try MiniBook()
    let path = book.folder.file("page.html")
    let (status, _, complaint) = book.run("--html", path)
    #expect(status == 0, "\(complaint)")
    let html = try book.text(path)
    for part in [
      "<html lang=\"en\">", "<title>Counting: a chapter in miniature</title>",
      "<a class=\"skip\" href=\"#content\">", "<h2 id=\"drawing\">", "<math ",
      "<pre class=\"output\">", "<p class=\"file\">Sources/FixtureChapter.swift</p>",
      "alt=\"Sixteen squares of random colours\"", "Sixteen colours</p>",
      "href=\"Sources/FixtureChapter.swift\"", "href=\"#drawing\"",
    ] {
      #expect(html.contains(part), "\(part) is missing")
    }
    #expect(html.matches(of: #/src="data:image\/(png|svg\+xml);base64,/#).count == 2)
    #expect(!html.contains("<!-- cell") && !html.contains("<!-- value"))
    // Nothing is fetched from elsewhere.
    #expect(!html.contains("<script") && !html.contains("<link"))
    #expect(!html.contains(#/src="(?!data:)/#))
  }

  @Test(.enabled(if: hasPandoc, "pandoc is not installed"))
  func `below a figure stands its live form, with its script in the page`() throws {
    let book = try MiniBook()
    try FileManager.default.createDirectory(
      atPath: book.files.live, withIntermediateDirectories: true)
    let script = "const [a, b] = [1, 2];\n\nif (a < b && b > a) root.textContent = `${a} & ${b}`;\n"
    try Data(script.utf8).write(to: URL(filePath: "\(book.files.live)/picture.js"))
    let path = book.folder.file("page.html")
    try Page(book.files, title: "A").write(to: path)
    let html = try book.text(path)
    #expect(html.contains("id=\"live-picture\"") && html.contains(script))
    #expect(html.matches(of: #/<script/#).count == 1)

    try Data(script.utf8).write(to: URL(filePath: "\(book.files.live)/gone.js"))
    let problems = try SyncCheck.figures.problems(book.files, cells: book.cells)
    #expect(
      problems.filter { $0.contains("Live/") }.map { $0.contains("gone.js: no figure") } == [true])
  }

  @Test func `a missing pandoc is reported in one sentence, with the remedy`() throws {
    let book = try MiniBook()
    var page = Page(book.files, title: "A")
    page.environment = ["PATH": "/nowhere"]
    let path = book.folder.file("page.html")
    #expect {
      try page.write(to: path)
    } throws: {
      "\($0)" == "pages are made by pandoc, which is missing; install it with "
        + "`apt-get install pandoc`"
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `links of a page in a book lead to the pages of the other chapters`() throws {
    let book = try MiniBook()
    for name in ["8-before.md", "10-after.md", "README.md"] {
      try Notebook.write([], to: "\(book.folder.path)/chapters/\(name)")
    }
    let inBook = PagePlace(book.files.markdown, page: "\(book.folder.path)/build/book/9-mini.html")
    #expect(inBook.link("10-after.md#x") == "10-after.html#x")
    #expect(inBook.link("README.md") == "index.html" && inBook.contents == "index.html")
    #expect(inBook.link("../Sources/A.swift") == "../../Sources/A.swift")
    #expect(inBook.link("https://example.org") == "https://example.org")
    #expect(inBook.link("#x") == "#x")
    let alone = PagePlace(book.files.markdown, page: "\(book.folder.path)/page.html")
    #expect(alone.link("10-after.md#x") == "chapters/10-after.md#x")
  }
}
