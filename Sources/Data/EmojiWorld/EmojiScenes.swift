// What there is to draw, and its captions. Only the drawing needs a font.

import StickerWorld
import TensorCore

/// An endless supply of scenes, with exact places and captions.
///
///     let sample = EmojiScenes(things: 100).sample(.train, seed: 7, index: 0)
///     print(sample.caption)
public struct EmojiScenes: Sendable {
  /// The things that they show.
  public let things: [EmojiThing]
  /// How freely they are placed.
  public let placement: EmojiPlacement

  /// A scene with its exact places and a caption.
  public struct Sample: Sendable {
    /// What the caption says.
    public let scene: EmojiScene
    /// What it leaves open.
    public let layout: EmojiLayout
    /// One of the scene's captions.
    public let caption: String
  }

  /// The scenes of the first `count` things, placed on the grid or anywhere.
  public init(things count: Int = EmojiThing.all.count, _ placement: EmojiPlacement = .grid) {
    precondition(
      (2...EmojiThing.all.count).contains(count),
      "a world has 2 … \(EmojiThing.all.count) things, not \(count)")
    things = Array(EmojiThing.all.prefix(count))
    self.placement = placement
  }

  /// Sample number `index` of the endless list that `seed` makes of `split`.
  public func sample(_ split: EmojiSplit, seed: UInt64, index: Int) -> Sample {
    var random = Random(seed: seed).split("emoji/\(split.rawValue)").split(index)
    var scene = self.scene(split, using: &random)
    while scene.split != split { scene = self.scene(split, using: &random) }
    let layout = EmojiLayout(for: scene, placement, using: &random)
    let captions = scene.captions
    return Sample(
      scene: scene, layout: layout, caption: captions[random.integer(below: captions.count)])
  }

  /// A random scene: half of all are single things, 40 % pairs and 10 % several of a thing. Scenes of a
  /// held-out part are of the kind that it is about.
  private func scene(_ split: EmojiSplit, using random: inout Random) -> EmojiScene {
    let kind =
      switch split {
      case .train, .validation: random.integer(below: 10)
      case .unseenSizes, .unseenPlaces: 0
      case .unseenPairs: 5
      }
    let thing = things[random.integer(below: things.count)]
    func any<T>(_ choices: [T]) -> T { choices[random.integer(below: choices.count)] }
    let arrangement: EmojiScene.Arrangement
    switch kind {
    case ..<5:
      let size = random.integer(below: 4) == 0 ? nil : any(Scene.Size.allCases)
      let position = random.integer(below: 2) == 0 ? nil : any(Scene.Position.allCases)
      arrangement = .single(thing, size: size, position: position)
    case ..<9:
      var other = any(things)
      while other == thing { other = any(things) }
      arrangement = .pair(first: thing, any(Scene.Relation.allCases), second: other)
    default: arrangement = .several(thing, count: 2 + random.integer(below: 2))
    }
    let isOpen = random.integer(below: 10) == 0
    return EmojiScene(arrangement, ground: isOpen ? nil : any(EmojiScene.Ground.allCases))
  }
}
