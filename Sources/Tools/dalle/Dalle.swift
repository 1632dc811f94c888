// dalle: the command. Each subcommand stands in a file of its own.

import ArgumentParser
import Foundation

@main
struct Dalle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dalle",
    abstract: "Pictures from captions.",
    discussion: """
      Example: dalle "a yellow star above a blue house at night"
      """,
    subcommands: [
      Generate.self, Evaluate.self, Info.self, Score.self, Reconstruct.self, Encode.self,
      Decode.self, Train.self,
      Stickers.self,
      TraceModel.self,
    ], defaultSubcommand: Generate.self)

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
      } else {
        complain("error: \("\(error)".replacing("\n", with: " "))\n")
      }
      return status.rawValue
    }
  }
}
