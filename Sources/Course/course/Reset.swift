import ArgumentParser
import CourseKit
import Foundation
import Grading

/// Restores an exercise, or the file of a chapter, to its stub.
struct Reset: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Removes your code from an exercise, and keeps a copy of the file in backups/.",
    discussion: """
      The number of a chapter gives its whole file back as it was handed out, also if the marks in \
      it are damaged.

      Examples:
        course reset 1.2
        course reset 1
      """)

  @Argument(
    help: ArgumentHelp("The exercise (1.2), or a chapter (1) for its file.", valueName: "exercise"))
  var id: String

  func run() throws {
    let root = try packageRoot()
    if let chapter = Int(id), Exercise.chapters[chapter] != nil {
      print(try reset(chapter: chapter, root: root))
    } else {
      print(try reset(exercise(id), root: root))
    }
  }
}

/// Removes a learner's code from an exercise after copying the file, and returns a line about it.
///
/// Throws a `CourseError` if the file or its marks are missing.
func reset(_ exercise: Exercise, root: URL) throws -> String {
  let (id, file) = (exercise.id, root.appending(path: exercise.stub))
  let remedy =
    "make reset EX=\(exercise.chapter) gives the whole file back and keeps a copy of yours"
  guard FileManager.default.fileExists(atPath: file.path) else {
    throw CourseError("\(exercise.stub) is missing: \(remedy)")
  }
  let text = try readText(file)
  let ids = Catalogue.exercises.map(\.id)
  let regions: RegionFile
  do {
    regions = try RegionFile(text, .yours, known: ids)
  } catch {
    throw CourseError("\(exercise.stub), \(error): \(remedy)")
  }
  guard regions.exercises.contains(id) else {
    throw CourseError("\(exercise.stub) has no marks BEGIN YOUR CODE \(id): \(remedy)")
  }
  let pristine = try? RegionFile(readText(Catalogue.stub(exercise.chapter)), .yours, known: ids)
  let rest =
    pristine.map { $0.fixedLines == regions.fixedLines } ?? true
    ? "" : "; lines outside of the marks were changed: \(remedy)"
  let fresh = regions.reset(id).text(.yours)
  if fresh == text { return "\(id) is as it was handed out\(rest)" }
  let backup = try backUp(file, root: root)
  try write(Data(fresh.utf8), to: file)
  return "\(id) is as it was handed out; your file is kept as \(backup)\(rest)"
}

/// Gives the whole file of a chapter back after copying what is there, and returns a line about it.
///
/// Throws a `CourseError` if a file cannot be read or written.
func reset(chapter: Int, root: URL) throws -> String {
  let path = "Sources/Course/Exercises/Chapter\(chapter).swift"
  let file = root.appending(path: path)
  var fresh = try readText(Catalogue.stub(chapter)).withUnixLineEnds
  guard FileManager.default.fileExists(atPath: file.path) else {
    try write(Data(fresh.utf8), to: file)
    return "\(path) is as it was handed out; it was missing"
  }
  let text = (try? readText(file)) ?? ""  // it may not even be text
  if text.withUnixLineEnds == fresh { return "\(path) is as it was handed out" }
  if text.contains("\r\n") { fresh = fresh.replacing("\n", with: "\r\n") }
  let backup = try backUp(file, root: root)
  try write(Data(fresh.utf8), to: file)
  return "\(path) is as it was handed out; your file is kept as \(backup)"
}

/// Copies a learner's file to `backups` under a free name, and returns its path from the root.
///
/// Throws a `CourseError` if that fails.
func backUp(_ file: URL, root: URL) throws -> String {
  let name = file.deletingPathExtension().lastPathComponent
  // Not Chapter1.2.swift, which reads like exercise 1.2.
  let paths = (1...).lazy.map { "backups/\(name)-copy-\($0).swift" }
  let path = paths.first {
    !FileManager.default.fileExists(atPath: root.appending(path: $0).path)
  }
  guard let path, let data = try? Data(contentsOf: file) else {
    throw CourseError("\(file.path): cannot be read")
  }
  try write(data, to: root.appending(path: path))
  return path
}
