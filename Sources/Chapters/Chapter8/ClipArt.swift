// Three hundred pictures of strangers: clip art of Debian's package openclipart-png.

import CaptionedImages
import Checkpoints
import DALLE
import DALLETraining
import DVAETraining
import DiscreteVAE
import Files
import Foundation
import Images
import Notebook
import PictureFiles
import TensorCore
import Text
import TextToImage

/// What becomes of a folder of drawings that belong to no world.
struct ClipArt: Codable {
  /// What was read, and what was left out.
  let report: String
  /// Mean squared error of reconstructions as a peak signal-to-noise ratio, in dB.
  let quality: Double
  /// Pictures that are learnt from, and pictures that are held out.
  let learnt, heldOut: Int
  let points: [HeldOutLoss]
  let shown: [Shown]

  /// A picture of the set as it is, from its codes, what is drawn for its caption, and what in the set is most
  /// like that.
  struct Shown: Codable {
    let caption: String
    /// PNG.
    let picture, reconstructed, drawn, nearest: Data
  }

  /// The pictures that are taken, the first in the order of their names.
  private static let count = 300
  private static let place = "/usr/share/openclipart/png"

  /// Reads, trains as `dalle train all` does, and draws. Throws a `ClipArtError` where the package is not
  /// installed, or what a training throws.
  init(in folder: String, seed: UInt64) throws {
    let images = try CaptionedImages(Self.list(in: folder))
    report = "\(images.report)"
    let (kept, others) = images.holdingOut(30, seed: seed)
    (learnt, heldOut) = (kept.count, others.count)
    let steps = DefaultSteps(pictures: kept.count)
    var recipe = DVAERecipe()
    (recipe.optimizer, recipe.warmUpSteps, recipe.seed) = (.muon, steps.dvae, seed)
    (recipe.steps, recipe.decoderSteps) = (steps.dvae / 8, steps.dvae / 2)
    var training = DVAETraining(.stickers, recipe, data: "clip art")
    (training.folder, training.resume) = ("\(folder)/dvae", true)
    let path = "\(folder)/dvae.safetensors"
    try Checkpoint.save(
      training.run(on: Self.pairs(kept, .dVAE(size: 64))), training.card, as: .f16,
      to: path)
    let dvae = try DiscreteVAE(Checkpoint(path, kind: DiscreteVAE.kind))

    var reading = DALLERecipe()
    (reading.optimizer, reading.rate) = (.muon, DALLERecipe.rate(of: .muon))
    (reading.steps, reading.pictures, reading.seed) = (
      steps.transformer, 4 * kept.count, seed
    )
    var run = DALLERun(reading, dvae, folder: "\(folder)/transformer")
    run.resume = true
    let file = PointsFile<HeldOutLoss>(run.folder)
    run.hook = DALLETrainingHook(every: reading.steps / 8) { done, transformer in
      let point = try HeldOutLoss(after: done, of: transformer, in: run.folder)
      try file.write(file.read().filter { $0.steps < done } + [point])
    }
    let pairs = Self.pairs(kept, .transformer(size: 64))
    let transformer = try run.run(
      on: pairs, called: "clip art", .streams(pairs.captions, minimumCount: 1),
      validation: Self.pairs(others, .transformer(size: 64)))
    points = try file.read()
    (quality, shown) = try Self.look(pairs, transformer, dvae, run.folder, seed)
  }

  /// A list of pictures with their captions, made of the names of files as those who drew them gave them.
  private static func list(in folder: String) throws -> String {
    let files = FileManager.default
    let folders = ["animals", "plants"].filter { files.fileExists(atPath: "\(place)/\($0)") }
    if folders.count < 2 { throw ClipArtError() }
    let paths = try folders.flatMap { folder in
      try files.subpathsOfDirectory(atPath: "\(place)/\(folder)").map { "\(folder)/\($0)" }
    }.filter { path in
      // Some drawings are linked from a second folder.
      let type = try files.attributesOfItem(atPath: "\(place)/\(path)")[.type]
      return path.hasSuffix(".png") && type as? FileAttributeType == .typeRegular
    }
    let lines = try paths.sorted().prefix(count).map { path in
      let name = path.dropLast(4).split(separator: "/").last ?? ""
      let words = name.split { !$0.isLetter }.joined(separator: " ")
      let entry = ["image": "\(place)/\(path)", "caption": "a drawing of \(words)"]
      return String(decoding: try JSONEncoder().encode(entry), as: UTF8.self) + "\n"
    }
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/list.jsonl"
    try AtomicFile.write(Array(lines.joined().utf8), to: path)
    return path
  }

  /// Pictures as squares; one that turns out to be unreadable is named.
  private static func pairs(_ images: CaptionedImages, _ augmentation: Augmentation) -> PicturePairs
  {
    PicturePairs(images, augmentation) { print("left out: \($0)") }
  }

  /// How good reconstructions are, and what is drawn for six captions.
  private static func look(
    _ pairs: PicturePairs, _ transformer: CaptionedDALLE, _ dvae: DiscreteVAE, _ folder: String,
    _ seed: UInt64
  ) throws -> (quality: Double, shown: [Shown]) {
    var random = Random(seed: seed).split("look")
    let set = (0..<(pairs.count ?? 0)).compactMap { try? pairs.pair(at: $0, using: &random) }
    let pictures = set.map(\.picture)
    let quality = dvae.report(Tensor(pictures), using: &random).psnr
    let dalle = TextToImage(transformer, dvae)
    let tokens = try TokenSet("\(folder)/tokens.safetensors")
    let grid = [1, tokens.rows, tokens.columns]
    let chosen = (0..<6).map { set[set.count / 6 * $0] }
    let back = Image.pictures(of: dvae.decode(dvae.encode(Tensor(chosen.map(\.picture)))))
    let shown = try zip(chosen, back).map { own, copy in
      let tensor = try dalle.draw(own.caption, count: 1, seed: seed, .cautious, truncate: true)
      let drawn = Image.pictures(of: tensor.pictures)[0]
      let (index, _) = try tokens.nearest(to: tensor.codes.values)
      let nearest = Image.pictures(
        of: dvae.decode(IndexTensor(shape: grid, try tokens.codes(at: index))))[0]
      func png(_ image: Image) -> Data { Data(image.pngData()) }
      return Shown(
        caption: own.caption, picture: png(own.picture), reconstructed: png(copy),
        drawn: png(drawn), nearest: png(nearest))
    }
    return (quality, shown)
  }
}

/// There is no clip art.
struct ClipArtError: Error, CustomStringConvertible {
  let description =
    "no clip art in /usr/share/openclipart/png; install it with apt-get install openclipart-png"
}
