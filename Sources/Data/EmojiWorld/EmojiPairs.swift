// The emoji world as a source of pairs, for trainings that accept any source and for export.

import CaptionedImages
import Images
import TensorCore

/// Pairs of the emoji world, drawn on demand and not kept.
public struct EmojiPairs: DrawnPairs {
  /// The world from which they are.
  public let world: EmojiWorld
  /// The part of the world.
  public let split: EmojiSplit
  /// Width and height of the pictures, 8 … 256.
  public let size: Int
  /// The random seed of the pairs.
  public let seed: UInt64
  /// The number of pairs; nil if the source is endless.
  public let count: Int?

  /// The first `count` pairs, or all, of an endless list that `split` and `seed` determine.
  public init(
    _ world: EmojiWorld, _ split: EmojiSplit, size: Int, seed: UInt64, count: Int? = nil
  ) {
    precondition((8...256).contains(size), "sizes are 8 … 256 pixels, got \(size)")
    precondition(count ?? 1 > 0, "a source has 1 or more pairs, not \(count ?? 1)")
    (self.world, self.split, self.size) = (world, split, size)
    (self.seed, self.count) = (seed, count)
  }

  /// Pair number `index` with all captions of its scene.
  public func drawn(at index: Int) -> (picture: Image, captions: [String]) {
    let sample = world.sample(split, seed: seed, index: index)
    return (
      world.render(sample.scene, sample.layout, size: size),
      [sample.caption] + sample.scene.captions.filter { $0 != sample.caption }
    )
  }
}

extension EmojiWorld: World {
  /// "emoji, 100 things"
  public var name: String {
    "emoji, \(things.count) things" + (scenes.placement == .grid ? "" : " anywhere")
  }

  /// Pairs of the train or of the validation split.
  public func pairs(
    _ part: WorldPart, size: Int, seed: UInt64, count: Int?
  ) -> any DrawnPairs {
    EmojiPairs(
      self, part == .training ? .train : .validation, size: size, seed: seed, count: count)
  }
}

extension EmojiPairs: ContrastedPairs {
  /// The picture of pair number `index` with one of its captions, and up to three that are wrong.
  public func contrast(
    at index: Int, using random: inout Random
  ) -> (picture: Image, captions: [(text: String, says: EmojiScene)]) {
    let sample = world.sample(split, seed: seed, index: index)
    let wrong = EmojiMistake.some(3, for: sample.scene, things: world.things, using: &random)
    let others = wrong.map { scene in
      let captions = scene.captions
      return (text: captions[random.integer(below: captions.count)], says: scene)
    }
    return (
      world.render(sample.scene, sample.layout, size: size),
      [(sample.caption, sample.scene)] + others
    )
  }

  /// Tells whether the caption of a scene is true of the picture of pair number `index`, by chance or not.
  public func isTrue(of index: Int) -> (EmojiScene) -> Bool {
    let sample = world.sample(split, seed: seed, index: index)
    let content = EmojiContent(sample.scene, sample.layout)
    return { content.shows($0).isRight }
  }
}
