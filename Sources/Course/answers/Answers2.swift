import CourseKit
import Exercises2

/// Answers for chapter 2 alone: it compiles whatever the other chapters hold.
@main struct Answers2 {
  static func main() { Answering(functions(of: chapter2)).answer() }
}
