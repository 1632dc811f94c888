// course: exercises, hints, grades. Each subcommand stands in a file of its own.

import ArgumentParser
import Foundation

@main
struct CourseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "course",
    abstract: "The exercises of the book.",
    discussion: "Example: course hint 1.1",
    subcommands: [
      List.self, Hint.self, Grade.self, Progress.self, Reset.self, GradeOne.self,
    ] + teacherCommands)

  #if TEACHER
    private static let teacherCommands: [any ParsableCommand.Type] = [
      SolutionCommand.self, MakeExercises.self, MakeAnswers.self, StudentRelease.self,
      DevCheck.self,
    ]
  #else
    private static let teacherCommands: [any ParsableCommand.Type] = [
      Withheld.self, NoExercises.self, NoRelease.self,
    ]
  #endif

  static func main() {
    Foundation.exit(execute(Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs the command with `arguments` and returns its exit status: 0, 64 for arguments that
  /// cannot be understood, 1 for everything else that went wrong, which is said in one line.
  static func execute(
    _ arguments: [String],
    complain: (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }
  ) -> Int32 {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      return 0
    } catch {
      let status = exitCode(for: error)
      if status.isSuccess {
        print(fullMessage(for: error))
      } else if status == .validationFailure {
        complain("\(fullMessage(for: error))\n")
      } else if !(error is ExitCode) {
        complain("error: \("\(error)".replacing("\n", with: " "))\n")
      }
      return status.rawValue
    }
  }
}
