// The README's examples are code that runs.
//
// The first one runs here. Both run in Tests/UseAsLibrary, which takes minutes to build:
// `make use-as-library` does it, and here only the texts are compared.

import Foundation
import Testing

@Suite("Examples of the README") struct ExampleTests {
  @Test func `the example of the core learns`() throws {
    #expect(try example() < 1e-3)
  }

  @Test func `there are an example of the core, lines for the manifest and an example that draws`()
    throws
  {
    let blocks = try swiftBlocks()
    #expect(blocks.count == 3)
    #expect(blocks[0].hasPrefix("struct Model: Module"))
    #expect(blocks[1].hasPrefix(".package("))
    #expect(blocks[2].contains("Pretrained.dalle()"))
  }

  @Test func `the example of the core is the code that runs`() throws {
    let block = try swiftBlocks()[0]
    let source = try text("Tests/ReadmeTests/Example.swift")
    let unindented = source.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasPrefix("  ") ? $0.dropFirst(2) : $0 }.joined(separator: "\n")
    #expect(unindented.contains(block))
    #expect(try text("\(package)/Sources/learn/main.swift").hasSuffix(block))
  }

  @Test func `the example that draws is the code that runs`() throws {
    let block = try swiftBlocks()[2]
    #expect(try text("\(package)/Sources/draw/main.swift").hasSuffix(block))
  }

  @Test func `the products that the example needs are those of the package that uses them`() throws
  {
    let blocks = try swiftBlocks()
    let manifest = try text("\(package)/Package.swift")
    let target = try #require(manifest.components(separatedBy: "name: \"draw\"").last)
    let needed = target.matches(of: /\.product\(.*\)/).map { String($0.0) }
    let shown = blocks[1].matches(of: /\.product\(.*\)/).map { String($0.0) }
    #expect(!shown.isEmpty && shown == needed)
    let ours = try text("Package.swift")
    for product in manifest.matches(of: /\.product\(name: "(\w+)"/) {
      #expect(ours.contains(".library(name: \"\(product.1)\""), "there is no library \(product.1)")
    }
  }

  @Test func `the library reference shows the same examples`() throws {
    let article = try text("Sources/Book.docc/UseThePackage.md")
    let blocks = try swiftBlocks()
    #expect(article.contains(blocks[0]) && article.contains(blocks[2]))
    for line in blocks[1].split(separator: "\n") {
      let code = line.components(separatedBy: "  //")[0]
      #expect(article.contains(code), "the article does not show \(code)")
    }
  }

  private let package = "Tests/UseAsLibrary"

  /// The Swift code of the README, block by block.
  private func swiftBlocks() throws -> [String] {
    try text("README.md").components(separatedBy: "```swift\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }
}
