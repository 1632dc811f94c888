import Foundation

/// A grade in the form that Gradescope's autograder reads from `results/results.json`.
public struct GradescopeResults: Codable, Sendable {
  /// One line of Gradescope's table: a check.
  public struct Test: Codable, Sendable {
    /// Points earned.
    public let score: Double
    /// Points that can be earned.
    public let max_score: Double
    /// "passed" or "failed".
    public let status: String
    /// Exercise and check.
    public let name: String
    /// "1.2.3": the third check of exercise 1.2.
    public let number: String
    /// The message for the learner.
    public let output: String
    /// The chapter, as in "chapter 1".
    public let tags: [String]
    /// "visible", or "hidden" for runs with a secret seed.
    public let visibility: String
  }

  /// Points earned in all.
  public let score: Double
  /// How long grading took, in seconds.
  public let execution_time: Double
  /// One line about the whole run.
  public let output: String
  /// Whether learners see what the autograder printed.
  public let stdout_visibility: String
  /// One for each check.
  public let tests: [Test]

  /// A report in Gradescope's form; without details if `isHidden`.
  public init(_ report: GradeReport, isHidden: Bool = false) {
    score = Double(report.points)
    execution_time = (report.seconds * 10).rounded() / 10
    output = report.progress
    stdout_visibility = isHidden ? "hidden" : "visible"
    tests = report.verdicts.flatMap { verdict in
      verdict.checks.enumerated().map { place, check in
        let waiting = "not attempted: make hint EX=\(verdict.exercise)"
        let lines =
          check.outcome == .notAttempted
          ? [waiting] : check.message + (check.diagnosis.map { ["likely: \($0)"] } ?? [])
        return Test(
          score: Double(check.points), max_score: Double(check.maximum),
          status: check.outcome == .passed ? "passed" : "failed",
          name: "\(verdict.exercise) \(verdict.title): \(check.name)",
          number: "\(verdict.exercise).\(place + 1)", output: lines.joined(separator: "\n"),
          tags: ["chapter \(verdict.exercise.prefix { $0 != "." })"],
          visibility: isHidden ? "hidden" : "visible")
      }
    }
  }
}
