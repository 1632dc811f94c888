import ArgumentParser
import DiscreteVAE
import Images
import PictureFiles

/// Turns tokens into a picture.
struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns the tokens of dalle encode into a picture.",
    discussion: "Example: dalle decode tokens.json --output picture.png")

  @Argument(help: ArgumentHelp("The tokens.", valueName: "tokens.json"))
  var tokens: String
  @Option(help: ArgumentHelp("Where to write the picture.", valueName: "file.png"))
  var output = "decoded.png"
  @OptionGroup var options: DVAEOptions

  func run() throws {
    try OutputCheck.picture(output, reading: [tokens])
    let dvae = try options.dVAE()
    let tokens = try PictureTokens(
      from: tokens, for: dvae.configuration, encoderHash: dvae.encoderHash)
    try dvae.decode(tokens.grid, width: tokens.width, height: tokens.height).writePNG(to: output)
    print("\(output): \(tokens.width)×\(tokens.height) pixels")
  }
}
