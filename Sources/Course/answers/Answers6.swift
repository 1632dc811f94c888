import CourseKit
import Exercises6

/// Answers for chapter 6 alone: it compiles whatever the other chapters hold.
@main struct Answers6 {
  static func main() { Answering(functions(of: chapter6)).answer() }
}
