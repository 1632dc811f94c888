// Each chapter's code, prose, record and figures agree.

import Chapter0
import Chapter1
import Chapter2
import Chapter3
import Chapter4
import Chapter5
import Chapter6
import Chapter7
import Chapter8
import Foundation
import Notebook
import Testing

@Suite struct ChapterTests {
  private static let chapters: [any Chapter.Type] = [
    Chapter0.self, Chapter1.self, Chapter2.self, Chapter3.self, Chapter4.self, Chapter5.self,
    Chapter6.self, Chapter7.self, Chapter8.self,
  ]

  @Test(arguments: chapters, SyncCheck.allCases)
  func `code, prose, record and figures agree`(
    chapter: any Chapter.Type, check: SyncCheck
  ) throws {
    let problems = try check.problems(chapter)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test(.enabled(if: liveRunsAreWanted), arguments: chapters)
  func `a run agrees with the record`(chapter: any Chapter.Type) throws {
    let problems = try liveProblems(chapter)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test(arguments: chapters)
  func `the book shows the code that prints what it shows`(chapter: any Chapter.Type) throws {
    let folder = URL(filePath: chapter.source).deletingLastPathComponent()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where name.hasSuffix(".swift") {
      var isShown = false
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        if line.contains("// ANCHOR") { isShown = line.contains("// ANCHOR:") }
        let prints = line.contains(/\bout\.(value|show|table|compare|ledger|heatMap)\(/)
        // Numbers that only the prose needs are noted.
        #expect(isShown || !prints, "\(name):\(number + 1) prints, and is outside of the anchors")
      }
    }
  }
}
