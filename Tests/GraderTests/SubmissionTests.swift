// What students hand in, and what becomes of it.

import CourseKit
import Foundation
import Grading
import Solutions
import TestSupport
import Testing

@testable import course

@Suite struct SubmissionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func submission(_ name: String, _ files: [String: String]) throws -> Submission {
    let root = URL(filePath: folder.path).appending(path: name)
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    for (path, text) in files { try write(Data(text.utf8), to: root.appending(path: path)) }
    return Submission(root)
  }

  @Test func `exact names are read, others are named`() throws {
    let renamed = try submission(
      "a",
      [
        "Chapter1 (2).swift": "", "chapter2.swift": "", "hw/Chapter3.swift": "",
        "Chapter 4.swift.txt": "", "Chapter5.swift": "// five",
      ])
    #expect(renamed.texts == [5: Data("// five".utf8)])
    #expect(renamed.faults.count == 5 && renamed.faults[6] == "Chapter6.swift is missing")
    for (chapter, name) in [
      (1, "Chapter1 (2).swift"), (2, "chapter2.swift"), (3, "hw/Chapter3.swift"),
      (4, "Chapter 4.swift.txt"),
    ] {
      #expect(renamed.faults[chapter]?.hasPrefix("Chapter\(chapter).swift is missing") == true)
      #expect(renamed.faults[chapter]?.contains("\"\(name)\"") == true)
    }
    #expect(try submission("b", [:]).faults[1] == "Chapter1.swift is missing")
  }

  @Test func `links, folders, long files and other encodings are named`() throws {
    _ = try submission("c", ["Chapter3.swift": String(repeating: "/", count: 2 << 20)])
    let root = URL(filePath: folder.path).appending(path: "c")
    try FileManager.default.createSymbolicLink(
      atPath: root.appending(path: "Chapter1.swift").path, withDestinationPath: "/etc/passwd")
    try FileManager.default.createDirectory(
      at: root.appending(path: "Chapter2.swift"), withIntermediateDirectories: false)
    try Data([0x2F, 0x2F, 0x92]).write(to: root.appending(path: "Chapter4.swift"))
    let faults = Submission(root).faults
    #expect(faults[1] == "Chapter1.swift is not an ordinary file")
    #expect(faults[2] == "Chapter2.swift is not an ordinary file")
    #expect(faults[3] == "Chapter3.swift has 2097152 bytes; up to 1048576 are read")
    #expect(faults[4] == "Chapter4.swift is not UTF-8 text")
  }

  @Test func `crowded folders, huge files and strange names are bounded and named on one line`()
    throws
  {
    let root = URL(filePath: folder.path).appending(path: "d")
    _ = try submission("d", ["Chapter2.swift": "// two", "deep/er/still/more/Chapter3.swift": ""])
    for i in 0..<10_000 {
      #expect(
        FileManager.default.createFile(
          atPath: root.appending(path: "\(i).swift").path, contents: nil))
    }
    // A gigabyte that takes no room, a link to a folder above, a pipe, and names of two lines.
    let huge = open(root.appending(path: "Chapter1.swift").path, O_CREAT | O_WRONLY, 0o600)
    #expect(ftruncate(huge, 1 << 30) == 0)
    close(huge)
    try FileManager.default.createSymbolicLink(
      at: root.appending(path: "around"), withDestinationURL: root)
    mkfifo(root.appending(path: "Chapter4.swift").path, 0o600)
    let start = ContinuousClock.now
    let crowded = Submission(root)
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(crowded.texts.keys.sorted() == [2])
    #expect(crowded.faults[1] == "Chapter1.swift has 1073741824 bytes; up to 1048576 are read")
    #expect(crowded.faults[4] == "Chapter4.swift is not an ordinary file")

    let names = try submission(
      "e", ["Chapter1\n\u{1B}[2J.swift": "", "chapter 2\r.swift": "", "Chapter3.swift\n": ""])
    #expect(names.texts.isEmpty)
    for chapter in Exercise.chapterNumbers {
      let fault = try #require(names.faults[chapter])
      #expect(!fault.contains { $0.isNewline || $0 == "\u{1B}" }, "\(fault)")
    }
    let gone = Submission(root.appending(path: "gone"))
    #expect(gone.texts.isEmpty && gone.faults[5] == "Chapter5.swift: its folder cannot be read")
    #expect(names.faults[1]?.contains("Chapter1\\n\\u{1B}[2J.swift") == true)
  }

  @Test(.enabled(if: geteuid() != 0, "root reads every file"))
  func `files that cannot be read are named`() throws {
    _ = try submission("f", ["Chapter1.swift": "//"])
    let root = URL(filePath: folder.path).appending(path: "f")
    chmod(root.appending(path: "Chapter1.swift").path, 0)
    #expect(Submission(root).faults[1] == "Chapter1.swift cannot be read")
    chmod(root.path, 0)
    #expect(Submission(root).faults[1] == "Chapter1.swift: its folder cannot be read")
    chmod(root.path, 0o700)
  }

  @Test func `the table is what spreadsheets read, and holds no formulas`() throws {
    let verdicts = Catalogue.exercises.map { Verdict($0, stopped: "x") }
    let report = GradeReport(verdicts: verdicts, seconds: 1)
    let rows = ["Ada", "Smith, \"J\"", "=1+1"].map {
      GradeTable.Row(student: $0, report: report, notes: ["a, b", "c"])
    }
    let lines = GradeTable.csv(rows).split(separator: "\r\n")
    #expect(lines.count == 4 && lines[0].hasPrefix("student,points,maximum,1.1,1.2,"))
    #expect(lines[1].hasPrefix("Ada,0,\(report.maximum),0,") && lines[1].hasSuffix(",\"a, b; c\""))
    #expect(lines[2].hasPrefix("\"Smith, \"\"J\"\"\",0,") && lines[3].hasPrefix("'=1+1,0,"))
  }

  @Test func `of the compiler's errors each is shown once, with its lines`() {
    let block = """
      /x/Chapter1.swift:3:5: error: cannot find 'y' in scope
       2 | let x
       3 | y
         | `- error: cannot find 'y' in scope
      """
    let log = "[1/2] Compiling\n\(block)\n[2/2] Compiling\n\(block)\nerror: fatalError"
    #expect(compilerErrors(in: log) == block + "\n")
  }

  @Test func `a failed check always says why`() throws {
    let exercise = try #require(Catalogue.exercise("4.2"))
    let verdict = Verdict(
      exercise,
      exercise.checks.map {
        CheckResult(
          name: $0.name, maximum: $0.points, outcome: .failed, message: ["because", "two"])
      })
    #expect(verdict.report.matches(of: /because/).count == exercise.checks.count)
    #expect(verdict.report.matches(of: /two/).count == 2)
  }
}
