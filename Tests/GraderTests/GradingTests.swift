// The graders are tested with right answers, with wrong ones, and with none.

import CourseKit
import Exercises
import Grading
import Mutants
import Solutions
import Testing

@testable import course

@Suite struct GradingTests {
  @Test(arguments: Catalogue.exercises.map(\.id))
  func `the reference earns full marks`(id: String) throws {
    let verdict = try #require(Catalogue.exercise(id)).grade(reference, storedKey.get())
    #expect(verdict.isPassed, "\(verdict.report)")
  }

  @Test(arguments: Catalogue.exercises.map(\.id))
  func `alternative right answers earn full marks`(id: String) throws {
    let verdict = try #require(Catalogue.exercise(id)).grade(alternative, storedKey.get())
    #expect(verdict.isPassed, "\(verdict.report)")
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `alternative right answers earn full marks for other seeds`(seed: UInt64) throws {
    let key = try AnswerKey(seed: seed, Catalogue.exercises, reference: reference, mutants: [])
    for exercise in Catalogue.exercises {
      for implementation in [reference, alternative] {
        let verdict = exercise.grade(implementation, key)
        #expect(verdict.isPassed, "\(implementation.name): \(verdict.report)")
      }
    }
  }

  @Test(arguments: mutants.map { "\($0.exercise) \($0.name)" })
  func `a mutant loses marks where it should, with the reason`(name: String) throws {
    let mutant = try #require(mutants.first { "\($0.exercise) \($0.name)" == name })
    let exercise = try #require(Catalogue.exercise(mutant.exercise))
    let verdict = try exercise.grade(mutant.implementation, storedKey.get())
    #expect(verdict.points < verdict.maximum)
    let check = try #require(verdict.checks.first { $0.name == mutant.caughtBy })
    #expect(check.outcome == .failed, "\(verdict.report)")
    #expect(check.diagnosis == mutant.diagnosis)
    #expect(verdict.report.contains("likely: \(mutant.diagnosis)"), "\(verdict.report)")
    let lines = verdict.report.split(separator: "\n")
    #expect(lines.count <= 24, "\(verdict.report)")
  }

  @Test(.enabled("the files in Sources/Course/Exercises were changed") { exercisesArePristine })
  func `stubs are not attempted and earn nothing`() throws {
    for exercise in Catalogue.exercises {
      let verdict = try exercise.grade(yours, storedKey.get())
      #expect(!verdict.isAttempted && verdict.points == 0)
      #expect(!exercise.isAttempted(yours))
      #expect(verdict.report.contains("make hint EX=\(exercise.id)"))
    }
  }

  @Test func `no answer in the key is graded as wrong, not as right`() throws {
    let exercise = try #require(Catalogue.exercise("1.1"))
    let verdict = exercise.grade(reference, AnswerKey(seed: 1, exercises: [:]))
    #expect(verdict.points == 3 && verdict.report.contains("has no answer for this check"))
  }
}

@Suite struct ConsistencyTests {
  @Test func `exercises, hints, checks and mutants are complete`() {
    #expect(metadataProblems() == [])
    #expect(Catalogue.exercises.count >= 25)
  }

  @Test func `the learner's files equal the solutions outside regions`() {
    #expect(stubProblems(root) == [])
  }

  @Test func `the answer key is up to date`() throws {
    let key = try AnswerKey(Catalogue.exercises, reference: reference, mutants: mutants)
    #expect(keyProblems(key) == [])
  }

  @Test func `chapters name their exercises, and no others`() {
    #expect(chapterProblems(root) == [])
  }

  @Test func `checks go from easy to hard and end on a random case at least`() {
    for exercise in Catalogue.exercises {
      #expect(exercise.checks.contains { $0.kind == .random || $0.kind == .property })
      #expect(
        exercise.checks.contains { $0.kind == .hand || exercise.id == "1.9" }, "\(exercise.id)")
      #expect([.shape, .hand].contains(exercise.checks.first?.kind), "\(exercise.id)")
    }
  }
}

@Suite struct GuideTests {
  @Test func `the learner's guide shows the grader's real output`() throws {
    let text = try readText(root.appending(path: "chapters/exercises.md"))
    let mutant = try #require(mutants.first { $0.name == "ChannelsLast" })
    let exercise = try #require(Catalogue.exercise(mutant.exercise))
    let report = try exercise.grade(mutant.implementation, storedKey.get()).report
    #expect(
      text.contains("```text\n\(report)\n```"), "chapters/exercises.md should show\n\(report)")
    let chapters = Catalogue.exercises.map(\.chapter)
    #expect(text.contains("\(chapters.count) in all"))
  }

  @Test func `the commands in the guides exist`() throws {
    let makefile = try readText(root.appending(path: "Makefile"))
    for name in ["exercises", "teaching"] {
      let text = try readText(root.appending(path: "chapters/\(name).md"))
      for match in text.matches(of: #/[`\n]make ([a-z-]+)/#) {
        #expect(makefile.contains("\n\(match.1):"), "\(name).md names make \(match.1)")
      }
    }
  }
}
