// The README's example is this code, to the letter, and it runs.

import Evaluation
import Foundation
import NeuralNetwork
import StickerWorld
import TensorCore
import Testing

@Suite("README") struct ReadmeTests {
  @Test func `the example of the README learns`() throws {
    #expect(try example() < 1e-3)
  }

  @Test func `the example of the README is the code that runs`() throws {
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let source = try String(
      contentsOf: root.appending(path: "Tests/ReadmeTests/Example.swift"), encoding: .utf8)
    let blocks = readme.components(separatedBy: "```swift\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
    #expect(blocks.count == 1)
    let shown = source.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasPrefix("  ") ? $0.dropFirst(2) : $0 }.joined(separator: "\n")
    for block in blocks { #expect(shown.contains(block), "the README shows\n\(block)") }
  }

  @Test func `every file and target the README names exists`() throws {
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let makefile = try String(contentsOf: root.appending(path: "Makefile"), encoding: .utf8)
    for match in readme.matches(of: /[`\n]make ([a-z-]+)/) {
      #expect(makefile.contains("\n\(match.1):"), "the README names make \(match.1)")
    }
    let links =
      readme.matches(of: /\]\(([^)#]+)/).map(\.1)
      + readme.matches(of: /<img src="([^"]+)"/).map(\.1)
    for link in links where !link.hasPrefix("http") {
      let path = root.appending(path: String(link)).path()
      #expect(FileManager.default.fileExists(atPath: path), "the README links to \(link)")
    }
  }

  @Test func `every picture of the gallery has its command, and unseen means unseen`() throws {
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let commands = readme.matches(
      of: /swift run dalle "(.+)" --keep 4 --output (figures\/gallery\/\S+)/)
    #expect(commands.count == 8)
    for command in commands {
      let (caption, file) = (String(command.1), String(command.2))
      let alt = caption.prefix(1).uppercased() + caption.dropFirst()
      #expect(readme.contains("![\(alt)](\(file))"), "\(file) is not shown as “\(alt)”")
      let split = try #require(try Scene(caption: caption).split, "\(caption)")
      let isUnseen = ![.train, .validation].contains(split)
      #expect(isUnseen == file.contains("unseen"), "\(caption) is in \(split)")
    }
  }

  @Test func `the README says how often it is right as the report does`() throws {
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let report = try JSONDecoder().decode(
      EvaluationReport.self,
      from: Data(contentsOf: root.appending(path: "chapters/outputs/evaluation.json")))
    let errors = report.standardErrors.captionMatch
    #expect(report.captions["held_out"] == 3 * 512)
    #expect(report.measures.captionMatch.count == 5)
    for (part, shares) in report.measures.captionMatch {
      let cells = try ["best_of_1", "best_of_8", "best_of_32", "oracle_of_32"].map { way in
        let (share, error) = (try #require(shares[way]), try #require(errors[part]?[way]))
        return String(format: "%.1f ± %.1f", 100 * share, 100 * error)
      }
      #expect(readme.contains("| \(cells.joined(separator: " | ")) |"), "\(part): \(cells)")
    }
  }

  private var root: URL { URL(filePath: #filePath).appending(path: "../../..").standardized }
}
