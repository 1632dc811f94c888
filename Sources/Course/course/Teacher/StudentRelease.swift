import ArgumentParser
import CourseKit
import Foundation
import Grading

/// Makes a copy for learners.
struct StudentRelease: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "student-release",
    abstract: "Makes a copy of the package without solutions, mutants and the tests of graders.",
    discussion: "Example: course student-release ../dalle-course")

  @Argument(
    help: ArgumentHelp("A folder that is empty or does not exist yet.", valueName: "folder"))
  var output: String

  func run() throws {
    let folder = URL(filePath: output).standardizedFileURL
    let count = try studentRelease(root: packageRoot(), to: folder)
    print("\(folder.path): \(count) files, no solutions. Try it: cd \(folder.path) && swift test")
  }
}

/// What learners' copies leave out.
private let withheld: Set<String> = [
  "Sources/Course/Solutions", "Sources/Course/Mutants", "Sources/Course/course/Teacher",
  "Tests/GraderTests",
]

/// What belongs to the package. Other files beside these, such as submissions, grades and builds,
/// are the teacher's.
private let belongs: Set<String> = [
  "Package.swift", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
  ".swift-format", ".gitignore", ".spi.yml", ".ci", ".devcontainer", ".github", "Sources", "Tests",
  "chapters", "figures",
]

/// Copies the package for learners, with fresh stubs, and returns how many files there are.
///
/// Throws a `CourseError` if the folder is not empty, or lies in the package.
func studentRelease(root: URL, to folder: URL) throws -> Int {
  let manager = FileManager.default
  let root = root.standardizedFileURL
  if folder.path == root.path || folder.path.hasPrefix(root.path + "/") {
    throw CourseError("\(folder.path) lies in the package itself: choose a folder outside it")
  }
  if let names = try? manager.contentsOfDirectory(atPath: folder.path), !names.isEmpty {
    throw CourseError("\(folder.path) is not empty: choose one that is")
  }
  guard let paths = manager.enumerator(atPath: root.path) else {
    throw CourseError("\(root.path) cannot be read")
  }
  var count = 0
  while let path = paths.nextObject() as? String {
    let top = path.prefix { $0 != "/" }
    if withheld.contains(path) || !belongs.contains(String(top)) {
      paths.skipDescendants()
      continue
    }
    var isFolder: ObjCBool = false
    let source = root.appending(path: path)
    guard manager.fileExists(atPath: source.path, isDirectory: &isFolder), !isFolder.boolValue
    else { continue }
    try write(contents(of: path, at: source, root: root), to: folder.appending(path: path))
    count += 1
  }
  return count
}

/// The contents of a file in a learners' copy: their own files become stubs.
private func contents(of path: String, at file: URL, root: URL) throws -> Data {
  for chapter in 1...5 where path == "Sources/Course/Exercises/Chapter\(chapter).swift" {
    return Data(try stub(chapter: chapter, root: root).utf8)
  }
  do {
    return try Data(contentsOf: file)
  } catch {
    throw CourseError("\(file.path): cannot be read")
  }
}
