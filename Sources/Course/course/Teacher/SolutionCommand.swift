import ArgumentParser
import CourseKit
import Foundation
import Grading

/// Shows a solution.
struct SolutionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solution",
    abstract: "Shows the reference's answer; asks first unless you have passed.",
    discussion: "Example: course solution 1.2 --yes")

  @Argument(help: ArgumentHelp("The exercise, for instance 1.2.", valueName: "exercise"))
  var id: String
  @Flag(help: "Do not ask.")
  var yes = false

  func run() throws {
    let exercise = try exercise(id)
    let root = try packageRoot()
    guard try yes || hasPassed(exercise) || isWanted() else {
      throw CourseError("not shown: make hint EX=\(id) LEVEL=3 goes nearly as far")
    }
    let file = try solutions(chapter: exercise.chapter, root: root)
    for lines in file.regions(of: id) {
      let margin = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
      print(lines.map { $0.dropFirst(margin) }.joined(separator: "\n") + "\n")
    }
  }

  private func hasPassed(_ exercise: Exercise) throws -> Bool {
    let options = try GradeOptions.parse([])
    let runner = try options.runner(for: [exercise])
    return runner.grade([exercise]) { _, _ in }.verdicts.allSatisfy(\.isPassed)
  }

  private func isWanted() -> Bool {
    guard isatty(STDIN_FILENO) != 0 else { return false }
    print("You have not passed \(id) yet. Show the solution? [y/N] ", terminator: "")
    return readLine()?.lowercased().hasPrefix("y") ?? false
  }
}

/// The solutions of a chapter. Throws a `CourseError` if they are missing or damaged.
func solutions(chapter: Int, root: URL) throws -> RegionFile {
  let path = "Sources/Course/Solutions/Chapter\(chapter).swift"
  do {
    return try RegionFile(
      readText(root.appending(path: path)), .solution, known: Catalogue.exercises.map(\.id))
  } catch let error as RegionError {
    throw CourseError("\(path), \(error)")
  }
}
