import CourseKit
import Foundation

/// Grades a submission. Each exercise runs in a process of its own, which gets inputs and returns
/// answers; the key, the verdicts and the points stay here.
struct GradeRunner {
  /// What runs the answers of a chapter.
  enum Program {
    /// A program that answers.
    case ready(AnswerProgram)
    /// Why there is none, in a sentence for the learner.
    case missing(String)
  }

  /// `course`, which starts processes within limits.
  let starter: URL
  let limits: Limits
  let seed: UInt64
  /// What runs a chapter's answers.
  let program: (_ chapter: Int) -> Program

  /// The chapters without a program, and why.
  var missing: [(chapter: Int, reason: String)] {
    Exercise.chapterNumbers.compactMap { chapter in
      if case .missing(let reason) = program(chapter) { (chapter, reason) } else { nil }
    }
  }

  /// Grades exercises one after the other.
  ///
  /// - Parameter tell: Called after each exercise with its verdict and what its code printed.
  func grade(_ exercises: [Exercise], tell: (Verdict, String) -> Void) -> GradeReport {
    let start = ContinuousClock.now
    let verdicts = exercises.map { exercise in
      let left = limits.total - (.now - start) / .seconds(1)
      let (verdict, printed) = grade(exercise, seconds: min(limits.seconds, left))
      tell(verdict, printed)
      return verdict
    }
    return GradeReport(verdicts: verdicts, seconds: (.now - start) / .seconds(1))
  }

  private func grade(_ exercise: Exercise, seconds: Double) -> (Verdict, printed: String) {
    if seconds <= 0 {
      let total = Mismatch.number(limits.total)
      return (Verdict(exercise, stopped: "the \(total) s for all exercises are used up"), "")
    }
    switch program(exercise.chapter) {
    case .missing(let reason): return (Verdict(exercise, stopped: reason), "")
    case .ready(let program):
      do {
        let key = try key(exercise, seed)
        let process = try AnswerProcess(program, starter: starter, seconds: seconds, limits)
        let verdict = Remote(process).serve { exercise.grade(Remote.implementation, key) }
        process.end()
        return (verdict, process.printed.trimmingCharacters(in: .newlines))
      } catch {
        return (Verdict(exercise, stopped: "not graded: \(error)"), "")
      }
    }
  }
}
