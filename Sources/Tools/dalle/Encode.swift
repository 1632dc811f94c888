import ArgumentParser
import DiscreteVAE

/// Writes the tokens of a picture.
struct Encode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns a picture into tokens.",
    discussion: """
      \(DVAEOptions.sizes)

      Example: dalle encode picture.png --output tokens.json
      """)

  @Argument(help: ArgumentHelp("The picture, PNG or JPEG.", valueName: "picture"))
  var image: String
  @Option(help: ArgumentHelp("Where to write the tokens.", valueName: "tokens.json"))
  var output = "tokens.json"
  @OptionGroup var options: DVAEOptions

  func run() throws {
    guard !output.lowercased().hasSuffix(".png") else {
      throw CommandError(
        "\(output): tokens are JSON, not a picture; name a file that ends in .json")
    }
    try OutputCheck.file(output, reading: [image])
    let (dvae, picture, codes) = try options.encode(image)
    try PictureTokens(
      codes, width: picture.width, height: picture.height,
      codebook: dvae.configuration.vocabulary, encoderHash: dvae.encoderHash
    ).write(to: output)
    print("\(output): \(codes.shape[0])×\(codes.shape[1]) tokens")
  }
}
