import ArgumentParser
import CaptionedImages
import EmojiWorld
import Images
import PictureFiles
import Sheets
import Training

/// Shows or writes the emoji world.
struct Emoji: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws a sheet of the emoji world, or writes its pictures to a folder.",
    discussion: """
      The things are the coloured glyphs of Noto Color Emoji, which make emoji installs; the font is \
      read and never copied. A folder of pictures and captions can be trained on like your own.

      Examples:
        dalle emoji --count 64 --output sheet.png
        dalle emoji --sheet things --things 100 --output things.png
        dalle emoji --things 50 --count 20000 --export my-emoji
        dalle train all --data my-emoji --output mine
      """)

  enum Sheet: String, CaseIterable, ExpressibleByArgument {
    case samples, things
  }

  @Option(
    parsing: .unconditional,
    help: "How many things the world has, the plainest first, 2 to \(EmojiThing.all.count).")
  var things = EmojiThing.all.count
  @Option(parsing: .unconditional, help: "How many samples to draw. (default: 64)")
  var count: Int?
  @Option(
    parsing: .unconditional, help: "Random seed: the same seed gives the same pictures.")
  var seed: UInt64 = 1
  @Option(help: "The part of the world that samples come from. (default: train)")
  var split: EmojiSplit?
  @Option(parsing: .unconditional, help: "Pixels per side of a picture, 8 to 256.")
  var size = 64
  @Option(help: "What the sheet shows: samples, or all things.")
  var sheet = Sheet.samples
  @Option(parsing: .unconditional, help: "Pictures per row of the sheet.")
  var columns = 8
  @Option(
    help: ArgumentHelp(
      "The font. (default: the one that is installed)", valueName: "NotoColorEmoji.ttf"))
  var font: String?
  @Option(help: ArgumentHelp("Where to write the sheet.", valueName: "file.png"))
  var output: String?
  @Option(help: ArgumentHelp("Where to write samples as PNG and text files.", valueName: "folder"))
  var export: String?
  @Flag(help: "Export to a folder that is not empty, replacing files of the same names.")
  var overwrite = false

  func validate() throws {
    try check("--things", things, in: 2...EmojiThing.all.count)
    try check("--count", count ?? 1, in: 1...10_000_000)
    try check("--size", size, in: 8...256)
    try check("--columns", columns, in: 1...1000)
    guard output?.lowercased().hasSuffix(".png") ?? true else {
      throw ValidationError("--output must end in .png, got \(output ?? "")")
    }
    guard export != nil || !overwrite else {
      throw ValidationError("--overwrite is for --export")
    }
    guard output != nil || export != nil else {
      throw ValidationError("say where to: --output FILE.png, --export FOLDER, or both")
    }
    guard sheet == .samples || (count == nil && split == nil && export == nil) else {
      throw ValidationError(
        "--sheet things shows all there are, so --count, --split and --export do not go with it")
    }
  }

  func run() throws {
    let scale = max(1, 128 / size)
    let shown = sheet == .things ? things : count ?? 64
    if let output {
      try OutputCheck.file(output)
      try checkSheet(of: shown, side: size * scale, columns: columns)
    }
    let world = try EmojiWorld(things: things, font: font)
    if let output {
      let cells = (0..<shown).map { i -> (picture: Image, label: String) in
        if sheet == .things { return (world.portrait(i, size: size), world.things[i].name) }
        let sample = world.sample(split ?? .train, seed: seed, index: i)
        return (world.render(sample.scene, sample.layout, size: size), sample.caption)
      }
      try Image.grid(
        cells.map { $0.picture.enlarged(by: scale) }, columns: columns, labels: cells.map(\.label)
      ).writePNG(to: output)
      print("\(output): \(pictures(shown))")
    }
    if let export {
      let samples = count ?? 64
      let progress = ProgressBar("export", total: samples, unit: "picture")
      try EmojiPairs(world, split ?? .train, size: size, seed: seed)
        .export(samples, to: export, overwrite: overwrite) { progress.update($0, "") }
      progress.end()
      print("\(export): \(pictures(samples)) with captions beside them")
    }
  }

  private func pictures(_ count: Int) -> String { "\(count) picture\(count == 1 ? "" : "s")" }
}

extension EmojiSplit: ExpressibleByArgument {}
