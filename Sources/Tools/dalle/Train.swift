import ArgumentParser
import CLIP
import CLIPTraining
import CaptionedImages
import Checkpoints
import Commands
import Foundation
import Pretrained
import StickerWorld
import Training

/// Trains one of the models.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a model on stickers or on your own captioned pictures.",
    discussion: "Example: dalle train clip --data birds --output birds-clip",
    subcommands: [TrainCLIP.self, TrainDVAE.self, TrainTransformer.self, TrainAll.self])
}

/// Where a training keeps itself, and its chance.
struct TrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where the run is kept, and at last the model.", valueName: "folder"))
  var output: String
  @Option(
    parsing: .unconditional,
    help: "Decides weights, the order of the data, and all other chance: a number from 0.")
  var seed: UInt64 = 1
  @Flag(help: "Go on from where a run in the same folder was stopped.")
  var resume = false
}

/// Where the pairs of a training come from.
struct DataOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where pairs come from: \"stickers\", which are drawn as they are needed, or a folder or file of captioned PNGs.",
      valueName: "stickers|path"))
  var data = "stickers"

  /// Whether pairs are drawn by code.
  var isStickers: Bool { data == "stickers" }

  /// The reader's own pairs; nil for stickers.
  func pairs(_ augmentation: Augmentation) throws -> PicturePairs? {
    if isStickers {
      if FileManager.default.fileExists(atPath: data) {
        complain("note: --data stickers are drawn by code; the folder of that name is ./stickers\n")
      }
      return nil
    }
    let images = try CaptionedImages(data)
    print(images.report)
    return PicturePairs(images, augmentation)
  }
}

/// `dalle train clip`
struct TrainCLIP: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip",
    abstract: "Trains a CLIP, which tells how well a caption fits a picture.",
    discussion: """
      A run of 4,000 steps takes about half an hour on two cores. Ctrl-C stops it, --resume goes on. \
      On stickers the image tower begins as chapter 1's encoder.

      Example, and as many steps more for what belongs to what:
        dalle train clip --data stickers --output clip
        dalle train clip --from clip/clip.safetensors --prefer-pairs --rate 6e-4 --output clip2
      """)

  @OptionGroup var source: DataOption
  @OptionGroup var options: TrainingOptions
  @Option(parsing: .unconditional, help: "Steps of the optimiser.")
  var steps = CLIPRecipe().steps
  @Option(parsing: .unconditional, help: "Pairs per step.")
  var batch = CLIPRecipe().batch
  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var rate = CLIPRecipe().rate
  @Option(
    help: ArgumentHelp(
      "Begin with a CLIP and its tokenizer instead of new weights.", valueName: "clip.safetensors"))
  var from: String?
  @Flag(help: "Choose each scene of stickers from two, a pair if there is one.")
  var preferPairs = false
  @Flag(
    help:
      "Redraw half of the pictures by the dVAE that comes along, for a CLIP that is to choose among drawn pictures."
  )
  var redrawn = false
  @Option(
    parsing: .unconditional,
    help:
      "Let the transformer that comes along draw this many pictures first, some twenty a second, which then stand beside the real ones of their captions as wrong answers; half of the scenes are theirs. For stickers only."
  )
  var drawings: Int?

  func validate() throws {
    try check("--steps", steps, in: possibleSteps)
    try check("--batch", batch, in: 2...65_536)
    try check("--drawings", drawings ?? 1, in: 1...10_000_000)
    guard rate > 0, rate.isFinite else { throw ValidationError("--rate must be above 0") }
    if !source.isStickers && (drawings != nil || preferPairs) {
      throw ValidationError(
        "--drawings and --prefer-pairs are for stickers: they do not go with pictures of your own")
    }
  }

  func run() throws {
    let recipe = CLIPRecipe(
      steps: steps, batch: batch, rate: rate, prefersPairs: preferPairs, seed: options.seed)
    let pairs = try source.pairs(.transformer(size: 64))
    if let count = pairs?.count, count < batch {
      throw CommandError(
        "--batch \(batch): a batch needs different pictures, and there are \(count)")
    }
    let start = try from.map { try Checkpoint($0, kind: CaptionMatcher.kind) }
    let matcher =
      if let start { try CaptionMatcher(start) } else if let pairs {
        CaptionMatcher(recipe, captions: pairs.captions)
      } else {
        CaptionMatcher(recipe, encoder: try Pretrained.classifier().encoder)
      }
    var notes = recipe.notes.merging(["data": source.data]) { $1 }
    if let from { notes["from"] = try SHA256.hex(ofFile: from) }
    notes["redrawn"] = "\(redrawn)"
    if let drawings {
      notes["drawings"] = "\(drawings)"
      notes["drawn_by"] = try SHA256.hex(ofFile: Pretrained.path("transformer"))
    }
    let card = matcher.card(notes)
    let redrawing = redrawn ? Redrawing(try Pretrained.dVAE()) : nil
    let folder = TrainingFolder(options.output, card, every: 250, resume: options.resume)
    if let pairs {
      try matcher.train(recipe, on: pairs, redrawing: redrawing, folder: folder)
    } else {
      try matcher.train(
        recipe, redrawing: redrawing, drawings: try drawings.map(drawn), folder: folder)
    }
    let path = "\(options.output)/clip.safetensors"
    try Checkpoint.save(matcher, card, as: .f16, to: path)
    print("\(path): a CLIP of \(matcher.parameterCount) parameters after \(steps) steps")
  }

  /// That many drawings: those in the run's folder when it is resumed, else new ones.
  private func drawn(_ count: Int) throws -> Drawings {
    try TrainingFolder.checkFree(options.output, resume: options.resume)
    let path = "\(options.output)/drawings.safetensors"
    let dvae = try Pretrained.dVAE()
    if TrainingFolder.hasBegun(options.output) {
      let kept = try Drawings(path, dvae)
      guard kept.count == count, kept.source == Drawings.source(seed: options.seed) else {
        throw CommandError(
          "\(path): holds \(kept.count) pictures, \(kept.source); go on with the same --drawings "
            + "and --seed, or train in another folder")
      }
      return kept
    }
    let transformer = try Pretrained.transformer()
    try OutputCheck.folder(options.output)
    let progress = ProgressBar("drawings", total: count, unit: "picture", to: .standardError)
    defer { progress.end() }
    try Drawings.make(count, transformer, dvae, seed: options.seed, to: path) {
      progress.update($0, "")
    }
    return try Drawings(path, dvae)
  }
}
