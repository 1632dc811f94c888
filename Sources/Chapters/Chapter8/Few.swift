// Few pictures: learning them by heart, and starting from what another model has learnt.

import CLIP
import CLIPTraining
import CaptionedImages
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import EmojiWorld
import Images
import Notebook
import Pretrained
import TensorCore
import Text
import TextToImage

/// A transformer that learns from few pictures.
struct Few: Codable {
  /// What it starts from.
  enum Start: String, Codable, CaseIterable {
    case nothing = "nothing", bundled = "the bundled model"
  }

  let start: Start
  /// Pictures, each seen many times.
  let pictures: Int
  /// Steps of 16 pairs.
  let steps: Int
  /// After some steps the image loss on pictures that were learnt and on others, in nats per token.
  private(set) var points: [Point] = []
  /// Captions of pictures that were learnt; the codes drawn for each, and those of the nearest learnt
  /// picture, whose number of equal codes is `equal`. A picture is [16 · 16] codes.
  private(set) var drawn: [Drawn] = []

  struct Point: Codable {
    let steps: Int
    let learnt, others: Double
  }

  struct Drawn: Codable {
    let caption: String
    let codes, nearest: [Int32]
    let equal: Int
  }

  init(_ start: Start, pictures: Int, steps: Int) {
    (self.start, self.pictures, self.steps) = (start, pictures, steps)
  }

  /// The share of drawn pictures that have at least 95 % of their codes in common with one that was
  /// learnt.
  var copies: Double { Double(drawn.count { $0.equal >= 243 }) / Double(drawn.count) }

  /// Trains and measures. Throws what a training throws, or an `EmojiFontError` without a font.
  mutating func run(_ dvae: DiscreteVAE, in folder: String, seed: UInt64) throws {
    let things = 100..<120
    let learnt = try StrangeThings(things, .train, count: pictures)
    let others = try StrangeThings(things, .validation, count: 128)
    var recipe = DALLERecipe.emoji
    (recipe.steps, recipe.pictures, recipe.seed) = (steps, pictures, seed)
    if start == .bundled { recipe.rate /= 4 }
    var run = DALLERun(recipe, dvae, folder: folder)
    (run.configuration, run.resume) = (Lesson.Size.small.configuration, true)
    if start == .bundled { run.start = try Checkpoint(Pretrained.path("emoji-transformer")) }
    let tokenizer = Tokenizer.streams(learnt.captions)
    var points: [Point] = []
    run.hook = DALLETrainingHook(every: steps / 8) { done, transformer in
      func loss(_ pairs: StrangeThings) throws -> Double {
        let text = try pairs.captions.prefix(128).flatMap {
          try transformer.ids($0, truncate: true)
        }
        let codes = pairs.codes(dvae, count: 128)  // [128, N]
        let ids = IndexTensor(shape: [128, text.count / 128], text)
        return withoutGradient {
          (0..<8).map { part in
            let rows = part * 16..<part * 16 + 16
            let loss = transformer.model(text: ids.rows(rows), image: codes.rows(rows))
            return Double(loss.image.item) / 8
          }.reduce(0, +)
        }
      }
      points.append(Point(steps: done, learnt: try loss(learnt), others: try loss(others)))
    }
    let model = try run.run(on: learnt, called: "few emoji", tokenizer)
    self.points = points
    let codes = learnt.codes(dvae, count: pictures)  // [n, N]
    let dalle = TextToImage(model, dvae, CaptionMatcher(CLIPRecipe()))
    drawn = try learnt.captions.prefix(32).enumerated().map { i, caption in
      let own = try dalle.draw(
        caption, count: 1, seed: seed &+ UInt64(i), .cautious, truncate: true
      ).codes.values
      let rows = (0..<pictures).map { Array(codes.values[$0 * 256..<($0 + 1) * 256]) }
      let equal = rows.map { zip($0, own).count { $0 == $1 } }
      let nearest = equal.indices.max { equal[$0] < equal[$1] } ?? 0
      return Drawn(caption: caption, codes: own, nearest: rows[nearest], equal: equal[nearest])
    }
  }
}

/// Scenes of things that the bundled models never saw.
struct StrangeThings: DrawnPairs {
  let size = 64
  let count: Int?
  private let world: EmojiWorld
  private let samples: [EmojiScenes.Sample]

  /// The first `count` scenes of a split that show only things of these numbers.
  init(_ things: Range<Int>, _ split: EmojiSplit, count: Int) throws {
    let world = try EmojiWorld(things: things.upperBound)
    self.world = world
    self.count = count
    samples = Array(
      (0...).lazy.map { world.sample(split, seed: 5, index: $0) }
        .filter { $0.scene.things.allSatisfy { things.contains($0.number) } }.prefix(count))
  }

  var captions: [String] { samples.map(\.caption) }

  func drawn(at index: Int) -> (picture: Image, captions: [String]) {
    let sample = samples[index % samples.count]
    return (world.render(sample.scene, sample.layout), [sample.caption])
  }

  /// The codes of the first pictures, [count, N].
  func codes(_ dvae: DiscreteVAE, count: Int) -> IndexTensor {
    let codes = (0..<count).parts(of: 64).flatMap { part in
      dvae.encode(Tensor(part.map { drawn(at: $0).picture })).values
    }
    return IndexTensor(shape: [count, codes.count / count], codes)
  }
}
