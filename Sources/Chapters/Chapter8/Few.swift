// Few pictures: learning them by heart, and starting from what another model has learnt.

import CaptionedImages
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import EmojiJudge
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
  private(set) var points: [HeldOutLoss] = []
  /// What is drawn for captions of pictures that were learnt, and of others.
  private(set) var learnt: [Drawn] = []
  private(set) var others: [Drawn] = []

  struct Drawn: Codable {
    let caption: String
    /// The codes that were drawn, and those of the learnt picture that has most in common with them,
    /// [8 · 8].
    let codes, nearest: [Int32]
    /// How many codes these have in common, 0 … 64.
    let equal: Int
    /// Whether the judge finds the picture right.
    let isRight: Bool
  }

  init(_ start: Start, pictures: Int, steps: Int) {
    (self.start, self.pictures, self.steps) = (start, pictures, steps)
  }

  /// The share of drawn pictures that have nineteen of twenty codes in common with one that was learnt.
  static func copies(_ drawn: [Drawn]) -> Double {
    Double(drawn.count { 20 * $0.equal >= 19 * $0.codes.count }) / Double(drawn.count)
  }

  /// The share of right pictures.
  static func right(_ drawn: [Drawn]) -> Double {
    Double(drawn.count(where: \.isRight)) / Double(drawn.count)
  }

  /// Trains and measures. Throws what a training throws, or an `EmojiFontError` without a font.
  mutating func run(_ dvae: DiscreteVAE, in folder: String, seed: UInt64) throws {
    let things = Pretrained.emojiThings..<Pretrained.emojiThings + 20
    let world = try EmojiWorld(things: things.upperBound)
    func isNew(_ scene: EmojiScene) -> Bool {
      scene.things.allSatisfy { things.contains($0.number) }
    }
    let learnt = ChosenScenes(world, .train, count: pictures, where: isNew)
    // A copy of a learnt picture is the right answer for none of these.
    let contents = learnt.samples.map { EmojiContent($0.scene, $0.layout) }
    let others = ChosenScenes(world, .validation, count: 128) { scene in
      isNew(scene) && !contents.contains { $0.shows(scene).isRight }
    }
    var recipe = DALLERecipe.emoji
    (recipe.steps, recipe.pictures, recipe.seed) = (steps, pictures, seed)
    if start == .bundled { recipe.rate /= 4 }
    var run = DALLERun(recipe, dvae, folder: folder)
    (run.configuration, run.resume) = (Lesson.Size.small.configuration, true)
    if start == .bundled { run.start = try Checkpoint(Pretrained.path("emoji-transformer")) }
    let file = PointsFile<HeldOutLoss>(folder)
    run.hook = DALLETrainingHook(every: steps / 8) { done, transformer in
      let point = try HeldOutLoss(after: done, of: transformer, in: folder)
      try file.write(file.read().filter { $0.steps < done } + [point])
    }
    let model = try run.run(
      on: learnt, called: "few emoji", .streams(learnt.captions, minimumCount: 1),
      validation: others)
    points = try file.read()
    let dalle = TextToImage(model, dvae)
    let tokens = try TokenSet("\(folder)/tokens.safetensors")
    let judge = EmojiJudge(world)
    func draw(_ scenes: ChosenScenes) throws -> [Drawn] {
      try scenes.samples.prefix(64).enumerated().map { i, sample in
        let drawn = try dalle.draw(
          sample.caption, count: 1, seed: seed &+ UInt64(i), .cautious, truncate: true)
        let own = drawn.codes.values  // N
        let (index, equal) = try tokens.nearest(to: own)
        let reading = judge.read(Image.pictures(of: drawn.pictures)[0])
        return try Drawn(
          caption: sample.caption, codes: own, nearest: tokens.codes(at: index), equal: equal,
          isRight: reading.shows(sample.scene).isRight)
      }
    }
    (self.learnt, self.others) = (try draw(learnt), try draw(others))
  }
}
