import ArgumentParser
import CourseKit
import Files
import Grading

/// Lists the exercises.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the exercises with their points and files.",
    discussion: "Example: course list --json")

  @Argument(help: ArgumentHelp("Exercises (1.2) or chapters (1).", valueName: "exercise"))
  var ids: [String] = []
  @Flag(help: "Print JSON, for programs.")
  var json = false

  /// An exercise in the JSON output.
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
    let exercises = try chosen(ids)
    guard json else {
      for exercise in exercises {
        print("\(exercise.id)  \(exercise.points) points  \(exercise.title)")
      }
      let points = exercises.reduce(0) { $0 + $1.points }
      let first = exercises.first?.id ?? "1.1"
      print("\(exercises.count) exercises, \(points) points. Start: make hint EX=\(first)")
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
