import CaptionedImages
import DALLE
import DALLETraining
import EmojiWorld
import StickerTraining
import TensorCore
import Testing
import Text

/// Captions of both worlds fit into the transformer's text.
@Suite struct WorldCaptionsTests {
  private func cut(_ captions: [String], by tokenizer: Tokenizer) -> [String] {
    let length = DALLEConfiguration.stickers(vocabulary: 1).textLength
    return captions.filter { (try? tokenizer.encode(cleaned($0), length: length)) == nil }
  }

  @Test func `no caption of a world is cut`() {
    for things in [14, 100, EmojiThing.all.count] {
      let scenes = EmojiScenes(things: things)
      func captions(_ seed: UInt64) -> [String] {
        (0..<4000).map { scenes.sample(.train, seed: seed, index: $0).caption }
      }
      let cut = cut(captions(2), by: .streams(captions(1)))
      #expect(cut.isEmpty, "\(things) things: \(cut.count), such as \(cut.prefix(3))")
    }
    let stickers = Stickers().captions(seed: 2, count: 4000)
    #expect(cut(stickers, by: .streams(of: Stickers())).isEmpty)
  }

  @Test func `a caption that dropout makes too long is read without dropout`() throws {
    let tokenizer = Tokenizer.streams(of: Stickers())
    var configuration = DALLEConfiguration.stickers(vocabulary: tokenizer.vocabularySize)
    (configuration.width, configuration.layers, configuration.heads) = (8, 1, 1)
    let transformer = CaptionedDALLE(DALLERecipe(), configuration, tokenizer)
    var random = Random(seed: 6)
    // Its letters are more than 20 tokens, those of "a red cat" are fewer.
    let long = "a yellow star above a blue house at night"
    #expect(try transformer.ids(long, dropout: 1, using: &random) == transformer.ids(long))
    let short = try transformer.ids("a red cat", dropout: 1, using: &random)
    #expect(try short != transformer.ids("a red cat") && short.count { $0 != 0 } == 9)
    // What is too long in any case is cut, always alike.
    let longest = Array(repeating: long, count: 4).joined(separator: " and ")
    #expect(
      try transformer.ids(longest, dropout: 1, using: &random)
        == transformer.ids(longest, truncate: true))
  }
}
