import ArgumentParser
import Checkpoints
import DiscreteVAE
import Images
import PictureFiles
import Pretrained
import TensorCore

/// The dVAE of a command, and how a picture goes through it.
struct DVAEOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A dVAE to use instead of the bundled one.", valueName: "file"))
  var model: String?
  @Option(help: "The bundled dVAE: that of stickers or of emoji.")
  var world = WorldName.stickers

  func validate() throws {
    guard model == nil || world == .stickers else {
      throw ValidationError("--world is for the bundled models; --model names another")
    }
  }

  /// The path of a dVAE, of the bundled one if none is given.
  static func path(_ model: String?) throws -> String { try model ?? Pretrained.path("dvae") }

  func dVAE() throws -> DiscreteVAE {
    world == .emoji ? try Pretrained.emojiDVAE() : try Self.dVAE(at: model)
  }

  /// The dVAE in a file, or the bundled one.
  static func dVAE(at path: String?) throws -> DiscreteVAE {
    try DiscreteVAE(Checkpoint(Self.path(path), kind: DiscreteVAE.kind))
  }

  /// The dVAE, the picture at `path`, and its codes [h, w].
  func encode(_ path: String) throws -> (DiscreteVAE, picture: Image, codes: IndexTensor) {
    let dvae = try dVAE()
    let picture = try Image(contentsOf: path)
    return (dvae, picture, dvae.encode(picture))
  }

  static let sizes = """
    Pictures may have any size: squares that a picture does not fill are padded with its edge and \
    cut again afterwards. Large pictures are processed in tiles.
    """
}
