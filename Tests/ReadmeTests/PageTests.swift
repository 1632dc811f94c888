// What the README and the pages around it name exists.

import Foundation
import Testing

@Suite("Pages") struct PageTests {
  @Test(arguments: pages) func `every link of a page leads somewhere`(_ page: String) throws {
    let text = try text(page)
    let links =
      text.matches(of: /\]\(([^)#\s]+)/).map(\.1) + text.matches(of: /<img src="([^"]+)"/).map(\.1)
    let folder = (page as NSString).deletingLastPathComponent
    for link in links where !link.hasPrefix("http") {
      #expect(exists("\(folder)/\(link)"), "\(page) links to \(link)")
    }
  }

  @Test(arguments: pages) func `every link to a section finds its heading`(_ page: String) throws {
    let folder = (page as NSString).deletingLastPathComponent
    for match in try text(page).matches(of: /\]\(([^)#\s]*)#([^)\s]+)\)/)
    where !match.1.hasPrefix("http") {
      let target = match.1.isEmpty ? page : "\(folder)/\(match.1)"
      let headings = try text(target).matches(of: /(?m)^#+ (.+)$/).map { slug($0.1) }
      #expect(headings.contains(String(match.2)), "\(page) links to \(match.1)#\(match.2)")
    }
  }

  @Test(arguments: pages) func `every make target of a page exists`(_ page: String) throws {
    let makefile = try text("Makefile")
    for match in try text(page).matches(of: /[`\n]make ([a-z-]+)/) {
      #expect(makefile.contains("\n\(match.1):"), "\(page) names make \(match.1)")
    }
  }

  @Test(arguments: pages) func `every program of a page exists`(_ page: String) throws {
    for match in try text(page).matches(of: /swift run ([a-z0-9-]+)/) {
      let isThere = ["Chapters", "Course", "Tools"].contains { exists("Sources/\($0)/\(match.1)") }
      #expect(isThere, "\(page) names swift run \(match.1)")
    }
  }

  @Test(arguments: pages) func `every test target that a page filters by exists`(
    _ page: String
  ) throws {
    for match in try text(page).matches(of: /swift test --filter ([A-Za-z]+Tests)\b/) {
      #expect(exists("Tests/\(match.1)"), "\(page) names the tests \(match.1)")
    }
  }

  @Test(arguments: pages + chapters) func `no table is cut in two`(_ page: String) throws {
    let lines = try prose(page)
    for (i, line) in lines.enumerated().dropFirst() where line.hasPrefix("|") && lines[i - 1] == ""
    {
      let next = i + 1 < lines.count ? lines[i + 1] : ""
      #expect(next.wholeMatch(of: /\|[-:| ]+/) != nil, "\(page): no heads above \(line)")
    }
  }

  @Test(arguments: pages + chapters)
  func `no line of a formula is taken for a list or a quotation`(_ page: String) throws {
    var isFormula = false
    for line in try prose(page) {
      let isMarked = ["- ", "+ ", "* ", "> ", "#"].contains {
        line.drop { $0 == " " }.hasPrefix($0)
      }
      #expect(!(isFormula && isMarked), "\(page): \(line)")
      // Of \mathrm{KL} pandoc makes two letters in italics.
      let isItalic = line.firstMatch(of: /\\mathrm\{[A-Za-z]{2}/) != nil
      #expect(!isItalic, "\(page): write \\text in \(line)")
      if line.components(separatedBy: "$$").count % 2 == 0 { isFormula.toggle() }
    }
    #expect(!isFormula, "\(page): a formula does not end")
  }

  @Test(arguments: pages + chapters)
  func `no line of a paragraph is taken for a list`(_ page: String) throws {
    let item = /\s*([0-9]+[.)]|[-+*]) .*/
    let lines = try prose(page)
    for (before, line) in zip(lines, lines.dropFirst())
    where line.wholeMatch(of: item) != nil && !line.hasPrefix(" ") {
      let isPart = before.isEmpty || before.hasPrefix(" ") || before.wholeMatch(of: item) != nil
      #expect(isPart, "\(page): \(line)")
    }
  }

  /// The lines of a page that are not code.
  private func prose(_ page: String) throws -> [Substring] {
    var isCode = false
    return try text(page).split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      if line.drop(while: { $0 == " " }).hasPrefix("```") {
        isCode.toggle()
        return false
      }
      return !isCode
    }
  }

  @Test func `the code of the page on speed is that of the package`() throws {
    let source = try text("Sources/Core/Optimization/Muon.swift")
    let blocks = try text("chapters/speedrun.md").matches(of: /```swift\n((?s).*?)```/)
    #expect(!blocks.isEmpty)
    for block in blocks { #expect(source.contains(block.output.1)) }
  }

  @Test func `the README is at most 150 lines long`() throws {
    let lines = try text("README.md").split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count - 1 <= 150)
  }

  /// A heading as links name it.
  private func slug(_ heading: Substring) -> String {
    String(
      heading.lowercased().compactMap { character -> Character? in
        if character == " " { return "-" }
        return character.isLetter || character.isNumber || "-_".contains(character)
          ? character : nil
      })
  }
}
