import ArgumentParser
import CourseKit
import Files
import Foundation
import Grading

/// Grades exercises.
struct Grade: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Grades all exercises, those of a chapter, or single ones.",
    discussion: """
      Each exercise is graded in a process of its own. Writes grade.json, and results.json in the \
      form that Gradescope reads. The exit status is 0 whatever the grade; with --strict it is 1 \
      unless all points were earned.

      Examples:
        course grade
        course grade 1.2
        course grade 3 --strict
      """)

  @Argument(help: ArgumentHelp("Exercises (1.2) or chapters (1).", valueName: "exercise"))
  var ids: [String] = []
  @OptionGroup var options: GradeOptions
  @Flag(help: "Print JSON, for programs.")
  var json = false
  @Flag(help: "Exit with status 1 unless all points were earned.")
  var strict = false
  @Flag(help: "Hide the details from learners on Gradescope.")
  var hidden = false
  @Option(help: ArgumentHelp("The folder for the two reports.", valueName: "folder"))
  var output = "build"

  func run() throws {
    let exercises = try chosen(ids)
    let runner = try options.runner()
    let report = runner.grade(exercises) { verdict, printed in
      if json { return }
      if exercises.count == 1, !printed.isEmpty { print("your code printed:\n\(printed)\n") }
      print(exercises.count == 1 ? verdict.report : verdict.summary)
    }
    let folder = URL(filePath: output)
    try write(prettyJSON(report), to: folder.appending(path: "grade.json"))
    try write(
      prettyJSON(GradescopeResults(report, isHidden: hidden)),
      to: folder.appending(path: "results.json"))
    if json {
      print(String(decoding: try prettyJSON(report), as: UTF8.self))
    } else if exercises.count > 1 {
      print("\n\(report.progress)")
    }
    if strict && report.points < report.maximum { throw ExitCode(1) }
  }
}

/// Shows the learner's progress.
struct Progress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows how far you are.", discussion: "Example: course progress")

  @OptionGroup var options: GradeOptions

  func run() throws {
    let report = try options.runner().grade(Catalogue.exercises) { _, _ in }
    for chapter in 1...5 {
      let own = report.verdicts.filter { $0.exercise.hasPrefix("\(chapter).") }
      let part = GradeReport(verdicts: own, seconds: 0)
      let marks = own.map { $0.isPassed ? "✓" : $0.isAttempted ? "✗" : "·" }.joined()
      print("chapter \(chapter)  \(marks)  \(part.points)/\(part.maximum) points")
    }
    print(report.progress)
  }
}

/// The options of all commands that grade.
struct GradeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Time limit for each exercise, in seconds.", valueName: "seconds"))
  var limit = 20.0
  @Option(help: ArgumentHelp("Random seed (teacher's copy only).", valueName: "number"))
  var seed = AnswerKey.publicSeed
  @Option(name: .customLong("as"), help: .hidden)
  var name = "yours"

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be above 0 seconds") }
  }

  func runner() throws -> GradeRunner {
    _ = try implementation(named: name)
    if let first = Catalogue.exercises.first { _ = try key(first, seed) }
    guard let executable = Bundle.main.executableURL else {
      throw CourseError("the path of this program is unknown")
    }
    return GradeRunner(executable: executable, limit: limit, seed: seed, name: name)
  }
}

/// The exercises with these ids or of these chapters. Throws a `CourseError` if one does not exist.
private func chosen(_ ids: [String]) throws -> [Exercise] {
  if ids.isEmpty { return Catalogue.exercises }
  return try ids.flatMap { id in
    let ofChapter = Catalogue.exercises.filter { "\($0.chapter)" == id }
    return ofChapter.isEmpty ? [try exercise(id)] : ofChapter
  }
}
