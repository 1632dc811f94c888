import ArgumentParser
import CourseKit
import Files
import Foundation
import Grading

/// Grades the submissions of a class.
struct GradeAll: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grade-all",
    abstract: "Grades a folder of submissions and writes a table for a gradebook.",
    discussion: """
      SUBMISSIONS holds a folder for each student, with Chapter1.swift to Chapter6.swift in it. \
      Each student starts from a clean copy of the package, which is built in .build/grading. A \
      file that is missing, misnamed or does not compile costs its chapter and is named.

      RESULTS gets a folder for each student with grade.json, results.json and, if something does \
      not compile, compile.log; and grades.csv with a line for each.

      Example: course grade-all submissions --output results --seed - < seed.txt
      """)

  @Argument(
    help: ArgumentHelp("A folder with a folder for each student.", valueName: "submissions"))
  var submissions: String
  @Option(help: ArgumentHelp("The folder for the results.", valueName: "results"))
  var output: String
  @OptionGroup var options: GradeOptions

  func run() throws {
    let folder = URL(filePath: submissions)
    let (students, others) = try Self.students(in: folder)
    for name in others {
      print("\(printable(name)) is left out: it is no folder; unpack or move it")
    }
    if students.contains("grades.csv") {
      throw CourseError("\(submissions)/grades.csv: rename this folder: the table has that name")
    }
    guard !students.isEmpty else {
      throw CourseError("\(submissions) has no folders: expected one for each student")
    }
    let grader = try SubmissionGrader(options)
    var rows: [GradeTable.Row] = []
    let results = URL(filePath: output)
    for (place, name) in students.enumerated() {
      let row = try grader.grade(
        folder.appending(path: name), to: results.appending(path: name), isHidden: false)
      rows.append(row)
      // After each student, so that a table is there even if the run is interrupted.
      try write(Data(GradeTable.csv(rows).utf8), to: results.appending(path: "grades.csv"))
      print("\(place + 1)/\(students.count)  \(row.line)")
    }
    print("\(results.appending(path: "grades.csv").relativePath): \(rows.count) students")
  }

  /// The names of the folders in a folder, and of what else is there.
  private static func students(in folder: URL) throws -> (folders: [String], others: [String]) {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      throw CourseError("\(folder.path) cannot be read: expected a folder of submissions")
    }
    var (folders, others): ([String], [String]) = ([], [])
    for name in names.sorted() where !name.hasPrefix(".") && name != "__MACOSX" {
      var isFolder: ObjCBool = false
      let path = folder.appending(path: name).path
      let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      if isThere && isFolder.boolValue { folders.append(name) } else { others.append(name) }
    }
    return (folders, others)
  }
}

/// Grades one submission.
struct GradeSubmission: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grade-submission",
    abstract: "Grades a folder with a student's files, from a clean copy.",
    discussion: """
      Example: course grade-submission /autograder/submission --output /autograder/results
      """)

  @Argument(
    help: ArgumentHelp("A folder with Chapter1.swift to Chapter6.swift.", valueName: "folder"))
  var folder: String
  @Option(help: ArgumentHelp("The folder for the two reports.", valueName: "results"))
  var output: String
  @Flag(help: "Hide the details from learners on Gradescope.")
  var hidden = false
  @OptionGroup var options: GradeOptions

  func run() throws {
    let row = try SubmissionGrader(options).grade(
      URL(filePath: folder), to: URL(filePath: output), isHidden: hidden)
    print(row.line)
  }
}

/// Grades submissions one after the other.
struct SubmissionGrader {
  private let copy: CleanCopy
  private let starter: URL
  private let limits: Limits
  private let seed: UInt64

  /// Makes the clean copy. Throws a `CourseError` if that fails.
  init(_ options: GradeOptions) throws {
    seed = try options.number()
    starter = try thisProgram()
    limits = try options.limits.droppingRoot(starter)
    copy = try CleanCopy(of: packageRoot(), beside: starter)
  }

  /// Grades a folder and writes the reports; whatever goes wrong, there is a result.
  ///
  /// Throws a `CourseError` if the reports cannot be written.
  func grade(_ folder: URL, to results: URL, isHidden: Bool) throws -> GradeTable.Row {
    let submission = Submission(folder)
    var log = ""
    var programs: [Int: GradeRunner.Program] = [:]
    var notes = Exercise.chapterNumbers.compactMap { submission.faults[$0] }
    do {
      programs = try copy.programs(for: submission) { log += $0 }
    } catch {
      notes.append("not graded: \(error)")
    }
    for (chapter, program) in programs.sorted(by: { $0.key < $1.key })
    where submission.faults[chapter] == nil {
      if case .missing(let reason) = program { notes.append("chapter \(chapter): \(reason)") }
    }
    let runner = GradeRunner(starter: starter, limits: limits, seed: seed) { chapter in
      programs[chapter] ?? .missing(notes.last ?? "not graded")
    }
    let report = runner.grade(Catalogue.exercises) { _, _ in }
    try write(report, isHidden: isHidden, to: results)
    let logFile = results.appending(path: "compile.log")
    if log.isEmpty {
      try? FileManager.default.removeItem(at: logFile)  // of an earlier run
    } else {
      try write(Data(log.utf8), to: logFile)
    }
    return GradeTable.Row(student: submission.name, report: report, notes: notes)
  }
}

/// The table for a gradebook.
enum GradeTable {
  /// A student's line.
  struct Row {
    let student: String
    let report: GradeReport
    let notes: [String]

    /// The same for a terminal.
    var line: String {
      let grade = "\(printable(student))  \(report.points)/\(report.maximum) points"
      return ([grade] + notes.map { "    \(printable($0, limit: 400))" }).joined(separator: "\n")
    }
  }

  /// Comma-separated values: a head, and a line for each student.
  static func csv(_ rows: [Row]) -> String {
    let ids = Catalogue.exercises.map(\.id)
    let head = ["student", "points", "maximum"] + ids + ["notes"]
    let lines = rows.map { row in
      [row.student, "\(row.report.points)", "\(row.report.maximum)"]
        + row.report.verdicts.map { "\($0.points)" } + [row.notes.joined(separator: "; ")]
    }
    return ([head] + lines).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// A field as RFC 4180 writes it. Spreadsheets compute what begins like a formula, so it does not.
  private static func field(_ text: String) -> String {
    let plain = text.first.map { "=+-@\t\r".contains($0) } == true ? "'" + text : text
    let needsQuotes = plain.contains { ",\"".contains($0) || $0.isNewline }
    return needsQuotes ? "\"\(plain.replacing("\"", with: "\"\""))\"" : plain
  }
}
