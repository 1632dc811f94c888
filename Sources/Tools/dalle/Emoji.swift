import ArgumentParser
import EmojiWorld
import Images
import PictureFiles
import Sheets

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
  @Option(help: "How freely they are placed: grid (where codes repeat) or free.")
  var placement = EmojiPlacement.grid
  @OptionGroup var flags: SampleFlags
  @Option(help: "The part of the world that samples come from. (default: train)")
  var split: EmojiSplit?
  @Option(help: "What the sheet shows: samples, or all things.")
  var sheet = Sheet.samples
  @Option(
    help: ArgumentHelp(
      "The font. (default: the one that is installed)", valueName: "NotoColorEmoji.ttf"))
  var font: String?

  func validate() throws {
    try check("--things", things, in: 2...EmojiThing.all.count)
    try flags.checkShowsSamples(sheet == .samples, sheet: sheet, hasSplit: split != nil)
  }

  func run() throws {
    let (size, scale) = (flags.size, max(1, 128 / flags.size))
    let count = sheet == .things ? things : flags.samples
    if let output = flags.output {
      try OutputCheck.file(output)
      try checkSheet(of: count, side: size * scale, columns: flags.columns)
    }
    let world = try EmojiWorld(things: things, placement, font: font)
    if let output = flags.output {
      let cells = (0..<count).map { i -> (picture: Image, label: String) in
        if sheet == .things { return (world.portrait(i, size: size), world.things[i].name) }
        let sample = world.sample(split ?? .train, seed: flags.seed, index: i)
        return (world.render(sample.scene, sample.layout, size: size), sample.caption)
      }
      try Image.grid(
        cells.map { $0.picture.enlarged(by: scale) }, columns: flags.columns,
        labels: cells.map(\.label)
      ).writePNG(to: output)
      print("\(output): \(flags.pictures(count))")
    }
    try flags.write(EmojiPairs(world, split ?? .train, size: size, seed: flags.seed))
  }
}

extension EmojiSplit: ExpressibleByArgument {}
