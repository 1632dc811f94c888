import CourseKit
import Foundation

/// Grades exercises, each in a process of its own.
struct GradeRunner {
  /// This program.
  let executable: URL
  /// The time limit for each exercise, in seconds.
  let limit: Double
  let seed: UInt64
  /// The name of the answers to grade.
  let name: String

  /// Grades exercises one after the other.
  ///
  /// - Parameter tell: Called after each exercise with its verdict and what its code printed.
  func grade(_ exercises: [Exercise], tell: (Verdict, String) -> Void) -> GradeReport {
    let start = ContinuousClock.now
    let verdicts = exercises.map { exercise in
      let (verdict, printed) = grade(exercise)
      tell(verdict, printed)
      return verdict
    }
    let time = ContinuousClock.now - start
    return GradeReport(verdicts: verdicts, seconds: time / .seconds(1))
  }

  private func grade(_ exercise: Exercise) -> (Verdict, printed: String) {
    let arguments = ["grade-one", exercise.id, "--seed", "\(seed)", "--as", name]
    guard let child = try? ChildProcess(executable, arguments, limit: limit) else {
      return (Verdict(exercise, stopped: "the grader could not be started"), "")
    }
    // The last line is the verdict; the lines before it were printed by the learner's code.
    var lines = child.output.split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    if child.ending == .exited(0), let last = lines.popLast(),
      let verdict = try? JSONDecoder().decode(Verdict.self, from: Data(last.utf8)),
      verdict.exercise == exercise.id
    {
      return (verdict, lines.joined(separator: "\n"))
    }
    return (Verdict(exercise, stopped: reason(child, exercise)), lines.joined(separator: "\n"))
  }

  private func reason(_ child: ChildProcess, _ exercise: Exercise) -> String {
    switch child.ending {
    case .timedOut:
      return
        "your code ran for more than \(Mismatch.number(limit)) s: is there a loop that never ends?"
    case .stopped:
      return "your code stopped the program: "
        + (child.lastWords ?? "without a message, as when an integer overflows")
    case .exited:
      let words = child.complaint.split(separator: "\n").last.map(String.init)
      return "the grader ended early: \(words ?? "without a message")"
    }
  }
}
