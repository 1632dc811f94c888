// dalle: the command. Each subcommand has a file of its own.

import ArgumentParser
import Commands
import Foundation
import Training

@main
struct Dalle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dalle",
    abstract: "Pictures from captions.",
    discussion: """
      Example: dalle "a yellow star above a blue house at night"

      Before a caption that begins with a dash, or with the name of a command, write generate --, \
      as in: dalle generate -- "train at night"
      """,
    subcommands: [
      Generate.self, Evaluate.self, Info.self, Score.self, Reconstruct.self, Encode.self,
      Decode.self, Train.self, Stickers.self, Emoji.self, Rival.self, TraceModel.self,
    ], defaultSubcommand: Generate.self)

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    Foundation.exit(
      arguments.first == "train"
        ? onAllRanks(arguments) { execute($0, complain: $1) } : execute(arguments))
  }

  /// Runs the command with `arguments` and returns its exit status; see `Commands`. An interrupted
  /// training exits with 130.
  static func execute(
    _ arguments: [String], complain: (String) -> Void = Commands.complain
  ) -> Int32 {
    execute(
      arguments, complain: complain,
      explain: { ($0 as? TrainingError).map { Failure("\($0)", status: $0.exitStatus) } },
      hint: captionHint)
  }
}
