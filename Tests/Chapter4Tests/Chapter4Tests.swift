import Chapter4
import Notebook
import Testing

@Suite struct Chapter4Tests {
  @Test(arguments: SyncCheck.allCases)
  func `code, prose, record and figures agree`(check: SyncCheck) throws {
    let problems = try check.problems(Chapter4.self)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test(.enabled(if: liveRunsAreWanted))
  func `a run today says what the record says`() throws {
    let problems = try liveProblems(Chapter4.self)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }
}
