import ArgumentParser
import PictureFiles
import StickerTraining
import StickerWorld

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

  @OptionGroup var flags: SampleFlags
  @Option(help: "The part of the data set that samples come from. (default: train)")
  var split: StickerWorld.Split?
  @Option(help: "What the sheet shows: samples, or all of something.")
  var sheet = Sheet.samples
  @Option(
    parsing: .unconditional,
    help:
      "Pixels of the sheet per pixel of a picture. (default: what makes a picture 128 pixels wide)")
  var scale: Int?

  func validate() throws {
    try check("--scale", scale ?? 1, in: 1...32)
    try flags.checkShowsSamples(sheet == .samples, sheet: sheet, hasSplit: split != nil)
  }

  private var part: StickerWorld.Split { split ?? .train }

  func run() throws {
    if let output = flags.output {
      try OutputCheck.file(output)
      let scale = scale ?? max(1, 128 / flags.size)
      let count = sheet == .samples ? flags.samples : contactSheet.count
      try checkSheet(of: count, side: flags.size * scale, columns: flags.columns)
      try contactSheet.image(size: flags.size, scale: scale, columns: flags.columns)
        .writePNG(to: output)
      print("\(output): \(flags.pictures(count))")
    }
    try flags.write(StickerPairs(part, size: flags.size, seed: flags.seed))
  }

  private var contactSheet: ContactSheet {
    switch sheet {
    case .samples: .samples(part, count: flags.samples, seed: flags.seed)
    case .things: .things(seed: flags.seed)
    case .backgrounds: .backgrounds(seed: flags.seed)
    case .accessories: .accessories(seed: flags.seed)
    }
  }
}

extension StickerWorld.Split: ExpressibleByArgument {}
