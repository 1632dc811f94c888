// course: exercises, hints, grades. Each subcommand has a file of its own.

import ArgumentParser
import Commands

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
    Orphans.guardProcess()
    executeAndExit()
  }
}
