import ArgumentParser
import CourseKit
import Foundation
import Grading

/// Makes the learner's files from the solutions.
struct MakeExercises: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exercises",
    abstract: "Makes the learner's files from the solutions.",
    discussion: """
      A file that differs from what would be written is left alone, because it may hold a \
      learner's work. With --overwrite it is replaced, and a copy is kept in backups/.
      """)

  @Flag(help: "Replace files that differ, and keep a copy of each.")
  var overwrite = false

  func run() throws {
    let root = try packageRoot()
    for line in try makeExercises(root: root, overwrite: overwrite) { print(line) }
  }
}

/// The learner's file of a chapter as it is handed out.
///
/// Throws a `CourseError` if the solutions are missing or damaged.
func stub(chapter: Int, root: URL) throws -> String {
  let path = "Sources/Course/Solutions/Chapter\(chapter).swift"
  do {
    return try RegionFile.stub(
      from: readText(root.appending(path: path)), chapter: chapter,
      known: Catalogue.exercises.map(\.id))
  } catch let error as RegionError {
    throw CourseError("\(path), \(error)")
  }
}

/// Writes the learner's files, and the copies of them for `reset`, and returns a line about each.
///
/// Throws a `CourseError` if a file differs and may not be overwritten; then nothing is written.
func makeExercises(root: URL, overwrite: Bool) throws -> [String] {
  let files = try Exercise.chapterNumbers.map { chapter in
    let path = "Sources/Course/Exercises/Chapter\(chapter).swift"
    return (path, root.appending(path: path), try stub(chapter: chapter, root: root))
  }
  let differing = try files.filter { _, file, text in
    try FileManager.default.fileExists(atPath: file.path)
      && readText(file).withUnixLineEnds != text
  }
  if !overwrite, let (path, _, _) = differing.first {
    throw CourseError(
      "\(path) differs from what would be written, and may hold a learner's work: "
        + "--overwrite replaces it and keeps a copy")
  }
  for (chapter, (_, _, text)) in zip(1..., files) {
    let pristine = root.appending(path: "Sources/Course/Grading/\(Catalogue.stubFile(chapter))")
    if (try? readText(pristine)) != text { try write(Data(text.utf8), to: pristine) }
  }
  return try files.map { path, file, text in
    let isThere = FileManager.default.fileExists(atPath: file.path)
    if try isThere && readText(file).withUnixLineEnds == text { return "\(path) is up to date" }
    let kept = isThere ? ", the old one is kept as \(try backUp(file, root: root))" : ""
    try write(Data(text.utf8), to: file)
    return "\(path) is written\(kept)"
  }
}
