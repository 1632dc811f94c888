// What a submission's process can and cannot do to its grade. The processes are `graded-answers`,
// which is built with these tests, so that no test waits for the compiler.

import CProcess
import CourseKit
import Foundation
import Grading
import TestSupport
import Testing

@testable import course

@Suite(.serialized) struct IsolationTests {
  private func grade(
    _ submission: String, _ exercises: ArraySlice<Exercise>, limits: Limits = Limits(seconds: 10),
    seed: UInt64 = AnswerKey.publicSeed, starter: URL = courseExecutable,
    tell: (Verdict, String) -> Void = { _, _ in }
  ) -> GradeReport {
    let program = AnswerProgram(
      executable: programFolder.appending(path: "graded-answers"), arguments: [submission])
    let runner = GradeRunner(starter: starter, limits: limits, seed: seed) { _ in
      .ready(program)
    }
    return runner.grade(Array(exercises), tell: tell)
  }

  private func gradeTwo(
    _ submission: String, limits: Limits = Limits(seconds: 10), starter: URL = courseExecutable
  ) -> (points: [Int], first: String, second: String, printed: [String]) {
    var printed: [String] = []
    let report = grade(
      submission, Catalogue.exercises.prefix(2), limits: limits, starter: starter
    ) {
      printed.append($1)
    }
    let reports = report.verdicts.map(\.report)
    return (report.verdicts.map(\.points), reports[0], reports[1], printed)
  }

  @Test func `a trap and an endless loop cost one exercise each`() throws {
    let report = grade(
      "misbehaving", Catalogue.exercises.prefix(4), limits: Limits(seconds: 2))
    #expect(report.verdicts.map(\.points) == [0, 0, 5, 5])
    #expect(report.verdicts[0].report.contains("your code stopped the program: Index out of range"))
    #expect(report.verdicts[1].report.contains("ran for more than 2 s"))
    #expect(report.verdicts[1].report.split(separator: "\n").count == 3)
    #expect(report.seconds < 20)
  }

  @Test func `all exercises are graded in a minute, each in a process of its own`() throws {
    let report = grade("reference", Catalogue.exercises[...])
    #expect(
      report.points == report.maximum && report.maximum > 0,
      "\(report.verdicts.filter { $0.points < $0.maximum }.map(\.report))")
    #expect(report.seconds < 60)
  }

  @Test func `a hidden seed grades as well`() throws {
    let report = grade("reference", Catalogue.exercises.suffix(5), seed: 77)
    #expect(report.points == report.maximum, "\(report.verdicts.map(\.report))")
  }

  @Test func `the time for all exercises is limited`() throws {
    let report = grade(
      "misbehaving", Catalogue.exercises[1..<4], limits: Limits(seconds: 2, total: 1))
    #expect(report.verdicts.map(\.points) == [0, 0, 0])
    #expect(report.verdicts[2].report.contains("the 1 s for all exercises are used up"))
    #expect(report.seconds < 5)
  }

  @Test func `a printed verdict, a written report and an early end earn nothing`() throws {
    let result = gradeTwo("forger")
    #expect(result.points == [0, 0])
    #expect(result.first.contains("your code ended the program with status 0"))
    #expect(result.printed[0].contains("\"points\":1000"))  // shown, and nothing more
  }

  @Test func `noise on all descriptors, closing them and signals take no points`() throws {
    let result = gradeTwo("vandal")
    #expect(result.points == [4, 4], "\(result.first)\n\(result.second)")
  }

  @Test func `answers that were given before the end count`() throws {
    let result = gradeTwo("leaver", limits: Limits(seconds: 2))
    // Each process answers two questions; a new one is started after the end of the last.
    #expect(result.points == [3, 0], "\(result.first)")
    #expect(result.first.contains("your code ended the program with status 7"))
    #expect(result.second.contains("ran for more than 2 s"))
  }

  @Test func `memory and output are limited, and printing without end takes no points`() throws {
    var limits = Limits(seconds: 10)
    limits.memory = 2 << 30
    let result = gradeTwo("glutton", limits: limits)
    #if os(Linux)
      #expect(result.first.contains("no memory is left"), "\(result.first)")
      #expect(result.points == [0, 4], "\(result.second)")
    #else
      #expect(result.points[1] == 4, "\(result.second)")
    #endif
    #expect(result.printed[1].utf8.count <= 1 << 20)
  }

  @Test func `what a right answer prints takes no points`() throws {
    let result = gradeTwo("chatterer")
    #expect(result.points == [4, 4])
    #expect(result.printed[0].hasPrefix("[2, 3, 8, 12] "))
  }

  @Test func `messages that are no answers earn nothing`() throws {
    let result = gradeTwo("impostor")
    #expect(result.points == [0, 0])
    #expect(result.first.contains("something that is no answer"), "\(result.first)")
  }

  @Test func `thrown errors are shown without control characters`() throws {
    let result = gradeTwo("stranger")
    #expect(result.points == [0, 0])
    #expect(result.first.contains("passed 4/4") && !result.first.contains("\u{1B}"))
    #expect(!result.second.contains("\nforged"))
  }

  @Test func `programs that are left running are ended and hold up nothing`() throws {
    let start = ContinuousClock.now
    let result = gradeTwo("haunter")
    #expect(result.points == [4, 0], "\(result.first)\n\(result.second)")
    #expect(result.second.contains("ended the program with status 0"), "\(result.second)")
    #expect(ContinuousClock.now - start < .seconds(20))
    #if os(Linux)
      let left = Self.haunting()
      #expect(left.isEmpty || !hasNamespaces, "\(left)")
      for process in left { kill(process, SIGKILL) }
    #endif
  }

  #if os(Linux)
    /// The processes that `Haunter` has left.
    private static func haunting() -> [pid_t] {
      let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return processes.compactMap { pid_t($0) }.filter {
        let data = FileManager.default.contents(atPath: "/proc/\($0)/cmdline") ?? Data()
        return String(decoding: data, as: UTF8.self).contains("86399.271")
      }
    }

    /// As in a container: what is left running stays, and its descriptors once kept the grader
    /// waiting for ever. `course` would end it as an orphan.
    @Test(.enabled(if: tool("unshare") != nil, "unshare is not installed"))
    func `without namespaces, what is left running holds up nothing either`() throws {
      let folder = try TemporaryFolder()
      let script = """
        #!/bin/sh
        exec unshare --user --map-root-user sh -c \
          'echo 0 > /proc/sys/user/max_user_namespaces; exec "$0" "$@"' \
          '\(courseExecutable.path)' "$@"
        """
      let starter = URL(filePath: try folder.write(Array(script.utf8), to: "starter"))
      chmod(starter.path, 0o755)
      defer { for process in Self.haunting() { kill(process, SIGKILL) } }
      let start = ContinuousClock.now
      let result = gradeTwo("haunter", starter: starter)
      #expect(result.points == [4, 0], "\(result.first)\n\(result.second)")
      #expect(result.second.contains("ended the program with status 0"), "\(result.second)")
      #expect(ContinuousClock.now - start < .seconds(20))
      #expect(gradeTwo("killer", starter: starter).points == [0, 0])
    }
  #endif

  @Test func `becoming another program earns nothing`() throws {
    let result = gradeTwo("changeling")
    #expect(result.points == [0, 0])
    #expect(result.first.contains("ended the program with status 0"), "\(result.first)")
    #expect(result.printed[0].contains("\"points\":1000"))
  }

  @Test func `answers of the right form that are not the answers earn nothing`() throws {
    let result = gradeTwo("counterfeiter")
    #expect(result.points == [0, 0], "\(result.first)\n\(result.second)")
  }

  @Test func `files beyond the limit and endless recursion cost one exercise each`() throws {
    let result = gradeTwo("hoarder")
    #expect(result.points == [0, 0])
    #expect(result.first.contains("your code threw an error"), "\(result.first)")
    #expect(result.second.contains("your code stopped the program"), "\(result.second)")
  }

  /// Whether submissions see only each other here: not in most containers.
  private let hasNamespaces: Bool = {
    let run = try? ProgramRun(
      sh: "exec \"$@\"",
      [
        courseExecutable.path, "start-answers", "--memory", "4000000000", "--file", "8000000",
        "--seconds", "9", "--", "/bin/sh", "-c", "echo $$",
      ])
    return run.flatMap { Int($0.output.trimmingCharacters(in: .whitespacesAndNewlines)) }
      .map { $0 < 10 } ?? false
  }()

  @Test func `killing the parent and the group costs the killer only`() throws {
    let result = gradeTwo("killer")
    #expect(result.points == [0, 0])
    #expect(result.first.contains("your code stopped the program"), "\(result.first)")
    #expect(result.second.contains("your code stopped the program"), "\(result.second)")
    #expect(grade("reference", Catalogue.exercises.prefix(1)).points == 4)
  }

  @Test func `arguments, environments and memory of others hold no seed`() throws {
    let seed: UInt64 = 9_007_199_254_740_993
    setenv("GRADER_SEED", "\(seed)", 1)  // of this process, as a careless teacher's
    defer { unsetenv("GRADER_SEED") }
    process_guard()  // as `course` begins
    var printed = ""
    let report = grade("spy", Catalogue.exercises.prefix(1), seed: seed) { printed = $1 }
    #expect(report.points == 4)
    #expect(!printed.contains("\(seed)"), "\(printed)")
    #expect(!printed.contains("memory of \(getpid())\n"), "\(printed)")
  }

  @Test func `the process is told neither the seed nor the exercise`() throws {
    let script = try TemporaryFolder()
    let file = URL(filePath: script.path).appending(path: "spy")
    try Data("#!/bin/sh\nprintf '%s\\n' \"$@\"\nenv\ncat /proc/self/environ\n".utf8).write(to: file)
    chmod(file.path, 0o755)
    setenv("GRADER_SECRET", "9007199254740993", 1)
    defer { unsetenv("GRADER_SECRET") }
    var printed = ""
    let runner = GradeRunner(
      starter: courseExecutable, limits: Limits(seconds: 5), seed: 9_007_199_254_740_993
    ) { _ in .ready(AnswerProgram(executable: file)) }
    let report = runner.grade(Array(Catalogue.exercises.prefix(1))) { printed = $1 }
    #expect(report.points == 0 && printed.contains("PATH="))
    #expect(!printed.contains("9007199254740993") && !printed.contains("1.1"))
  }
}
