import ArgumentParser
import CourseKit
import Foundation
import Grading

/// Restores an exercise to its stub.
struct Reset: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Removes your code from an exercise, and keeps a copy of the file in backups/.",
    discussion: "Example: course reset 1.2")

  @Argument(help: ArgumentHelp("The exercise, for instance 1.2.", valueName: "exercise"))
  var id: String

  func run() throws { print(try reset(exercise(id), root: packageRoot())) }
}

/// Removes a learner's code from an exercise after copying the file, and returns a line about it.
///
/// Throws a `CourseError` if the file or its marks are missing.
func reset(_ exercise: Exercise, root: URL) throws -> String {
  let (id, file) = (exercise.id, root.appending(path: exercise.stub))
  let text = try readText(file)
  let regions: RegionFile
  do {
    regions = try RegionFile(text, .yours, known: Catalogue.exercises.map(\.id))
  } catch {
    throw CourseError("\(exercise.stub), \(error)")
  }
  guard regions.exercises.contains(id) else {
    throw CourseError("\(exercise.stub) has no marks BEGIN YOUR CODE \(id)")
  }
  let fresh = regions.reset(id).text(.yours)
  if fresh == text { return "\(id) is as it was handed out" }
  let backup = try backUp(file, root: root)
  try write(Data(fresh.utf8), to: file)
  return "\(id) is as it was handed out; your file is kept as \(backup)"
}

/// Copies a learner's file to `backups` under a free number, and returns its path from the root.
///
/// Throws a `CourseError` if that fails.
func backUp(_ file: URL, root: URL) throws -> String {
  let name = file.deletingPathExtension().lastPathComponent
  var number = 1
  while FileManager.default.fileExists(
    atPath: root.appending(path: "backups/\(name).\(number).swift").path)
  {
    number += 1
  }
  let path = "backups/\(name).\(number).swift"
  try write(Data(readText(file).utf8), to: root.appending(path: path))
  return path
}
