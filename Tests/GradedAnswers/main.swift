// What a submission may be, for the tests of the grader: right, wrong, and worse than wrong.
//
//     graded-answers NAME ADDRESS

import CourseKit
import Foundation

guard CommandLine.arguments.count == 3, let answers = submissions[CommandLine.arguments[1]] else {
  print("usage: graded-answers NAME ADDRESS, where NAME is one of \(submissions.keys.sorted())")
  exit(64)
}
Answering(functions(of: answers)).answer()
