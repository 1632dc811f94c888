import ArgumentParser
import DiscreteVAE
import Foundation
import Images
import PictureFiles

/// Encodes a picture and decodes it again.
struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns a picture into tokens and back into a picture.",
    discussion: """
      \(DVAEOptions.sizes)

      Example: dalle reconstruct picture.png --output again.png
      """)

  @Argument(help: ArgumentHelp("The picture, PNG or JPEG.", valueName: "picture"))
  var image: String
  @Option(help: ArgumentHelp("Where to write the result.", valueName: "file.png"))
  var output = "reconstruction.png"
  @OptionGroup var options: DVAEOptions

  func run() throws {
    try OutputCheck.picture(output, reading: [image])
    let (dvae, picture, codes) = try options.encode(image)
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
