import ArgumentParser
import CaptionedImages
import EmojiWorld
import StickerTraining

/// The worlds whose pictures are drawn by code.
enum WorldName: String, CaseIterable, ExpressibleByArgument { case stickers, emoji }

/// Which world, and how large it is.
struct WorldOption: ParsableArguments {
  @Option(help: "The world that pictures and captions are from: stickers or emoji.")
  var world = WorldName.stickers
  @Option(
    parsing: .unconditional,
    help: "How many things the emoji world has, as in dalle emoji. (default: all)")
  var things: Int?
  @Option(
    help: "How freely emoji are placed: grid (where codes repeat) or free. (default: grid)")
  var placement: EmojiPlacement?
  @Option(
    help: ArgumentHelp(
      "The emoji font. (default: the one that is installed)", valueName: "NotoColorEmoji.ttf"))
  var font: String?

  func validate() throws {
    try check("--things", things ?? 2, in: 2...EmojiThing.all.count)
    if world != .emoji && (things != nil || placement != nil || font != nil) {
      throw ValidationError("--things, --placement and --font are for --world emoji")
    }
  }

  /// What the emoji world of the options shows.
  var scenes: EmojiScenes {
    EmojiScenes(things: things ?? EmojiThing.all.count, placement ?? .grid)
  }

  /// The emoji world of the options.
  func emoji() throws -> EmojiWorld {
    try EmojiWorld(things: things ?? EmojiThing.all.count, placement ?? .grid, font: font)
  }

  /// The world that the options name.
  func chosen() throws -> any World {
    switch world {
    case .stickers: return StickerTraining.Stickers()
    case .emoji: return try emoji()
    }
  }

  /// What a resumed run compares, in the words of runs from before there was a choice.
  var option: [String: String] {
    guard world == .emoji else { return [:] }
    return [
      "--world": world.rawValue, "--things": "\(things ?? EmojiThing.all.count)",
      "--placement": (placement ?? .grid).rawValue,
    ]
  }
}

extension EmojiPlacement: ExpressibleByArgument {}
