// my-dalle: the book's DALL·E with your own functions in it.

import ArgumentParser
import Commands
import DALLE
import Exercises
import Foundation
import Grading
import Images
import PictureFiles
import Pretrained
import Sheets
import TextToImage
import Training

/// Draws pictures with the learner's functions: `my-dalle "CAPTION"`.
@main
struct MyDALLE: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "my-dalle",
    abstract: "Draws pictures for a caption with your own functions.",
    discussion: """
      For each exercise that you have solved, your function takes the step; where one is open, or \
      its result does not fit, the package's own does. A wrong answer that fits is used, and the \
      table says that it is wrong: look what it does. With the same options and seed, "dalle" draws what you get if all is right.

      These exercises take part:
      \(Steps.parts.map { "  \($0)  \($1)" }.joined(separator: "\n"))

      Example: my-dalle "a yellow star above a blue house at night" --seed 7
      """)

  static func main() { executeAndExit() }

  @Argument(help: "What the pictures should show.")
  var caption: String
  @Option(parsing: .unconditional, help: "How many pictures to draw.")
  var candidates = 8
  @Option(parsing: .unconditional, help: "How many of them to keep, the best by CLIP's score.")
  var keep = 8
  @Option(parsing: .unconditional, help: "Random seed: the same seed gives the same pictures.")
  var seed: UInt64 = 1
  @Option(
    parsing: .unconditional,
    help: "Low values favour likely codes, 1 is the model as trained, 0 always takes the likeliest."
  )
  var temperature = SamplingOptions.usual.temperature
  @Option(
    parsing: .unconditional,
    help: "Never draw this share of the codes, the least likely ones.")
  var threshold: Double?
  @Option(
    parsing: .unconditional,
    help: "Draw only from the likeliest codes that together reach this probability.")
  var topP = SamplingOptions.usual.topP ?? 1
  @Option(
    parsing: .unconditional,
    help: "How strongly the caption counts: 1 is the model as trained.")
  var guidance = SamplingOptions.usual.guidance
  @Option(help: ArgumentHelp("The file for the sheet of the best pictures.", valueName: "file.png"))
  var output = "my-dalle.png"

  private var sampling: SamplingOptions {
    SamplingOptions(
      temperature: temperature, topP: topP, threshold: threshold, guidance: guidance)
  }

  func validate() throws {
    guard caption.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("the caption is empty: say what the pictures should show")
    }
    guard (1...1000).contains(candidates), keep > 0 else {
      throw ValidationError("--candidates must be 1 to 1000, --keep 1 or more")
    }
    if let flaw = sampling.flaw { throw ValidationError(flaw) }
  }

  func run() throws {
    let start = ContinuousClock.now
    let dalle = try Pretrained.dalle()
    for word in dalle.transformer.tokenizer.unknownWords(in: caption).map(\.word) {
      complain("warning: the model has never read the word \"\(word)\"\n")
    }
    let steps = Steps(yours) { exercise in
      let key = try? Catalogue.key(chapter: exercise.chapter)
      return key.map { exercise.grade(yours, $0).points }
    }
    let tokens = candidates * dalle.transformer.model.configuration.imageTokens
    let progress = ProgressBar("drawing", total: tokens, unit: "token")
    let best = try Pipeline(dalle, steps).best(
      keep, of: candidates, for: caption, seed: seed, sampling
    ) { progress.update($0, "") }
    progress.end()
    try Image.sheet(best.map(\.labelled), titled: caption).writePNG(to: output)
    let time = String(format: "%.1f s", (ContinuousClock.now - start) / .seconds(1))
    print(steps.table)
    print("\(output): the best \(best.count) of \(candidates), seed \(seed), \(time)")
  }
}
