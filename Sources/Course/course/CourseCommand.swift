// course: exercises, hints, grades. Each subcommand has a file of its own.

import ArgumentParser
import Commands
import Foundation

@main
struct CourseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "course",
    abstract: "The exercises of the book.",
    discussion: "Example: course hint 1.1",
    subcommands: [
      List.self, Hint.self, Grade.self, Progress.self, Reset.self, StartAnswers.self,
    ] + teacherCommands)

  #if TEACHER
    private static let teacherCommands: [any ParsableCommand.Type] = [
      SolutionCommand.self, MakeExercises.self, MakeAnswers.self, StudentRelease.self,
      DevCheck.self, GradeAll.self, GradeSubmission.self,
    ]
  #else
    private static let teacherCommands: [any ParsableCommand.Type] = [
      Withheld.self, NoExercises.self, NoRelease.self, NoGradeAll.self,
    ]
  #endif

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    hideSeed()
    Orphans.guardProcess()
    Foundation.exit(execute(arguments))
  }

  /// Takes the seed out of the list of arguments, which all programs of the machine can read.
  private static func hideSeed() {
    var isSeed = false
    for place in 1..<max(1, Int(CommandLine.argc)) {
      guard let word = CommandLine.unsafeArgv[place] else { continue }
      let text = String(cString: word)
      if isSeed || text.hasPrefix("--seed=") { memset(word, 45, strlen(word)) }  // -----
      isSeed = text == "--seed"
    }
  }
}
