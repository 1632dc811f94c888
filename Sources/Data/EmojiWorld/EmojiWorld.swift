// A world whose pictures none of us drew: things of an emoji font on plain grounds.

import Images
import StickerWorld
import TensorCore

/// An endless supply of small pictures of emoji with captions. The font must be installed; it is never
/// copied.
///
///     let world = try EmojiWorld(things: 100)
///     let sample = world.sample(.train, seed: 7, index: 0)
///     let picture = world.render(sample.scene, sample.layout, size: 64)
public struct EmojiWorld: Sendable {
  /// The things that it shows.
  public let things: [EmojiThing]
  private let glyphs: [EmojiGlyph]

  /// A scene with its exact places and a caption.
  public struct Sample: Sendable {
    /// What the caption says.
    public let scene: EmojiScene
    /// What it leaves open.
    public let layout: EmojiLayout
    /// One of the scene's captions.
    public let caption: String
  }

  /// The world of the first `count` things, drawn by the font at `path`, or by the one that is
  /// installed.
  ///
  /// Throws an `EmojiFontError` if there is no font, or if it is damaged or lacks one of the things.
  public init(things count: Int = EmojiThing.all.count, font path: String? = nil)
    throws(EmojiFontError)
  {
    precondition(
      (2...EmojiThing.all.count).contains(count),
      "a world has 2 … \(EmojiThing.all.count) things, not \(count)")
    things = Array(EmojiThing.all.prefix(count))
    let font: ColourFont
    if let path { font = try ColourFont(path) } else { font = try .installed() }
    var glyphs: [EmojiGlyph] = []
    for thing in things { glyphs.append(try EmojiGlyph(thing, font)) }
    self.glyphs = glyphs
  }

  /// Sample number `index` of the endless list that `seed` makes of `split`.
  public func sample(_ split: EmojiSplit, seed: UInt64, index: Int) -> Sample {
    var random = Random(seed: seed).split("emoji/\(split.rawValue)").split(index)
    var scene = self.scene(split, using: &random)
    while scene.split != split { scene = self.scene(split, using: &random) }
    let layout = EmojiLayout(for: scene, using: &random)
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

  /// What thing number `i` adds to a picture of `size`×`size` pixels at a place.
  package func layer(_ i: Int, at place: EmojiLayout.Place, size: Int) -> EmojiLayer {
    let scale = Double(size) / 64
    return glyphs[i].layer(
      x: place.x * scale, y: place.y * scale, side: 2 * place.half * scale, size: size)
  }

  /// The scene as a picture of `size`×`size` pixels, 8 … 256.
  public func render(_ scene: EmojiScene, _ layout: EmojiLayout, size: Int = 64) -> Image {
    precondition((8...256).contains(size), "sizes are 8 … 256 pixels, got \(size)")
    precondition(
      scene.things.allSatisfy { $0.number < things.count },
      "a world of \(things.count) things is asked for \(scene)")
    precondition(
      layout.places.count == scene.shown.count,
      "\(scene.shown.count) things need as many places, got \(layout.places.count)")
    var image = layout.ground.image(size: size)
    let scale = Double(size) / 64
    for (place, thing) in zip(layout.places, scene.shown) {
      glyphs[thing.number].draw(
        on: &image, x: place.x * scale, y: place.y * scale, side: 2 * place.half * scale)
    }
    return image
  }
}

extension EmojiWorld {
  /// Thing number `i`, large, on a ground of its own.
  public func portrait(_ i: Int, size: Int = 64) -> Image {
    let ground = EmojiScene.Ground.allCases[i % EmojiScene.Ground.allCases.count]
    let scene = EmojiScene(.single(things[i], size: .big, position: nil), ground: ground)
    var layout = EmojiLayout(for: scene, seed: 0)
    layout.places = [EmojiLayout.Place(x: 32, y: 32, half: 21)]
    return render(scene, layout, size: size)
  }
}

extension EmojiScene {
  /// The thing at each place of a layout.
  var shown: [EmojiThing] {
    if case .several(let thing, let count) = arrangement {
      return [EmojiThing](repeating: thing, count: count)
    }
    return things
  }
}
