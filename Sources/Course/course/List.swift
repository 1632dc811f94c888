import ArgumentParser
import CourseKit
import Foundation
import Grading

/// Names the exercises.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Names the exercises, their points and where they are solved.",
    discussion: "Example: course list --json")

  @Flag(help: "Print JSON, for programs.")
  var json = false

  /// An exercise as programs see it.
  private struct Entry: Encodable {
    let id: String
    let title: String
    let chapter: Int
    let points: Int
    let stub: String
    let reading: String
    let checks: [String]
  }

  func run() throws {
    let exercises = Catalogue.exercises
    guard json else {
      for exercise in exercises {
        print("\(exercise.id)  \(exercise.points) points  \(exercise.title)")
      }
      let points = exercises.reduce(0) { $0 + $1.points }
      print("\(exercises.count) exercises, \(points) points. Start: make hint EX=1.1")
      return
    }
    let entries = exercises.map {
      Entry(
        id: $0.id, title: $0.title, chapter: $0.chapter, points: $0.points, stub: $0.stub,
        reading: $0.reading, checks: $0.checks.map(\.name))
    }
    print(String(decoding: try prettyJSON(entries), as: UTF8.self))
  }
}

/// JSON for people and programs: the same bytes for the same values.
func prettyJSON(_ value: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return try encoder.encode(value)
}
