import ArgumentParser
import DFGAN
import Foundation
import Images
import PictureFiles
import Sheets
import TensorCore
import Text

/// Draws as the rival does: `dalle rival`.
struct Rival: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws a caption by DF-GAN, the rival of chapter 5.",
    discussion: """
      All in one pass, without tokens and without a choice among candidates.

      Example: dalle rival "a yellow star above a blue house at night"
      """)

  @Argument(help: "What the pictures should show.")
  var caption: String
  @Option(parsing: .unconditional, help: "The number of pictures.")
  var count = 8
  @Option(
    parsing: .unconditional,
    help: "A factor for the noise: the lower, the more alike and the better are pictures.")
  var scale = CaptionedGAN.usualScale
  @Option(parsing: .unconditional, help: "Random seed.")
  var seed: UInt64 = 1
  @Option(help: ArgumentHelp("Where to write the sheet.", valueName: "file.png"))
  var output = "rival.png"
  @OptionGroup var rival: RivalFlags

  func validate() throws {
    try check("--count", count, in: 1...1000)
    guard scale > 0, scale.isFinite else {
      throw ValidationError("--scale must be a number above 0, got \(scale)")
    }
  }

  func run() throws {
    try OutputCheck.picture(output, reading: [])
    let gan = try rival.gan()
    let tokenizer = gan.tokenizer
    if let flaw = tokenizer.flaw(of: caption) { throw CommandError(flaw) }
    warnOfWords(caption, tokenizer)
    let pictures = try gan.draw(caption, count: count, seed: seed, scale: scale)
    let labelled = Image.pictures(of: pictures).enumerated().map { (picture: $1, label: "\($0)") }
    try Image.sheet(labelled, titled: caption).writePNG(to: output)
    print("\(output): \(count) picture\(count == 1 ? "" : "s"), seed \(seed)")
  }
}
