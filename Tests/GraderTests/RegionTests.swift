import CourseKit
import Foundation
import Grading
import TestSupport
import Testing

@testable import course

@Suite struct RegionTests {
  private let solution = """
    enum Reference1 {
      static func a() throws -> Int {
        // BEGIN SOLUTION 1.1
        let one = 1
        return one
        // END SOLUTION
      }
    }

    """

  @Test func `a solution becomes a stub that throws`() throws {
    let stub = try RegionFile.stub(from: solution, chapter: 1, known: ["1.1"])
    #expect(stub.hasPrefix("// Your room"))
    #expect(
      stub.hasSuffix(
        """
        enum YourChapter1 {
          static func a() throws -> Int {
            // BEGIN YOUR CODE 1.1
            throw NotAttempted("1.1")
            // END YOUR CODE
          }
        }

        """))
  }

  @Test(
    arguments: [
      ("// BEGIN SOLUTION 1.1\n// BEGIN SOLUTION 1.1", "begins inside the one of line 1"),
      ("\n// BEGIN SOLUTION 1.1\nx", "line 2: the region 1.1 has no end"),
      ("// END SOLUTION", "ends without having begun"),
      ("// BEGIN SOLUTION 7.7\n// END SOLUTION", "there is no exercise 7.7"),
    ])
  func `damaged regions are refused`(text: String, words: String) {
    let error = #expect(throws: RegionError.self) {
      try RegionFile(text, .solution, known: ["1.1"])
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func `parsing and printing change nothing`() throws {
    for chapter in Exercise.chapterNumbers {
      let text = try readText(
        root.appending(path: "Sources/Course/Solutions/Chapter\(chapter).swift"))
      let file = try RegionFile(text, .solution, known: Catalogue.exercises.map(\.id))
      #expect(file.text(.solution) == text)
      #expect(file.exercises == Catalogue.exercises.filter { $0.chapter == chapter }.map(\.id))
    }
  }
}

/// A copy of the course's folders that a test may change.
private struct Copy {
  let folder: TemporaryFolder
  let root: URL

  init() throws {
    folder = try TemporaryFolder()
    root = URL(filePath: folder.path)
    for path in [
      "Sources/Course/Solutions", "Sources/Course/Exercises", "Sources/Course/Grading/Resources",
    ] {
      let target = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: GraderTests.root.appending(path: path), to: target)
    }
    _ = try makeExercises(root: root, overwrite: true)
    try? FileManager.default.removeItem(at: root.appending(path: "backups"))
  }

  func file(_ path: String) -> URL { root.appending(path: path) }

  /// Does an exercise as a learner would.
  func solve() throws -> String {
    let stub = file("Sources/Course/Exercises/Chapter1.swift")
    let text = try readText(stub).replacing("throw NotAttempted(\"1.1\")", with: "return images")
    try Data(text.utf8).write(to: stub)
    return text
  }
}

@Suite struct LearnersWorkTests {
  @Test func `making exercises twice changes nothing`() throws {
    let copy = try Copy()
    let said = try makeExercises(root: copy.root, overwrite: false)
    #expect(said.count == Exercise.chapterNumbers.count)
    #expect(said.allSatisfy { $0.contains("up to date") })
    #expect(!FileManager.default.fileExists(atPath: copy.file("backups").path))
  }

  @Test func `work is overwritten only on request, and a copy is kept`() throws {
    let copy = try Copy()
    let work = try copy.solve()
    let error = #expect(throws: CourseError.self) {
      try makeExercises(root: copy.root, overwrite: false)
    }
    #expect(error?.description.contains("Chapter1.swift") == true)
    #expect(try readText(copy.file("Sources/Course/Exercises/Chapter1.swift")) == work)
    _ = try makeExercises(root: copy.root, overwrite: true)
    #expect(try readText(copy.file("backups/Chapter1-copy-1.swift")) == work)
    #expect(
      !(try readText(copy.file("Sources/Course/Exercises/Chapter1.swift")).contains("return images"))
    )
  }

  @Test func `reset restores one exercise and keeps numbered copies`() throws {
    let copy = try Copy()
    let exercise = try #require(Catalogue.exercise("1.1"))
    #expect(try reset(exercise, root: copy.root) == "1.1 is as it was handed out")
    for number in 1...2 {
      let work = try copy.solve()
      let backup = "backups/Chapter1-copy-\(number).swift"
      #expect(try reset(exercise, root: copy.root).contains(backup))
      #expect(try readText(copy.file(backup)) == work)
    }
    let other = try #require(Catalogue.exercise("1.2"))
    let work = try copy.solve()
    #expect(try reset(other, root: copy.root) == "1.2 is as it was handed out")
    #expect(try readText(copy.file("Sources/Course/Exercises/Chapter1.swift")) == work)
  }

  @Test func `a damaged file has a way back, and the sentence names it`() throws {
    let copy = try Copy()
    let exercise = try #require(Catalogue.exercise("1.2"))
    let file = copy.file("Sources/Course/Exercises/Chapter1.swift")
    let fresh = try readText(file)
    for damaged in [
      fresh.replacing("// END YOUR CODE", with: ""), "func broken( {",
      fresh.replacing("// BEGIN YOUR CODE 1.2", with: ""),
    ] {
      try Data(damaged.utf8).write(to: file)
      let error = #expect(throws: CourseError.self) { try reset(exercise, root: copy.root) }
      #expect(error?.description.contains("make reset EX=1 gives the whole file back") == true)
      let said = try reset(chapter: 1, root: copy.root)
      let backup = try #require(said.split(separator: " ").last)
      #expect(try readText(copy.file(String(backup))) == damaged)
      #expect(try readText(file) == fresh)
    }
    #expect(try reset(chapter: 1, root: copy.root).hasSuffix("is as it was handed out"))
    try FileManager.default.removeItem(at: file)
    #expect(throws: CourseError.self) { try reset(exercise, root: copy.root) }
    #expect(try reset(chapter: 1, root: copy.root).hasSuffix("it was missing"))
    #expect(try readText(file) == fresh)
  }

  @Test func `changes outside of the marks are named`() throws {
    let copy = try Copy()
    let exercise = try #require(Catalogue.exercise("1.1"))
    let file = copy.file(exercise.stub)
    let fresh = try readText(file)
    try Data((fresh + "func broken( {\n").utf8).write(to: file)
    let said = try reset(exercise, root: copy.root)
    #expect(said.contains("outside of the marks were changed: make reset EX=1 gives"))
  }

  @Test func `files with the line ends of Windows work, and keep them`() throws {
    let copy = try Copy()
    let work = try copy.solve().replacing("\n", with: "\r\n")
    let file = copy.file("Sources/Course/Exercises/Chapter1.swift")
    try Data(work.utf8).write(to: file)
    for chapter in 2...5 {
      let other = copy.file("Sources/Course/Exercises/Chapter\(chapter).swift")
      try Data(readText(other).replacing("\n", with: "\r\n").utf8).write(to: other)
      let solution = copy.file("Sources/Course/Solutions/Chapter\(chapter).swift")
      try Data(readText(solution).replacing("\n", with: "\r\n").utf8).write(to: solution)
    }
    #expect(stubProblems(copy.root) == [])
    #expect(try solutions(chapter: 2, root: copy.root).regions(of: "2.1").count == 1)
    let error = #expect(throws: CourseError.self) {
      try makeExercises(root: copy.root, overwrite: false)
    }
    #expect(error?.description.contains("Chapter1.swift") == true)  // the one with work in it
    #expect(try reset(chapter: 2, root: copy.root).hasSuffix("is as it was handed out"))
    _ = try reset(#require(Catalogue.exercise("1.1")), root: copy.root)
    let text = try readText(file)
    #expect(text.contains("throw NotAttempted(\"1.1\")") && !text.contains("return images"))
    #expect(text.matches(of: /\r\n/).count == text.utf8.count { $0 == 10 })
    try Data(work.utf8).write(to: file)
    _ = try reset(chapter: 1, root: copy.root)
    #expect(try readText(file) == text)
  }

  @Test func `lost and changed lines of a stub are reported`() throws {
    let copy = try Copy()
    #expect(stubProblems(copy.root) == [])
    let stub = copy.file("Sources/Course/Exercises/Chapter2.swift")
    let text = try readText(stub)
    try Data(text.replacing("ids: IndexTensor", with: "ids: Tensor").utf8).write(to: stub)
    #expect(stubProblems(copy.root).count == 1)
    // A helper beside the regions is the learner's own business.
    try Data((text + "\nfunc helper() {}\n").utf8).write(to: stub)
    #expect(stubProblems(copy.root) == [])
  }
}
