import ArgumentParser
import CourseKit
import Foundation
import Grading
import Mutants
import Solutions

/// Makes the answer key from solutions and mutants.
struct MakeAnswers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answers",
    abstract: "Makes the answer key, Sources/Course/Grading/Resources, from solutions and mutants.")

  func run() throws {
    let folder = try packageRoot().appending(path: "Sources/Course/Grading")
    let key = try AnswerKey(Catalogue.exercises, reference: reference, mutants: mutants)
    for chapter in Exercise.chapterNumbers {
      let file = folder.appending(path: Catalogue.keyFile(chapter))
      try write(key.chapter(chapter).json(), to: file)
      print("Sources/Course/Grading/\(Catalogue.keyFile(chapter)) is written")
    }
  }
}
