import ArgumentParser
import CaptionedImages
import Commands
import Foundation
import GradientCompression
import Optimization
import TensorCore
import Training

/// Trains one of the models.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a model on stickers, on emoji or on your own captioned pictures.",
    discussion: """
      Own pictures are PNG or JPEG files. --data names a folder, with others in it or not, in which \
      NAME.txt beside NAME.jpg holds captions, one a line (or NAME.caption, NAME.json, or Hugging \
      Face's metadata.jsonl or metadata.csv); a list .jsonl, .json or .csv; COCO's \
      captions_….json or the folder of it; Flickr8k's folder; or the folder CUB_200_2011. What is left out is printed \
      with the reason, and listed in left-out.txt in the folder of the run.

      Example: dalle train clip --data birds --output birds-clip
      """,
    subcommands: [
      TrainCLIP.self, TrainDVAE.self, TrainTransformer.self, TrainCaptioner.self, TrainGAN.self,
      TrainPanel.self,
      TrainJudge.self, TrainAll.self, TrainEverything.self,
    ])
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
  @Option(
    help: ArgumentHelp(
      "In which numbers layers multiply: f32, bf16, or auto, which is bf16 where that saves time, and in a resumed run what it began with.",
      valueName: "f32|bf16|auto"))
  var precision = PrecisionChoice.auto
  @Option(
    help: ArgumentHelp(
      "What turns gradients into steps: AdamW for all weights, or Muon for the matrices inside of blocks. (default: that of the recipe)",
      valueName: "adamw|muon"))
  var optimizer: OptimizerChoice?
  @Flag(
    help:
      "Compute each block again in the backward pass instead of remembering it: less memory, a third more time, the same model."
  )
  var checkpointActivations = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Average gradients over the ranks of mpirun by approximations of this rank (PowerSGD).",
      valueName: "rank"))
  var compress: Int?
  @Option(
    help: "Which form of PowerSGD: Vogels et al.'s, warm-started, or DALL·E's, with a fixed Q.")
  var compressVariant = GradientCompressor.Variant.warmStarted

  @Flag(
    help:
      "Keep a slice of weights, gradients and averages on each rank of mpirun, and gather the weights of one block at a time; blocks are computed again as with --checkpoint-activations."
  )
  var shard = false

  /// What was asked for by the options of compression.
  var compression: RunOptions.Compression? {
    compress.map { RunOptions.Compression(compressVariant, rank: $0) }
  }

  func validate() throws {
    if let compress { try check("--compress", compress, in: 1...4096) }
    if shard && compress != nil {
      throw ValidationError(
        "--shard and --compress do not go together: --compress looks at whole gradients, and with "
          + "--shard no rank has them; choose one of the two")
    }
  }
}

extension GradientCompressor.Variant: ExpressibleByArgument {}
extension OptimizerChoice: ExpressibleByArgument {}

/// The values of `--precision`.
enum PrecisionChoice: String, ExpressibleByArgument, CaseIterable {
  case f32, bf16, auto
}

extension TrainingOptions {
  /// The precision of this run. It does not depend on the processor where a run is resumed: one that began
  /// elsewhere goes on in the same numbers.
  var precisionOfRun: Precision {
    switch precision {
    case .f32: .f32
    case .bf16: .bf16
    case .auto:
      (resume ? TrainingFolder.precision(ofRunIn: [output] + folders(in: output)) : nil)
        ?? .fastest
    }
  }

  /// The folders of stages: `output/dvae/warm-up` and the like.
  private func folders(in path: String, depth: Int = 2) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? []
    let found = names.map { "\(path)/\($0)" }.filter { TrainingFolder.hasBegun($0) }
    return depth == 1 ? found : found + names.flatMap { folders(in: "\(path)/\($0)", depth: 1) }
  }
}

/// The source of a training's pairs: a world, or the reader's own pictures.
struct DataOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder or list of captioned pictures, instead of a world's. (\"stickers\" stands for --world stickers.)",
      valueName: "path"))
  var data: String?
  @OptionGroup var choice: WorldOption

  /// Whether pairs are drawn by code.
  var isDrawn: Bool { data == nil || data == "stickers" }
  /// Whether they are stickers.
  var isStickers: Bool { isDrawn && choice.world == .stickers }

  func validate() throws {
    if let data, choice.world != .stickers {
      throw ValidationError(
        "--data \(data) and --world \(choice.world) name two sources of pictures; name one of them")
    }
  }

  /// The reader's own pictures for a run that is kept in a folder, with the state of its first stage
  /// there or in `stage`; nil for those of a world.
  func pictures(
    for options: TrainingOptions, _ holdOut: HoldOut = HoldOut(), stage: String? = nil
  ) throws -> OwnPictures? {
    guard let data, !isDrawn else {
      if data != nil && FileManager.default.fileExists(atPath: "stickers") {
        complain("note: --data stickers are drawn by code; the folder of that name is ./stickers\n")
      }
      return nil
    }
    return try OwnPictures(data, holdOut, folder: options.output, stage: stage)
  }

  /// What a resumed run compares; pictures themselves are compared by `DataRecord`.
  var option: [String: String] {
    ["--data": isDrawn ? "stickers" : "pictures of your own"].merging(choice.option) { $1 }
  }
}

/// The size of the pictures of a training.
struct SizeOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Width and height, in pixels, to which your own pictures are cut: 8 to 1,024, in whole squares of the dVAE."
  )
  var size = Self.usual

  /// That of the stickers and of all bundled models.
  static let usual = 64

  /// Throws if `source` has no pictures of this size.
  func check(_ source: DataOption) throws {
    try DalleCommand.check("--size", size, in: 8...1024)
    if source.isDrawn && size != Self.usual {
      throw ValidationError(
        "--size is for pictures of your own: \(source.choice.world) have \(Self.usual)×\(Self.usual) "
          + "pixels")
    }
  }

  /// What a resumed run compares, in the words of runs from before there was a choice.
  var option: [String: String] { size == Self.usual ? [:] : ["--size": "\(size)"] }
}

extension RunOptions {
  /// What a command chose by options of its own, and by those of every training.
  init(
    _ values: [String: String], flags: KeyValuePairs<String, Bool> = [:],
    remedy: String = "train in another folder", _ optimizer: OptimizerChoice?,
    _ options: TrainingOptions
  ) {
    var values = values
    // In the words of runs from before there was a choice.
    values["--optimizer"] = optimizer == .adamW ? nil : optimizer?.rawValue
    self.init(
      values, flags: flags, remedy: remedy, precision: options.precisionOfRun,
      checkpointsActivations: options.checkpointActivations, isSharded: options.shard,
      compression: options.compression)
  }

  /// The remedy of runs that can start from another's weights.
  static func startingFrom(_ folder: String) -> String {
    "train in another folder (--from \(folder)/training.safetensors starts from this one's weights)"
  }
}
