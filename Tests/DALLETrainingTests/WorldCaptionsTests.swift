import CaptionedImages
import DALLE
import DALLETraining
import EmojiWorld
import StickerTraining
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
}
