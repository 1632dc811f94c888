import CourseKit
import Foundation

/// Builds the programs that answer for the files of a package.
struct Builder {
  /// The package with the learner's files.
  let root: URL
  /// The folder for what is built.
  let scratch: URL
  /// Where the programs are.
  let programs: URL
  /// Whether they are optimised across modules.
  let isRelease: Bool
  /// Seconds for one build.
  var limit = 600.0

  /// Builds beside this program, as `swift build` does in its package.
  ///
  /// Throws a `CourseError` if this program does not know where it is.
  init(beside executable: URL, root: URL) {
    // .build/x86_64-unknown-linux-gnu/debug/course
    programs = executable.resolvingSymlinksInPath().deletingLastPathComponent()
    scratch = programs.deletingLastPathComponent().deletingLastPathComponent()
    isRelease = programs.lastPathComponent == "release"
    self.root = root
  }

  /// Builds a package apart from this one.
  init(root: URL, scratch: URL) {
    self.root = root
    self.scratch = scratch
    programs = scratch.appending(path: "debug")
    isRelease = false
  }

  /// The programs for some chapters: one for all if they compile together, else one for each that
  /// compiles.
  ///
  /// - Parameter log: Called with what the compiler said if something does not compile.
  /// Throws a `CourseError` if the package itself cannot be built.
  func answers(for chapters: Set<Int>, log: (String) -> Void = { _ in }) throws
    -> [Int: GradeRunner.Program]
  {
    if chapters.count > 1, try build("answers").status == 0 {
      let program = AnswerProgram(executable: programs.appending(path: "answers"))
      return chapters.reduce(into: [:]) { $0[$1] = .ready(program) }
    }
    var result: [Int: GradeRunner.Program] = [:]
    for chapter in chapters.sorted() {
      let name = "answers\(chapter)"
      let build = try build(name)
      if build.status == 0 {
        result[chapter] = .ready(AnswerProgram(executable: programs.appending(path: name)))
      } else {
        log(build.output)
        result[chapter] = .missing(reason(build, chapter))
      }
    }
    return result
  }

  private func build(_ product: String) throws -> ChildProcess {
    try ChildProcess(
      [
        "swift", "build", "--package-path", root.path, "--scratch-path", scratch.path, "--product",
        product,
      ] + (isRelease ? ["-c", "release"] : []), limit: limit)
  }

  /// Why a chapter has no program: the compiler's first error about its file.
  private func reason(_ build: ChildProcess, _ chapter: Int) -> String {
    let file = "Chapter\(chapter).swift"
    if build.isTimedOut {
      return "\(file) takes more than \(Mismatch.number(limit)) s to compile: shorten expressions"
    }
    let lines = build.output.split(whereSeparator: \.isNewline)
    let errors = lines.filter { $0.contains("error: ") }
    if let error = errors.first(where: { $0.contains("/\(file):") }),
      let start = error.range(of: "/\(file):")
    {
      return "it does not compile: \(file):\(error[start.upperBound...].prefix(300))"
    }
    let text = (try? readText(root.appending(path: "Sources/Course/Exercises/\(file)"))) ?? ""
    if let match = text.firstMatch(of: /\bimport\s+(?:\w+\s+)?(Solutions|Mutants|Grading)\b/) {
      return "\(file) imports \(match.1), which is not there for answers: use TensorCore, "
        + "CourseKit and Foundation"
    }
    let rest = errors.first ?? lines.last ?? "the build failed without a message"
    return "it cannot be built: \(rest.prefix(300))"
  }
}
