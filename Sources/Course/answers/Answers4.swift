import CourseKit
import Exercises4

/// Answers for chapter 4 alone: it compiles whatever the other chapters hold.
@main struct Answers4 {
  static func main() { Answering(functions(of: chapter4)).answer() }
}
