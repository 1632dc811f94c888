import CourseKit
import Exercises1

/// Answers for chapter 1 alone: it compiles whatever the other chapters hold.
@main struct Answers1 {
  static func main() { Answering(functions(of: chapter1)).answer() }
}
