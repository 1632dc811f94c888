import CourseKit
import Foundation
import Grading

/// An error that stops the command, in one sentence that says what to do.
struct CourseError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// The exercise with this id. Throws a `CourseError` if there is none.
func exercise(_ id: String) throws -> Exercise {
  guard let exercise = Catalogue.exercise(id) else {
    throw CourseError(
      "there is no exercise \(id): `course list` names those from "
        + "\(Catalogue.exercises.first?.id ?? "") to \(Catalogue.exercises.last?.id ?? "")")
  }
  return exercise
}

/// The folder of the package: the nearest one around the current folder that has a Package.swift.
///
/// Throws a `CourseError` if there is none.
func packageRoot() throws -> URL {
  let start = URL(filePath: FileManager.default.currentDirectoryPath)
  var folder = start.standardizedFileURL
  while folder.path != "/" {
    if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
      return folder
    }
    folder.deleteLastPathComponent()
  }
  throw CourseError("\(start.path) is not inside the package: change to its folder")
}

/// The text of a file. Throws a `CourseError` if it cannot be read.
func readText(_ file: URL) throws -> String {
  do {
    return try String(contentsOf: file, encoding: .utf8)
  } catch {
    throw CourseError("\(file.path): cannot be read")
  }
}

/// Writes a file completely or not at all, after making the folders that are missing.
///
/// Throws a `CourseError` if that fails.
func write(_ data: Data, to file: URL) throws {
  do {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file, options: .atomic)
  } catch {
    throw CourseError("\(file.path): cannot be written (\(error.localizedDescription))")
  }
}
