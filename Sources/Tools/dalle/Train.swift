import ArgumentParser
import CaptionedImages
import Commands
import Foundation

/// Trains one of the models.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a model on stickers or on your own captioned pictures.",
    discussion: "Example: dalle train clip --data birds --output birds-clip",
    subcommands: [TrainCLIP.self, TrainDVAE.self, TrainTransformer.self, TrainAll.self])
}

/// The folder and the seed of a training.
struct TrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Folder of the run, and in the end of the model.", valueName: "folder"))
  var output: String
  @Option(
    parsing: .unconditional,
    help: "Random seed of weights, data order and sampling, 0 or more.")
  var seed: UInt64 = 1
  @Flag(help: "Continue the run in this folder where it stopped.")
  var resume = false
}

/// The source of a training's pairs.
struct DataOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Source of the pairs: \"stickers\", which are drawn on demand, or a folder or file of captioned PNGs.",
      valueName: "stickers|path"))
  var data = "stickers"

  /// Whether pairs are drawn by code.
  var isStickers: Bool { data == "stickers" }

  /// The reader's own pairs and what identifies them; nil for stickers.
  func pairs(
    _ augmentation: Augmentation
  ) throws -> (pairs: PicturePairs, content: String)? {
    if isStickers {
      if FileManager.default.fileExists(atPath: data) {
        complain("note: --data stickers are drawn by code; the folder of that name is ./stickers\n")
      }
      return nil
    }
    let images = try CaptionedImages(data)
    print(images.report)
    return (PicturePairs(images, augmentation), images.content)
  }
}
