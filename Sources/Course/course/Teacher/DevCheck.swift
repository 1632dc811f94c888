import ArgumentParser
import CourseKit
import Foundation
import Grading
import Mutants
import Solutions

/// Checks the course itself.
struct DevCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dev-check",
    abstract: "Checks the course itself: exercises, hints, stubs, mutants, answers, chapters.",
    discussion: "Prints every problem and ends with status 1 if there is one.")

  func run() throws {
    let problems = try courseProblems(root: packageRoot())
    for problem in problems { print(problem) }
    guard problems.isEmpty else { throw ExitCode(1) }
    let points = Catalogue.exercises.reduce(0) { $0 + $1.points }
    print(
      "\(Catalogue.exercises.count) exercises, \(points) points, \(mutants.count) mutants: "
        + "the course is consistent")
  }
}

/// Everything that is inconsistent in the course, in sentences.
///
/// Throws what the reference throws.
func courseProblems(root: URL) throws -> [String] {
  let key = try AnswerKey(Catalogue.exercises, reference: reference, mutants: mutants)
  return metadataProblems() + stubProblems(root) + keyProblems(key) + chapterProblems(root)
    + Catalogue.exercises.flatMap { exercise in
      gradingProblems(exercise, key)
    }
}

/// Checks that ids are in order, and that there are three hints, enough checks and enough mutants.
func metadataProblems() -> [String] {
  var problems: [String] = []
  var previous = (chapter: 1, number: 0)
  for exercise in Catalogue.exercises {
    let number = Int(exercise.id.drop { $0 != "." }.dropFirst()) ?? 0
    let isNext =
      exercise.chapter == previous.chapter
      ? number == previous.number + 1
      : exercise.chapter == previous.chapter + 1 && number == 1
    if !isNext { problems.append("\(exercise.id) does not follow \(previous)") }
    previous = (exercise.chapter, number)
    if exercise.hints.count != 3 || exercise.hints.contains(where: { $0.count < 40 }) {
      problems.append("\(exercise.id) needs three hints of a sentence or more")
    }
    if exercise.checks.count < 3 { problems.append("\(exercise.id) needs three checks or more") }
    if Set(exercise.checks.map(\.name)).count < exercise.checks.count {
      problems.append("\(exercise.id) has two checks with the same name")
    }
    let own = mutants.filter { $0.exercise == exercise.id }
    if own.count < 3 { problems.append("\(exercise.id) needs three mutants or more") }
    for mutant in own where !exercise.checks.contains(where: { $0.name == mutant.caughtBy }) {
      problems.append("\(mutant.name): there is no check \(mutant.caughtBy) in \(exercise.id)")
    }
  }
  return problems
}

/// Checks that the reference earns full marks and each mutant fails the check that should catch it.
func gradingProblems(_ exercise: Exercise, _ key: AnswerKey) -> [String] {
  let verdict = exercise.grade(reference, key)
  var problems = verdict.isPassed ? [] : ["the reference does not pass:\n\(verdict.report)"]
  for mutant in mutants where mutant.exercise == exercise.id {
    let verdict = exercise.grade(mutant.implementation, key)
    let check = verdict.checks.first { $0.name == mutant.caughtBy }
    if check?.outcome != .failed {
      problems.append("\(exercise.id): \(mutant.name) is not caught by \(mutant.caughtBy)")
    } else if check?.diagnosis != mutant.diagnosis {
      problems.append(
        "\(exercise.id): \(mutant.name) is diagnosed as \(check?.diagnosis ?? "nothing")")
    }
  }
  return problems
}

/// Checks that the learner's files equal the solutions outside regions.
func stubProblems(_ root: URL) -> [String] {
  let known = Catalogue.exercises.map(\.id)
  return Exercise.chapterNumbers.flatMap { chapter -> [String] in
    let path = "Sources/Course/Exercises/Chapter\(chapter).swift"
    let pristine = "Sources/Course/Grading/\(Catalogue.stubFile(chapter))"
    do {
      let text = try stub(chapter: chapter, root: root)
      guard try readText(root.appending(path: pristine)).withUnixLineEnds == text else {
        return ["\(pristine) is out of date (make exercises)"]
      }
      let fresh = try RegionFile(text, .yours, known: known)
      let file = try RegionFile(readText(root.appending(path: path)), .yours, known: known)
      let missing = known.filter { $0.hasPrefix("\(chapter).") && fresh.regions(of: $0).isEmpty }
      var rest = file.fixedLines[...]
      let lost = fresh.fixedLines.first { line in
        guard let place = rest.firstIndex(of: line) else { return true }
        rest = rest[(place + 1)...]
        return false
      }
      return missing.map { "\(path) has no region for \($0)" }
        + (lost.map { ["\(path) has lost or changed the line: \($0) (make exercises)"] } ?? [])
    } catch {
      return ["\(path): \(error)"]
    }
  }
}

/// Checks that the bundled answer key is that of the solutions and mutants, within the checks'
/// tolerances: processors differ in the last digit.
func keyProblems(_ fresh: AnswerKey) -> [String] {
  guard let stored = try? Catalogue.key() else {
    return ["the answer key is missing or damaged: run course answers"]
  }
  return Catalogue.exercises.compactMap { exercise in
    let (new, old) = (fresh.exercises[exercise.id], stored.exercises[exercise.id])
    let isSame =
      new?.answers.count == old?.answers.count
      && exercise.checks.allSatisfy { check in
        same(new?.answers[check.name], old?.answers[check.name], check)
      }
      && new?.mutants.count == old?.mutants.count
      && zip(new?.mutants ?? [], old?.mutants ?? []).allSatisfy { new, old in
        new.name == old.name && new.diagnosis == old.diagnosis
          && exercise.checks.allSatisfy {
            same(new.answers[$0.name], old.answers[$0.name], $0)
          }
      }
    return isSame ? nil : "\(exercise.id): the answer key is out of date: run course answers"
  }
}

private func same(_ new: Answer?, _ old: Answer?, _ check: Check) -> Bool {
  guard let new, let old else { return new == nil && old == nil }
  return check.mismatch(new, old) == nil
}
