import Foundation
import Images
import StickerWorld
import TensorCore
import TestSupport
import Testing

@testable import EmojiWorld

@Suite struct EmojiWorldTests {
  private let world: EmojiWorld

  init() throws {
    let folder = try TemporaryFolder()
    try folder.write(MiniFont(EmojiThing.all.prefix(60).map(\.character)).bytes, to: "font.ttf")
    world = try EmojiWorld(things: 60, font: folder.file("font.ttf"))
  }

  private func thing(_ name: String) throws -> EmojiThing {
    try #require(EmojiThing.all.first { $0.name == name })
  }

  @Test func `all things have a character and a name of their own`() {
    let all = EmojiThing.all
    #expect(all.count == 320)
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(Set(all.map(\.character)).count == all.count)
    #expect(Set(all.map(\.plural)).count == all.count)
    #expect(all.enumerated().allSatisfy { $0 == $1.number })
  }

  @Test func `plurals are those of English`() throws {
    let plurals = [
      "fox": "foxes", "strawberry": "strawberries", "key": "keys", "mouse": "mice",
      "loaf of bread": "loaves of bread", "cup of coffee": "cups of coffee", "wolf": "wolves",
      "tropical fish": "tropical fish", "pair of jeans": "pairs of jeans", "peach": "peaches",
      "maple leaf": "maple leaves", "octopus": "octopuses", "avocado": "avocados", "moai": "moai",
      "pair of cherries": "pairs of cherries",
    ]
    for (name, plural) in plurals { #expect(try thing(name).plural == plural) }
  }

  @Test func `captions say what the scene says, and nothing else`() throws {
    let (fox, unicorn) = (try thing("fox"), try thing("unicorn"))
    let pair = EmojiScene(.pair(first: fox, .above, second: unicorn), ground: .night)
    #expect(pair.description == "a fox above a unicorn at night")
    #expect(pair.captions.contains("under the stars, a unicorn below a fox"))
    #expect(pair.captions.count == 8 && Set(pair.captions).count == 8)
    let single = EmojiScene(
      .single(try thing("owl"), size: nil, position: .topLeft), ground: .white)
    #expect(single.description == "an owl in the top left on a white background")
    let three = EmojiScene(.several(fox, count: 3), ground: nil)
    #expect(three.captions == ["three foxes"])
  }

  @Test(arguments: EmojiSplit.allCases, EmojiPlacement.allCases)
  func `samples are of their split`(split: EmojiSplit, placement: EmojiPlacement) {
    let scenes = EmojiScenes(things: 60, placement)
    for index in 0..<200 {
      let sample = scenes.sample(split, seed: 1, index: index)
      #expect(sample.scene.split == split)
      #expect(sample.scene.captions.contains(sample.caption))
      #expect(sample.scene.shown.count == sample.layout.places.count)
      #expect(scenes.sample(split, seed: 1, index: index).caption == sample.caption)
      #expect(EmojiContent(sample.scene, sample.layout).shows(sample.scene).isRight)
      // Nothing leaves the picture, and nothing lies over another thing.
      let places = sample.layout.places
      for (i, a) in places.enumerated() {
        for b in places[..<i] {
          #expect(max(abs(a.x - b.x), abs(a.y - b.y)) >= a.half + b.half)
        }
      }
      for place in sample.layout.places {
        for middle in [place.x, place.y] {
          #expect(middle - place.half >= 0 && middle + place.half <= 64)
          if placement == .grid {
            let first: Double = place.half == 14 ? 0 : 4
            #expect((middle - first).remainder(dividingBy: 8) == 0)
          }
        }
        if placement == .grid { #expect(place.half == 14 || place.half == 20) }
      }
    }
  }

  @Test(arguments: EmojiPlacement.allCases)
  func `only what a caption puts in a corner is in one`(placement: EmojiPlacement) {
    for number in 0..<3000 {
      let thing = EmojiThing.all[number % 60]
      let size = [nil, Scene.Size.small, .big][number % 3]
      for named in [nil] + Scene.Position.allCases {
        let scene = EmojiScene(.single(thing, size: size, position: named), ground: nil)
        let content = EmojiContent(
          scene, EmojiLayout(for: scene, placement, seed: UInt64(number)))
        for corner in Scene.Position.allCases {
          let other = EmojiScene(.single(thing, size: size, position: corner), ground: nil)
          #expect(content.shows(other).isRight == (named == corner))
        }
      }
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [2, 3, 5, 7, 14])
  func `small worlds have scenes of every split`(count: Int) throws {
    let folder = try TemporaryFolder()
    let font = MiniFont(EmojiThing.all.prefix(count).map(\.character))
    let path = try folder.write(font.bytes, to: "font.ttf")
    let world = try EmojiWorld(things: count, font: path)
    for split in EmojiSplit.allCases {
      #expect(world.sample(split, seed: 1, index: 0).scene.split == split)
    }
  }

  @Test func `one pair in ten, one size of half of the things and one corner are held out`() {
    let things = EmojiThing.all
    var held = 0
    var total = 0
    for i in things.indices {
      for j in 0..<i {
        let scenes = [(i, j), (j, i)].map {
          EmojiScene(.pair(first: things[$0.0], .above, second: things[$0.1]), ground: nil)
        }
        #expect((scenes[0].split == .unseenPairs) == (scenes[1].split == .unseenPairs))
        held += scenes[0].split == .unseenPairs ? 1 : 0
        total += 1
      }
      let sizes = Scene.Size.allCases.count {
        EmojiScene(.single(things[i], size: $0, position: nil), ground: nil).split == .unseenSizes
      }
      #expect(sizes == (i % 2 == 0 ? 1 : 0))
      let corners = Scene.Position.allCases.count {
        EmojiScene(.single(things[i], size: nil, position: $0), ground: nil).split
          == .unseenPlaces
      }
      #expect(corners == 1)
    }
    #expect(abs(Double(held) / Double(total) - 0.1) < 0.01)
  }

  @Test func `a thing covers its place, at every size of picture`() throws {
    let fox = EmojiThing.all[0]
    let scene = EmojiScene(.single(fox, size: .big, position: nil), ground: .white)
    var layout = EmojiLayout(for: scene, seed: 1)
    layout.places = [EmojiLayout.Place(x: 32, y: 32, half: 24)]
    for size in [8, 64, 100, 256] {
      let image = world.render(scene, layout, size: size)
      #expect(image.width == size && image.height == size)
      // The glyph is 12 × 8: as wide as its place, two thirds as high.
      #expect(image[size / 2, size / 2] == (255, 0, 40))
      #expect(image[0, 0] != (255, 0, 40))
      let covered = Double(
        (0..<size * size).count { image[$0 % size, $0 / size] == (255, 0, 40) })
      let expected = 48.0 * 32 / 64 / 64
      if size >= 64 { #expect(abs(covered / Double(size * size) - expected) < 0.03) }
    }
    // A glyph that lies partly between pixels mixes with the ground.
    layout.places = [EmojiLayout.Place(x: 32.5, y: 32.5, half: 12)]
    let image = world.render(scene, layout)
    let (edge, ground) = (image[20, 32].1, image[1, 32].1)
    #expect(edge > 0 && edge < ground)
  }

  @Test func `a glyph loses its margin, and lets the ground through`() throws {
    // 4×4 pixels with an invisible margin: in the middle red and half-transparent green (α = 128),
    // below blue and nothing.
    let png =
      "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAYAAACp8Z5+AAAAH0lEQVR42mOI"
      + "iopiQMZg4j8DEP1naIALAPkggFCBjAHGhxUhoLwYRQAAAABJRU5ErkJggg=="
    var mini = MiniFont([EmojiThing.all[0].character, EmojiThing.all[1].character])
    let place = try #require(mini.characters.firstIndex(of: EmojiThing.all[0].character.value))
    mini.pictures[place] = Array(try #require(Data(base64Encoded: png)))
    let folder = try TemporaryFolder()
    let world = try EmojiWorld(things: 2, font: try folder.write(mini.bytes, to: "font.ttf"))
    let scene = EmojiScene(.single(EmojiThing.all[0], size: nil, position: nil), ground: .night)
    var layout = EmojiLayout(for: scene, seed: 1)
    // Each pixel of the 2×2 that are left is 16 pixels wide.
    layout.places = [EmojiLayout.Place(x: 32, y: 32, half: 16)]
    let image = world.render(scene, layout)
    #expect(image[20, 20] == (255, 0, 0) && image[20, 44] == (0, 0, 255))
    #expect(image[44, 44] == image[1, 44] && image[15, 20] == image[1, 20])
    let (mixed, ground) = (image[44, 20], image[1, 20])
    for (found, (own, below)) in [
      (mixed.0, (0.0, ground.0)), (mixed.1, (255, ground.1)), (mixed.2, (0, ground.2)),
    ] {
      let expected = own * 128 / 255 + Double(below) * 127 / 255
      #expect(abs(Double(found) - expected) <= 1)
    }
  }

  @Test func `pairs come with all captions of their scene`() {
    let pairs = EmojiPairs(world, .train, size: 16, seed: 3)
    var random = Random(seed: 1)
    for index in 0..<20 {
      let (picture, captions) = pairs.drawn(at: index)
      let pair = pairs.pair(at: index, using: &random)
      #expect(pair.picture == picture && pair.caption == captions[0])
      #expect(Set(captions) == Set(world.sample(.train, seed: 3, index: index).scene.captions))
    }
  }
}
