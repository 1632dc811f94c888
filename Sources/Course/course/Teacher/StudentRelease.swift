import ArgumentParser
import CourseKit
import Foundation
import Grading

/// Makes a copy for learners.
struct StudentRelease: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "student-release",
    abstract: "Makes a copy of the package without solutions, mutants and the tests of graders.",
    discussion: """
      Copies the files that Git tracks, as they are now; what you keep beside them stays with you.

      Example: course student-release ../dalle-course
      """)

  @Argument(
    help: ArgumentHelp("A folder that is empty or does not exist yet.", valueName: "folder"))
  var output: String

  func run() throws {
    let folder = URL(filePath: output).standardizedFileURL
    let (count, isFromGit) = try studentRelease(root: packageRoot(), to: folder)
    print("\(folder.path): \(count) files, no solutions. Try it: cd \(folder.path) && swift test")
    if !isFromGit {
      print(
        "Git does not track this folder, so all files below Sources, Tests, chapters and figures "
          + "were copied: look for drafts of yours among them.")
    }
  }
}

/// Copies the package for learners, with fresh stubs, and returns how many files there are.
///
/// Throws a `CourseError` if the folder is not empty, or lies in the package.
func studentRelease(root: URL, to folder: URL) throws -> (count: Int, isFromGit: Bool) {
  let root = root.standardizedFileURL
  if folder.path == root.path || folder.path.hasPrefix(root.path + "/") {
    throw CourseError("\(folder.path) lies in the package itself: choose a folder outside it")
  }
  let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
  if let names, !names.isEmpty {
    throw CourseError("\(folder.path) is not empty: choose one that is")
  }
  let (paths, isFromGit) = try learnersFiles(root: root)
  for path in paths {
    let copy = folder.appending(path: path)
    try write(learnersContents(of: path, root: root), to: copy)
    if access(root.appending(path: path).path, X_OK) == 0 { chmod(copy.path, 0o755) }  // scripts
  }
  return (paths.count, isFromGit)
}
