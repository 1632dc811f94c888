import CourseKit
import Files
import Foundation
import Grading
import Solutions
import TestSupport
import Testing

@testable import course

@Suite struct CommandTests {
  private func run(_ arguments: String...) -> (status: Int32, complaint: String) {
    var complaint = ""
    let status = CourseCommand.execute(arguments) { complaint += $0 }
    return (status, complaint)
  }

  @Test func `lists and hints`() {
    #expect(run("list").status == 0 && run("list", "--json").status == 0)
    for level in ["1", "2", "3"] { #expect(run("hint", "4.4", "--level", level).status == 0) }
  }

  @Test func `wrong usage ends in a sentence`() {
    #expect(run("hint", "1.1", "--level", "4").status == 64)
    #expect(run("grade", "--limit", "0").status == 64)
    for arguments in [
      ["hint", "9.9"], ["grade", "1.99"], ["solution", "x"], ["list", "7.7"], ["reset", "7"],
    ] {
      var complaint = ""
      #expect(CourseCommand.execute(arguments) { complaint += $0 } == 1)
      #expect(complaint.contains("there is no exercise") && complaint.count { $0 == "\n" } == 1)
    }
    #expect(run("grade", "--total-limit", "0").status == 64)
    let seed = run("grade", "1.1", "--seed", "-1")
    #expect(seed.status != 0 && seed.complaint.contains("seed"))
  }
}

@Suite struct GradescopeTests {
  /// A report with full marks, no answers, and wrong ones.
  private func report() throws -> GradeReport {
    let key = try storedKey.get()
    let verdicts = Catalogue.exercises.enumerated().map { place, exercise in
      switch place % 3 {
      case 0: exercise.grade(reference, key)
      case 1: Verdict(exercise, stopped: "your code stopped")
      default:
        Verdict(
          exercise,
          exercise.checks.map {
            CheckResult(name: $0.name, maximum: $0.points, outcome: .notAttempted)
          })
      }
    }
    return GradeReport(verdicts: verdicts, seconds: 12.34)
  }

  @Test(arguments: [false, true])
  func `results have the form that Gradescope documents`(isHidden: Bool) throws {
    let report = try report()
    let data = try prettyJSON(GradescopeResults(report, isHidden: isHidden))
    let results = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    let visibilities = ["hidden", "after_due_date", "after_published", "visible"]
    let known: Set = [
      "score", "execution_time", "output", "output_format", "test_output_format",
      "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard",
    ]
    #expect(known.isSuperset(of: results.keys))
    #expect((results["score"] as? NSNumber)?.intValue == report.points)
    #expect((results["execution_time"] as? NSNumber)?.doubleValue == 12.3)
    #expect(visibilities.contains(results["stdout_visibility"] as? String ?? ""))
    #expect(results["output"] is String)
    let tests = try #require(results["tests"] as? [[String: Any]])
    #expect(tests.count == Catalogue.exercises.reduce(0) { $0 + $1.checks.count })
    let knownOfTest: Set = [
      "score", "max_score", "status", "name", "name_format", "number", "output", "output_format",
      "tags", "visibility", "extra_data",
    ]
    var sum = 0.0
    for test in tests {
      #expect(knownOfTest.isSuperset(of: test.keys))
      let score = try #require(test["score"] as? NSNumber).doubleValue
      let maximum = try #require(test["max_score"] as? NSNumber).doubleValue
      sum += score
      #expect((0...maximum).contains(score) && maximum > 0)
      #expect(["passed", "failed"].contains(test["status"] as? String ?? ""))
      #expect((test["status"] as? String == "passed") == (score == maximum))
      #expect((test["name"] as? String)?.isEmpty == false && test["output"] is String)
      #expect((test["number"] as? String)?.wholeMatch(of: /\d\.\d+\.\d+/) != nil)
      #expect((test["tags"] as? [String])?.count == 1)
      #expect(test["visibility"] as? String == (isHidden ? "hidden" : "visible"))
    }
    #expect(sum == Double(report.points))
  }

  @Test func `a report can be read back`() throws {
    let report = try report()
    let again = try JSONDecoder().decode(GradeReport.self, from: prettyJSON(report))
    #expect(again.verdicts == report.verdicts)
    #expect(report.progress.contains("\(report.points)/\(report.maximum) points, next: 1.2"))
  }
}
