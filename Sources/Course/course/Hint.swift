import ArgumentParser
import CourseKit

/// Helps with an exercise.
struct Hint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Helps with an exercise, from a nudge to nearly the answer.",
    discussion: "Example: course hint 1.1 --level 2")

  @Argument(help: ArgumentHelp("The exercise, for instance 1.1.", valueName: "exercise"))
  var id: String
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How much help: 1, 2 or 3.", valueName: "1-3"))
  var level = 1

  func validate() throws {
    guard (1...3).contains(level) else { throw ValidationError("--level must be 1, 2 or 3") }
  }

  func run() throws {
    let exercise = try exercise(id)
    print("\(exercise.id) \(exercise.title) (\(exercise.points) points)")
    print("  read: \(exercise.reading)")
    print("  write: \(exercise.stub), between the marks YOUR CODE \(id)")
    print("  then: make grade EX=\(id)")
    for number in 1...level { print("\nHint \(number): \(exercise.hints[number - 1])") }
    if level < 3 { print("\nMore: make hint EX=\(id) LEVEL=\(level + 1)") }
  }
}
