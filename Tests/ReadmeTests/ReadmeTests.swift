// The README's pictures and numbers are those of the programs.

import Evaluation
import Foundation
import StickerWorld
import Testing

@Suite("README") struct ReadmeTests {
  @Test func `every picture of the gallery has its command, and unseen means unseen`() throws {
    let readme = try text("README.md")
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
    let readme = try text("README.md")
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
}
