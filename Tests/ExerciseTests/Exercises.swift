// A test of an exercise is skipped while there is no answer, and grades the answer afterwards.

import CourseKit
import Exercises
import Foundation
import Grading
import Testing

extension Tag {
  /// The learner's exercises.
  @Tag static var exercise: Self
}

extension Trait where Self == ConditionTrait {
  /// Skips the test of an exercise that has no answer yet.
  static func attempted(_ id: String) -> Self {
    .enabled("not attempted yet: to start, make hint EX=\(id)") {
      Catalogue.exercise(id)?.isAttempted(yours) ?? false
    }
  }
}

/// Grades the learner's answer; the grader's report becomes the message of a failed test.
func grade(_ id: String) throws {
  let exercise = try #require(Catalogue.exercise(id))
  let verdict = exercise.grade(yours, try Catalogue.key(chapter: exercise.chapter))
  #expect(verdict.isPassed, "\n\(verdict.report)")
}

@Suite("The course") struct CourseTests {
  @Test func `how far you are`() {
    let waiting = Catalogue.exercises.filter { !$0.isAttempted(yours) }
    if let next = waiting.first {
      print(
        "\(waiting.count) of \(Catalogue.exercises.count) exercises are waiting (skipped). "
          + "To start: make hint EX=\(next.id)")
    }
  }

  @Test func `every exercise has a test with its name`() throws {
    let source = "\(#filePath)".replacing("Exercises.swift", with: "ExerciseTests.swift")
    let text = try String(contentsOfFile: source, encoding: .utf8)
    for exercise in Catalogue.exercises {
      #expect(
        text.contains("@Test(.attempted(\"\(exercise.id)\")) func `\(exercise.id) "),
        "there is no test of \(exercise.id)")
    }
  }
}
