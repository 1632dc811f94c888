import CourseKit
import Foundation

/// What learners' copies leave out.
private let withheld = [
  "Sources/Course/Solutions", "Sources/Course/Mutants", "Sources/Course/course/Teacher",
  "Tests/GraderTests", "Tests/GradedAnswers", "Tests/grading.sh", ".ci/autograder",
]

/// What belongs to the package, where Git does not say it.
private let belongs: Set<String> = [
  "Package.swift", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
  ".swift-format", ".gitignore", ".spi.yml", ".ci", ".devcontainer", ".github", "Sources", "Tests",
  "chapters", "figures",
]

/// The files of a learners' copy, by their paths from the root, and how they were found: those that
/// Git tracks, so that drafts and submissions beside them stay the teacher's.
///
/// Throws a `CourseError` if the package cannot be read.
func learnersFiles(root: URL) throws -> (paths: [String], isFromGit: Bool) {
  let git = try ChildProcess(
    ["git", "-C", root.path, "-c", "core.quotepath=off", "ls-files", "--error-unmatch", "--", "."],
    limit: 60)
  let isFromGit = git.status == 0
  let all = isFromGit ? git.output.lines : try filesBelonging(to: root)
  let paths = all.filter { path in
    let top = path.prefix { $0 != "/" }
    let isWithheld = withheld.contains { path == $0 || path.hasPrefix($0 + "/") }
    return !isWithheld && belongs.contains(String(top))
      && FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }
  return (paths.sorted(), isFromGit)
}

/// All files in folders that belong to the package.
private func filesBelonging(to root: URL) throws -> [String] {
  let manager = FileManager.default
  guard let paths = manager.enumerator(atPath: root.path) else {
    throw CourseError("\(root.path) cannot be read")
  }
  var found: [String] = []
  while let path = paths.nextObject() as? String {
    if !belongs.contains(String(path.prefix { $0 != "/" })) {
      paths.skipDescendants()
      continue
    }
    var isFolder: ObjCBool = false
    let file = root.appending(path: path).path
    if manager.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue {
      found.append(path)
    }
  }
  return found
}

/// The contents of a file in a learners' copy: their own files become stubs.
///
/// Throws a `CourseError` if the file cannot be read.
func learnersContents(of path: String, root: URL) throws -> Data {
  for chapter in Exercise.chapterNumbers
  where path == "Sources/Course/Exercises/Chapter\(chapter).swift" {
    return Data(try stub(chapter: chapter, root: root).utf8)
  }
  do {
    return try Data(contentsOf: root.appending(path: path))
  } catch {
    throw CourseError("\(root.appending(path: path).path): cannot be read")
  }
}
