import CourseKit
import Foundation
import Grading
import Mutants
import TestSupport
import Testing

@testable import course

@Suite struct ReleaseTests {
  @Test func `a learners' copy holds no solutions, no mutants and no teacher's commands`() throws {
    let folder = try TemporaryFolder()
    let release = URL(filePath: folder.path)
    let (count, _) = try studentRelease(root: root, to: release)
    var texts: [String: String] = [:]
    let paths = try #require(FileManager.default.enumerator(atPath: release.path))
    while let path = paths.nextObject() as? String {
      let isText = [".swift", ".md", ".json", ".txt", "Makefile"].contains { path.hasSuffix($0) }
      if isText { texts[path] = Self.withoutBlanks(try readText(release.appending(path: path))) }
    }
    #expect(count > texts.count && texts.count > 200)
    #expect(
      Set(try FileManager.default.contentsOfDirectory(atPath: release.path)).isSuperset(of: [
        "Package.swift", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
        ".gitignore", ".spi.yml", ".ci", ".devcontainer", "Sources", "Tests", "chapters", "figures",
      ]))
    for path in texts.keys {
      for secret in ["Solutions/", "Mutants/", "GraderTests/", "Teacher/", ".build/", ".git/"] {
        #expect(!path.contains(secret), "\(path)")
      }
    }
    for (path, text) in texts {
      #expect(!text.contains("enumReference"), "\(path) holds solutions")
      #expect(!text.contains("Mutant1"), "\(path) holds mutants")
    }
    // No file contains a region of the solutions, however it is indented.
    for chapter in Exercise.chapterNumbers {
      let file = try solutions(chapter: chapter, root: root)
      for exercise in file.exercises {
        for region in file.regions(of: exercise) {
          let text = Self.withoutBlanks(region.joined(separator: "\n"))
          for (path, other) in texts where path.hasPrefix("Sources/Course") || text.count > 80 {
            #expect(!other.contains(text), "\(path) contains the solution of \(exercise)")
          }
        }
      }
      #expect(
        try readText(release.appending(path: "Sources/Course/Exercises/Chapter\(chapter).swift"))
          == stub(chapter: chapter, root: root))
    }
    for script in ["Sources/Course/watch", ".ci/docs", "Tests/use-as-library.sh"] {
      let isExecutable = FileManager.default.isExecutableFile(
        atPath: release.appending(path: script).path)
      let original = FileManager.default.isExecutableFile(atPath: root.appending(path: script).path)
      #expect(isExecutable == original, "\(script)")
    }
    // What diagnoses need is included: their sentences and numbers.
    let key = try readText(
      release.appending(path: "Sources/Course/Grading/Resources/chapter1.json"))
    #expect(
      mutants.filter { $0.exercise.hasPrefix("1.") }.allSatisfy { key.contains($0.diagnosis) })
  }

  private static func withoutBlanks(_ text: String) -> String {
    text.filter { !$0.isWhitespace }
  }

  @Test func `what Git does not track stays with the teacher`() throws {
    let (folder, release) = (try TemporaryFolder(), try TemporaryFolder())
    let root = URL(filePath: folder.path)
    for path in ["Solutions", "Exercises"].flatMap({ name in
      Exercise.chapterNumbers.map { "Sources/Course/\(name)/Chapter\($0).swift" }
    }) + ["Package.swift"] {
      try write(
        Data(contentsOf: GraderTests.root.appending(path: path)), to: root.appending(path: path))
    }
    let git = ["git", "-C", root.path]
    try #require(ChildProcess(git + ["init", "--quiet"], limit: 60).status == 0)
    try #require(ChildProcess(git + ["add", "."], limit: 60).status == 0)
    for draft in ["Sources/Course/Scratch/draft.swift", "Tests/exam.swift", "chapters/6-é.md"] {
      try write(Data("secret".utf8), to: root.appending(path: draft))
    }
    try FileManager.default.removeItem(at: root.appending(path: "Sources/Course/Exercises"))
    let (paths, isFromGit) = try learnersFiles(root: root)
    #expect(isFromGit && paths == ["Package.swift"])
    try FileManager.default.removeItem(at: root.appending(path: ".git"))
    let (count, isTracked) = try studentRelease(root: root, to: URL(filePath: release.path))
    #expect(count == 4 && !isTracked)  // all that lies there, and the command says so
  }

  @Test func `a folder that is not empty, or in the package, is refused`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write([1], to: "something")
    #expect(throws: CourseError.self) {
      try studentRelease(root: root, to: URL(filePath: folder.path))
    }
    #expect(throws: CourseError.self) {
      try studentRelease(root: root, to: root.appending(path: "build/release"))
    }
    #expect(folder.names == ["something"])
  }
}
