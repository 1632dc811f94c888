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
  /// What its pictures show.
  public let scenes: EmojiScenes
  private let glyphs: [EmojiGlyph]

  /// The world of the first `count` things, placed on the grid or anywhere, drawn by the font at `path` or
  /// by the one that is installed.
  ///
  /// Throws an `EmojiFontError` if there is no font, or if it is damaged or lacks one of the things.
  public init(
    things count: Int = EmojiThing.all.count, _ placement: EmojiPlacement = .grid,
    font path: String? = nil
  ) throws(EmojiFontError) {
    scenes = EmojiScenes(things: count, placement)
    let font: ColourFont
    if let path { font = try ColourFont(path) } else { font = try .installed() }
    var glyphs: [EmojiGlyph] = []
    for thing in scenes.things { glyphs.append(try EmojiGlyph(thing, font)) }
    self.glyphs = glyphs
  }

  /// The things that it shows.
  public var things: [EmojiThing] { scenes.things }

  /// Sample number `index` of the endless list that `seed` makes of `split`.
  public func sample(_ split: EmojiSplit, seed: UInt64, index: Int) -> EmojiScenes.Sample {
    scenes.sample(split, seed: seed, index: index)
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
    var image = Image(width: size, height: size, fill: layout.ground.colour)
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
