import ArgumentParser
import CaptionedImages
import Images
import PictureFiles
import StickerTraining
import StickerWorld
import Training

/// Shows or writes sticker world.
struct Stickers: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws a sheet of sticker world, or writes its pictures to a folder.",
    discussion: """
      Examples:
        dalle stickers --count 64 --seed 1 --output sheet.png
        dalle stickers --sheet things --output things.png
        dalle stickers --count 20000 --export my-stickers
      """)

  enum Sheet: String, CaseIterable, ExpressibleByArgument {
    case samples, things, backgrounds, accessories
  }

  @Option(parsing: .unconditional, help: "How many samples to draw. (default: 64)")
  var count: Int?
  @Option(
    parsing: .unconditional, help: "Random seed: the same seed gives the same pictures.")
  var seed: UInt64 = 1
  @Option(help: "The part of the data set that samples come from. (default: train)")
  var split: StickerWorld.Split?
  @Option(parsing: .unconditional, help: "Pixels per side of a picture, 8 to 256.")
  var size = 64
  @Option(help: "What the sheet shows: samples, or all of something.")
  var sheet = Sheet.samples
  @Option(parsing: .unconditional, help: "Pictures per row of the sheet.")
  var columns = 8
  @Option(
    parsing: .unconditional,
    help:
      "Pixels of the sheet per pixel of a picture. (default: what makes a picture 128 pixels wide)")
  var scale: Int?
  @Option(help: ArgumentHelp("Where to write the sheet.", valueName: "file.png"))
  var output: String?
  @Option(help: ArgumentHelp("Where to write samples as PNG and text files.", valueName: "folder"))
  var export: String?
  @Flag(help: "Export to a folder that is not empty, replacing files of the same names.")
  var overwrite = false

  mutating func validate() throws {
    try check("--count", samples, in: 1...10_000_000)
    try check("--size", size, in: 8...256)
    try check("--columns", columns, in: 1...1000)
    try check("--scale", scale ?? 1, in: 1...32)
    guard output?.lowercased().hasSuffix(".png") ?? true else {
      throw ValidationError("--output must end in .png, got \(output ?? "")")
    }
    guard output != nil || export != nil else {
      throw ValidationError("say where to: --output FILE.png, --export FOLDER, or both")
    }
    guard export == nil || sheet == .samples else {
      throw ValidationError("--export writes samples, so it does not go with --sheet \(sheet)")
    }
    guard sheet == .samples || (count == nil && split == nil) else {
      throw ValidationError(
        "--sheet \(sheet) shows all there are, so --count and --split do not go with it")
    }
  }

  private var samples: Int { count ?? 64 }
  private var part: StickerWorld.Split { split ?? .train }

  func run() throws {
    if let output {
      try OutputCheck.file(output)
      let scale = scale ?? max(1, 128 / size)
      try checkSheet(
        of: sheet == .samples ? samples : contactSheet.count, side: size * scale,
        columns: columns)
      let sheet = contactSheet
      try sheet.image(size: size, scale: scale, columns: columns).writePNG(to: output)
      print("\(output): \(pictures(sheet.count))")
    }
    if let export {
      let progress = ProgressBar("export", total: samples, unit: "picture")
      try StickerPairs(part, size: size, seed: seed)
        .export(samples, to: export, overwrite: overwrite) { progress.update($0, "") }
      progress.end()
      print("\(export): \(pictures(samples)) with captions beside them")
    }
  }

  private func pictures(_ count: Int) -> String { "\(count) picture\(count == 1 ? "" : "s")" }

  private var contactSheet: ContactSheet {
    switch sheet {
    case .samples: .samples(part, count: samples, seed: seed)
    case .things: .things(seed: seed)
    case .backgrounds: .backgrounds(seed: seed)
    case .accessories: .accessories(seed: seed)
    }
  }
}

extension StickerWorld.Split: ExpressibleByArgument {}
