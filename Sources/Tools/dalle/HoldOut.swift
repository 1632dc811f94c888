// Pictures that no model learns from.

import ArgumentParser
import CaptionedImages

/// How many of the reader's own pictures are held out, and by which seed.
struct HoldOut {
  var count = 0
  var seed: UInt64 = 1

  /// The pictures to learn from, and those that are held out, if any are.
  ///
  /// Throws a `CommandError` if none were left to learn from.
  func parts(
    of all: CaptionedImages
  ) throws -> (images: CaptionedImages, heldOut: CaptionedImages?) {
    if count == 0 { return (all, nil) }
    guard count < all.count else {
      throw CommandError(
        "--hold-out \(count): the data set has \(all.count) pictures, and some must be left to learn "
          + "from; hold out fewer")
    }
    let (rest, heldOut) = all.holdingOut(count, seed: seed)
    try announce("held out: \(count), to measure models on")
    return (rest, heldOut)
  }
}

/// The choice of the command line.
struct HoldOutOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many of your own pictures nothing is learnt from. Losses on them are logged; where these rise again, the others are only learnt by heart.",
      valueName: "pictures"))
  var holdOut = 0

  /// Throws if pictures are those of a world, which has scenes for that.
  func check(isOwn: Bool) throws {
    try DalleCommand.check("--hold-out", holdOut, in: 0...1_000_000)
    if holdOut > 0 && !isOwn {
      throw ValidationError(
        "--hold-out is for pictures of your own (--data); a world has validation scenes")
    }
  }

  /// What a resumed run compares.
  var option: [String: String] { holdOut == 0 ? [:] : ["--hold-out": "\(holdOut)"] }
}
