import CourseKit
import Foundation

/// A copy of the package in which submissions are built: without solutions, and without anything of
/// the student before.
struct CleanCopy {
  private let builder: Builder
  private let root: URL
  /// The learners' files as they are handed out.
  private let stubs: [Int: Data]

  /// Makes the copy in the folder of what is built, or brings it up to date.
  ///
  /// Throws a `CourseError` if that fails.
  init(of package: URL, beside program: URL) throws {
    let folder = Builder(beside: program, root: package).scratch.appending(path: "grading")
    try Self.lock(folder)
    root = folder.appending(path: "package")
    builder = Builder(root: root, scratch: folder.appending(path: "build"))
    let (paths, _) = try learnersFiles(root: package)
    var stubs: [Int: Data] = [:]
    for path in paths {
      let data = try learnersContents(of: path, root: package)
      try Self.update(root.appending(path: path), data)
      for chapter in Exercise.chapterNumbers where path == Self.path(chapter) {
        stubs[chapter] = data
      }
    }
    self.stubs = stubs
    let known = Set(paths)
    let manager = FileManager.default
    let all = manager.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    for path in all where !known.contains(path) {
      var isFolder: ObjCBool = false
      let file = root.appending(path: path).path
      if manager.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue,
        path != "Package.resolved"
      {
        try? manager.removeItem(atPath: file)
      }
    }
  }

  /// Keeps other runs out of a folder until this process ends: they would exchange students' files.
  ///
  /// Throws a `CourseError` if another run is in it.
  private static func lock(_ folder: URL) throws {
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let descriptor = open(folder.appending(path: "lock").path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CourseError("\(folder.path): cannot be written") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw CourseError("another run grades in \(folder.path): wait until it has ended")
    }
  }

  /// Puts a student's files in, fresh ones where there is none, and builds them.
  ///
  /// - Parameter log: Called with what the compiler said if something does not compile.
  /// Throws a `CourseError` if a file cannot be written or the compiler not be started.
  func programs(for submission: Submission, log: (String) -> Void) throws
    -> [Int: GradeRunner.Program]
  {
    for chapter in Exercise.chapterNumbers {
      try Self.update(
        root.appending(path: Self.path(chapter)),
        submission.texts[chapter] ?? stubs[chapter] ?? Data())
    }
    var programs = try builder.answers(for: Set(submission.texts.keys), log: log)
    for (chapter, fault) in submission.faults { programs[chapter] = .missing(fault) }
    return programs
  }

  private static func path(_ chapter: Int) -> String {
    "Sources/Course/Exercises/Chapter\(chapter).swift"
  }

  /// Writes a file unless it is the same already, so that only what changed is compiled.
  private static func update(_ file: URL, _ data: Data) throws {
    if (try? Data(contentsOf: file)) != data { try write(data, to: file) }
  }
}
