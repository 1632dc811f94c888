import Chapter5
import Notebook
import Testing

@Suite struct Chapter5Tests {
  @Test(arguments: SyncCheck.allCases)
  func `code, prose, record and figures agree`(check: SyncCheck) throws {
    let problems = try check.problems(Chapter5.self)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test(.enabled(if: liveRunsAreWanted))
  func `a run today says what the record says`() throws {
    let problems = try liveProblems(Chapter5.self)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }
}
