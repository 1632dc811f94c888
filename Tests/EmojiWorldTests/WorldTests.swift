import CaptionedImages
import StickerTraining
import StickerWorld
import TensorCore
import TestSupport
import Testing

@testable import EmojiWorld

/// What trainings ask of a world.
@Suite struct WorldTests {
  private let emoji: EmojiWorld

  init() throws {
    let folder = try TemporaryFolder()
    let font = MiniFont(EmojiThing.all.prefix(30).map(\.character), shapes: true)
    emoji = try EmojiWorld(things: 30, font: folder.write(font.bytes, to: "font.ttf"))
  }

  @Test func `both worlds have pairs for training, and others`() {
    for world: any World in [emoji, Stickers()] {
      let captions = WorldPart.allCases.map { world.captions($0, seed: 5, count: 40) }
      #expect(Set(captions[0]).isDisjoint(with: captions[1]))
      let pictures = world.pictures(.validation, size: 16, seed: 5, count: 3)
      #expect(pictures.shape == [3, 3, 16, 16])
      let pairs = world.pairs(.validation, size: 16, seed: 5, count: 3)
      #expect(pairs.count == 3)
      #expect(Tensor([pairs.drawn(at: 2).picture]).scalars == pictures.at(2, axis: 0).scalars)
      #expect(pairs.drawn(at: 2).captions[0] == captions[1][2])
    }
    #expect(emoji.name == "emoji, 30 things" && Stickers().name == "stickers")
    let scene = StickerWorld.sample(.train, seed: 9, index: 3)
    #expect(Stickers().captions(seed: 9, count: 4)[3] == scene.caption)
  }

  @Test func `scenes need no font`() {
    for split in EmojiSplit.allCases {
      let (a, b) = (
        EmojiScenes(things: 30).sample(split, seed: 2, index: 7),
        emoji.sample(split, seed: 2, index: 7)
      )
      #expect(a.scene == b.scene && a.layout == b.layout && a.caption == b.caption)
    }
  }

  @Test(arguments: EmojiMistake.allCases)
  func `a mistake makes a caption wrong`(mistake: EmojiMistake) {
    var random = Random(seed: 3)
    var count = 0
    for index in 0..<200 {
      let sample = emoji.sample(.train, seed: 1, index: index)
      let content = EmojiContent(sample.scene, sample.layout)
      #expect(content.shows(sample.scene).isRight)
      guard let wrong = mistake.corrupt(sample.scene, things: emoji.things, using: &random) else {
        continue
      }
      count += 1
      #expect(!content.shows(wrong).isRight, "\(sample.scene): \(wrong)")
    }
    #expect(count >= 10)
  }

  @Test func `hard negatives are wrong, and held out from nothing`() {
    let pairs = EmojiPairs(emoji, .train, size: 16, seed: 1)
    var random = Random(seed: 3)
    var counts = Set<Int>()
    for index in 0..<100 {
      let (picture, captions) = pairs.contrast(at: index, using: &random)
      let isTrue = pairs.isTrue(of: index)
      #expect(picture == pairs.drawn(at: index).picture)
      #expect(isTrue(captions[0].says) && captions[0].says.captions.contains(captions[0].text))
      for (text, says) in captions.dropFirst() {
        #expect(!isTrue(says) && says.split == .train && says.captions.contains(text))
      }
      counts.insert(captions.count)
    }
    #expect(counts.max() == 4)
    // Two things have no third one to take the place of one of a pair.
    let scene = EmojiScene(
      .pair(first: emoji.things[0], .above, second: emoji.things[1]), ground: nil)
    let few = Array(emoji.things.prefix(2))
    #expect(EmojiMistake.thing.corrupt(scene, things: few, using: &random) == nil)
  }
}
