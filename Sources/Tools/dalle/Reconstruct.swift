import ArgumentParser
import Checkpoints
import DiscreteVAE
import Foundation
import Images
import Pretrained
import TensorCore

/// What every command that uses a dVAE is told.
struct DVAEOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Another dVAE than the one that comes along.", valueName: "file"))
  var model: String?

  /// Where the dVAE is.
  var path: String { Self.path(model) }

  /// A dVAE's file, or that of the one that comes along.
  static func path(_ model: String?) -> String { model ?? Pretrained.path("dvae") }

  func dVAE() throws -> DiscreteVAE { try DiscreteVAE(Checkpoint(path, kind: DiscreteVAE.kind)) }

  static let sizes = """
    Pictures may have any size: the part of the last squares that a picture does not fill goes on \
    with its edge and is cut off again. Large pictures are worked on in tiles.
    """
}

/// Sends a picture through the codes and back.
struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns a picture into tokens and these into a picture again.",
    discussion: """
      \(DVAEOptions.sizes)

      Example: dalle reconstruct picture.png --output again.png
      """)

  @Argument(help: ArgumentHelp("The picture.", valueName: "image.png"))
  var image: String
  @Option(help: ArgumentHelp("Where the result goes.", valueName: "file.png"))
  var output = "reconstruction.png"
  @OptionGroup var options: DVAEOptions

  func run() throws {
    try OutputCheck.picture(output, reading: [image])
    let dvae = try options.dVAE()
    let picture = try Image(png: image)
    let codes = dvae.encode(picture)
    let again = dvae.decode(codes, width: picture.width, height: picture.height)
    try again.writePNG(to: output)
    let f = dvae.configuration.factor
    print(
      "\(output): \(codes.shape[0])×\(codes.shape[1]) tokens, one for \(f)×\(f) pixels, "
        + "\(Set(codes.values).count) different ones; PSNR \(show(psnr(picture, again)))")
  }

  private func show(_ psnr: Double) -> String {
    psnr.isFinite ? String(format: "%.1f dB", psnr) : "infinite"
  }
}

/// Writes the tokens of a picture.
struct Encode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns a picture into tokens.",
    discussion: """
      \(DVAEOptions.sizes)

      Example: dalle encode picture.png --output tokens.json
      """)

  @Argument(help: ArgumentHelp("The picture.", valueName: "image.png"))
  var image: String
  @Option(help: ArgumentHelp("Where the tokens go.", valueName: "tokens.json"))
  var output = "tokens.json"
  @OptionGroup var options: DVAEOptions

  func run() throws {
    guard !output.lowercased().hasSuffix(".png") else {
      throw CommandError(
        "\(output): tokens are JSON, not a picture; name a file that ends in .json")
    }
    try OutputCheck.file(output, reading: [image])
    let dvae = try options.dVAE()
    let picture = try Image(png: image)
    let codes = dvae.encode(picture)
    try PictureTokens(
      codes, width: picture.width, height: picture.height,
      codebook: dvae.configuration.vocabulary, encoderHash: dvae.encoderHash
    ).write(to: output)
    print("\(output): \(codes.shape[0])×\(codes.shape[1]) tokens")
  }
}

/// Makes a picture of tokens.
struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns the tokens of dalle encode into a picture.",
    discussion: "Example: dalle decode tokens.json --output picture.png")

  @Argument(help: ArgumentHelp("The tokens.", valueName: "tokens.json"))
  var tokens: String
  @Option(help: ArgumentHelp("Where the picture goes.", valueName: "file.png"))
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
