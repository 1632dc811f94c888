import CourseKit
import Exercises
import Foundation
import Grading
import Mutants
import Solutions
import TestSupport
import Testing

@testable import course

/// The folder of the package.
let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

/// The bundled answers for the public seed.
let storedKey = Result { try Catalogue.key() }

/// The `course` command that was built with these tests.
let courseExecutable = programFolder.appending(path: "course")

/// Whether the learner's files are unchanged stubs.
let exercisesArePristine = Exercise.chapterNumbers.allSatisfy { chapter in
  let file = root.appending(path: "Sources/Course/Exercises/Chapter\(chapter).swift")
  return (try? readText(file)) == (try? stub(chapter: chapter, root: root))
}
