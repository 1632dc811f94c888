// Sticker world as a source of pairs, for trainings that accept any source.

import CaptionedImages
import Images
import StickerWorld
import TensorCore

/// Sticker world as pairs that are drawn on demand and not kept.
public struct StickerPairs: DrawnPairs {
  /// The split from which scenes are sampled.
  public let split: StickerWorld.Split
  /// Width and height of the pictures, 8 … 256.
  public let size: Int
  /// The random seed of the pairs.
  public let seed: UInt64
  /// The number of pairs; nil if the source is endless.
  public let count: Int?

  /// The first `count` pairs, or all, of an endless list that `split` and `seed` determine.
  public init(_ split: StickerWorld.Split, size: Int, seed: UInt64, count: Int? = nil) {
    precondition((8...256).contains(size), "sizes are 8 … 256 pixels, got \(size)")
    precondition(count ?? 1 > 0, "a source has 1 or more pairs, not \(count ?? 1)")
    self.split = split
    self.size = size
    self.seed = seed
    self.count = count
  }

  /// Pair number `index` with all captions of its scene.
  public func drawn(at index: Int) -> (picture: Image, captions: [String]) {
    let (scene, layout, caption) = StickerWorld.sample(split, seed: seed, index: index)
    let captions = [caption] + scene.captions.filter { $0 != caption }
    return (scene.render(layout, size: size), captions)
  }
}

/// Sticker world as a source of trainings.
public struct Stickers: World {
  /// It has no settings.
  public init() {}

  /// "stickers"
  public var name: String { "stickers" }

  /// Pairs of the train or of the validation split.
  public func pairs(
    _ part: WorldPart, size: Int, seed: UInt64, count: Int?
  ) -> any DrawnPairs {
    StickerPairs(part == .training ? .train : .validation, size: size, seed: seed, count: count)
  }
}
