import ArgumentParser
import Commands
import CourseKit
import Files
import Foundation
import Grading

/// Grades exercises.
struct Grade: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Grades all exercises, those of a chapter, or single ones.",
    discussion: """
      Builds your six files first; one that does not compile costs its chapter only. Each exercise \
      is graded in a process of its own. Writes grade.json, and results.json in the form that \
      Gradescope reads. The exit status is 0 whatever the grade; with --strict it is 1 unless all \
      points were earned.

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
    let runner = try options.runner(for: exercises) { complain(compilerErrors(in: $0)) }
    let report = runner.grade(exercises) { verdict, printed in
      if json { return }
      if exercises.count == 1, !printed.isEmpty { print("your code printed:\n\(printed)\n") }
      print(exercises.count == 1 ? verdict.report : verdict.summary)
    }
    // Written last, when no process of the learner's is left.
    try write(report, isHidden: hidden, to: URL(filePath: output))
    if json {
      print(String(decoding: try prettyJSON(report), as: UTF8.self))
    } else if exercises.count > 1 {
      print("\n\(report.progress)")
    }
    if strict && report.points < report.maximum { throw ExitCode(1) }
  }
}

/// Writes both reports of a run.
///
/// Throws a `CourseError` if a file cannot be written.
func write(_ report: GradeReport, isHidden: Bool, to folder: URL) throws {
  try write(prettyJSON(report), to: folder.appending(path: "grade.json"))
  try write(
    prettyJSON(GradescopeResults(report, isHidden: isHidden)),
    to: folder.appending(path: "results.json"))
}

/// The compiler's errors, each with the lines that belong to it, and each once.
func compilerErrors(in log: String) -> String {
  var seen: Set<Substring> = []
  var blocks: [String] = []
  var isShown = false
  for line in log.split(whereSeparator: \.isNewline) {
    if line.contains(#/:\d+:\d+: error: /#) {
      isShown = blocks.count < 5 && seen.insert(line).inserted
      if isShown { blocks.append(String(line)) }
    } else if isShown, line.contains(#/^ *\d* *[|`]/#), let last = blocks.indices.last {
      blocks[last] += "\n\(line)"
    } else {
      isShown = false
    }
  }
  return blocks.isEmpty ? "" : blocks.joined(separator: "\n") + "\n"
}

/// Shows the learner's progress.
struct Progress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows how far you are.", discussion: "Example: course progress")

  @OptionGroup var options: GradeOptions

  func run() throws {
    let exercises = Catalogue.exercises
    let runner = try options.runner(for: exercises)
    let report = runner.grade(exercises) { _, _ in }
    for chapter in Exercise.chapterNumbers {
      let own = report.verdicts.filter { $0.exercise.hasPrefix("\(chapter).") }
      let part = GradeReport(verdicts: own, seconds: 0)
      let marks = own.map { $0.isPassed ? "✓" : $0.isAttempted ? "✗" : "·" }.joined()
      print("chapter \(chapter)  \(marks)  \(part.points)/\(part.maximum) points")
    }
    for (chapter, reason) in runner.missing {
      print("chapter \(chapter): \(reason) (make grade EX=\(chapter))")
    }
    print(report.progress)
  }
}

/// The options of all commands that grade.
struct GradeOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Time limit for each exercise, in seconds.", valueName: "seconds"))
  var limit = Limits().seconds
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Time limit for all exercises, in seconds.", valueName: "seconds"))
  var totalLimit = Limits().total
  @Option(
    help: ArgumentHelp(
      "Random seed, or - to read it from standard input (teacher's copy only).",
      valueName: "number"))
  var seed = "\(AnswerKey.publicSeed)"

  func validate() throws {
    guard limit > 0, totalLimit > 0, max(limit, totalLimit) < 1e6 else {
      throw ValidationError(
        "--limit and --total-limit must be above 0 seconds and below a million")
    }
  }

  var limits: Limits { Limits(seconds: limit, total: totalLimit) }

  /// The number of the seed. Throws a `ValidationError` if it is none.
  func number() throws -> UInt64 {
    let text = seed == "-" ? readLine() ?? "" : seed
    guard let number = UInt64(text.trimmingCharacters(in: .whitespaces)) else {
      throw CourseError("--seed must be a whole number from 0 to \(UInt64.max)")
    }
    return number
  }

  /// Builds the learner's files of this package and returns what grades them.
  func runner(for exercises: [Exercise], log: (String) -> Void = { _ in }) throws -> GradeRunner {
    let seed = try number()
    if let first = exercises.first { _ = try key(first, seed) }
    let executable = try thisProgram()
    let builder = Builder(beside: executable, root: try packageRoot())
    let programs = try builder.answers(for: Set(exercises.map(\.chapter)), log: log)
    return GradeRunner(
      starter: executable, limits: try limits.droppingRoot(executable), seed: seed
    ) {
      programs[$0] ?? .missing("there is no program for chapter \($0)")
    }
  }
}

/// The path of this program. Throws a `CourseError` if the system does not know it.
func thisProgram() throws -> URL {
  guard let executable = Bundle.main.executableURL else {
    throw CourseError("the path of this program is unknown")
  }
  return executable
}

/// The exercises with these ids or of these chapters. Throws a `CourseError` if one does not exist.
func chosen(_ ids: [String]) throws -> [Exercise] {
  if ids.isEmpty { return Catalogue.exercises }
  return try ids.flatMap { id in
    let ofChapter = Catalogue.exercises.filter { "\($0.chapter)" == id }
    return ofChapter.isEmpty ? [try exercise(id)] : ofChapter
  }
}
