import CourseKit
import Exercises5

/// Answers for chapter 5 alone: it compiles whatever the other chapters hold.
@main struct Answers5 {
  static func main() { Answering(functions(of: chapter5)).answer() }
}
