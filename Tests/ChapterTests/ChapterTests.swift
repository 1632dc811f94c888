// Each chapter's code, prose, record and figures agree.

import Chapter0
import Chapter1
import Chapter2
import Chapter3
import Chapter4
import Chapter5
import Chapter6
import Notebook
import Testing

@Suite struct ChapterTests {
  private static let chapters: [any Chapter.Type] = [
    Chapter0.self, Chapter1.self, Chapter2.self, Chapter3.self, Chapter4.self, Chapter5.self,
    Chapter6.self,
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
}
