// How sharply to draw: temperature and guidance.

import DALLE
import EmojiJudge
import EmojiWorld
import Images
import Notebook
import Pretrained
import TextToImage

/// How many pictures are right when they are drawn in some way.
struct Sharpness: Codable {
  let temperature, guidance: Float
  /// Of `captions` captions of the validation split.
  let right: Int
  /// How many of 16 pictures are different for a caption that names a thing and nothing else, on average of eight.
  let different: Double

  static let captions = 256

  /// The share of right pictures, 0 … 1.
  var share: Double { Double(right) / Double(Self.captions) }
  /// Its standard error.
  var error: Double { (share * (1 - share) / Double(Self.captions)).squareRoot() }

  /// Draws one picture for each caption, which a judge reads.
  init(
    _ dalle: TextToImage, _ judge: EmojiNet, temperature: Float, guidance: Float, seed: UInt64
  ) throws {
    let scenes = EmojiScenes(things: Pretrained.emojiThings)
    let samples = (0..<Self.captions).map {
      scenes.sample(.validation, seed: 1_000_003, index: $0)
    }
    let options = SamplingOptions(temperature: temperature, topP: 0.95, guidance: guidance)
    let pictures = try dalle.draw(oneForEach: samples.map(\.caption), seed: seed, options)
    right = zip(judge.read(Image.pictures(of: pictures)), samples)
      .count { $0.shows($1.scene).isRight }
    let open = EmojiThing.all.prefix(8).map {
      EmojiScene(.single($0, size: nil, position: nil), ground: nil).captions[0]
    }
    let counts = try open.map { caption in
      let codes = try dalle.draw(caption, count: 16, seed: seed, options).codes  // [16, N]
      return Set((0..<16).map { codes.rows([$0]).values }).count
    }
    different = Double(counts.reduce(0, +)) / Double(counts.count)
    (self.temperature, self.guidance) = (temperature, guidance)
  }
}

extension Chapter8 {
  static var sharpnessCells: [Cell<State>] {
    [
      Cell(
        "sharpness", "How sharply to draw",
        full: FullRun("two minutes") { state, out in
          let dalle = try Pretrained.emoji()
          let ways: [(Float, Float)] = [
            (1, 1), (0.7, 1), (0.7, 1.2), (0.7, 2), (0.7, 3.5), (0.5, 1.5), (0.3, 1), (0.3, 1.5),
          ]
          try out.keep(
            "sharpness",
            ways.map {
              try Sharpness(
                dalle, state.judge, temperature: $0.0, guidance: $0.1, seed: out.seed)
            })
        }
      ) { _, out in
        // ANCHOR: sharpness
        let ways = try out.recorded("sharpness", as: [Sharpness].self)
        out.table(
          "\(Sharpness.captions) captions, one picture each",
          ["temperature", "guidance", "% right", "±", "different"],
          ways.map {
            [$0.temperature, $0.guidance, percent($0.share), percent($0.error), $0.different]
          })
        // ANCHOR_END: sharpness
      }
    ]
  }
}
