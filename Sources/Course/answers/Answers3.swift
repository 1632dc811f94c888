import CourseKit
import Exercises3

/// Answers for chapter 3 alone: it compiles whatever the other chapters hold.
@main struct Answers3 {
  static func main() { Answering(functions(of: chapter3)).answer() }
}
