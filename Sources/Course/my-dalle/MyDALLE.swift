// my-dalle: the book's DALL·E with your own functions in it.

import ArgumentParser
import DALLE
import Exercises
import Foundation
import Pretrained
import TextToImage
import Training

/// Draws pictures with the learner's functions: `my-dalle "CAPTION"`.
@main
struct MyDALLE: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "my-dalle",
    abstract: "Draws pictures for a caption with your own functions.",
    discussion: """
      Where you have solved an exercise, your function takes the step; where one is open, or its \
      result does not fit, the package's own does. A wrong answer that fits is used: look what \
      it does. With the same options and seed "dalle" draws what you get if all is right.

      These exercises take part:
      \(Steps.parts.map { "  \($0)  \($1)" }.joined(separator: "\n"))

      Example: my-dalle "a yellow star above a blue house at night" --seed 7
      """)

  @Argument(help: "What shall be on the pictures.")
  var caption: String
  @Option(help: "How many pictures are drawn.")
  var candidates = 8
  @Option(help: "How many of them are kept, the best in CLIP's eyes.")
  var keep = 8
  @Option(help: "Decides all chance: the same seed, the same pictures.")
  var seed: UInt64 = 1
  @Option(help: "Low keeps to what is likely, 1 is the model as it is, 0 always the likeliest.")
  var temperature = SamplingOptions.usual.temperature
  @Option(help: "The share of the codes that is never drawn, the least likely ones.")
  var threshold: Double?
  @Option(help: "Only the likeliest codes whose probabilities reach p are drawn.")
  var topP = SamplingOptions.usual.topP ?? 1
  @Option(help: "How much the caption counts: 1 as trained, more for more.")
  var guidance = SamplingOptions.usual.guidance
  @Option(help: ArgumentHelp("Where the sheet of the best goes.", valueName: "file.png"))
  var output = "my-dalle.png"

  private var sampling: SamplingOptions {
    SamplingOptions(
      temperature: temperature, topP: topP, threshold: threshold, guidance: guidance)
  }

  func validate() throws {
    guard caption.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("the caption is empty: say what shall be on the picture")
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
      FileHandle.standardError.write(
        Data("warning: the model has never read the word \"\(word)\"\n".utf8))
    }
    let steps = Steps(yours)
    let tokens = candidates * dalle.transformer.model.configuration.imageTokens
    let progress = ProgressBar("drawing", total: tokens, unit: "token")
    let best = try Pipeline(dalle, steps).best(
      keep, of: candidates, for: caption, seed: seed, sampling
    ) { progress.update($0, "") }
    progress.end()
    try best.sheet(titled: caption).writePNG(to: output)
    let time = String(format: "%.1f s", (ContinuousClock.now - start) / .seconds(1))
    print(steps.table)
    print("\(output): the best \(best.count) of \(candidates), seed \(seed), \(time)")
  }
}
