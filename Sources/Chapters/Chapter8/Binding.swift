// Which name goes where? A world in which nothing else is hard.

import Checkpoints
import DALLE
import DALLETraining
import EmojiWorld
import TensorCore
import Text
import Training

/// A training on pictures without drawings: 8×8 codes, of which each thing has a square of 3×3, always the
/// same ones and all its own.
struct Binding: Codable {
  /// The recipe's share of pictures that are read as random codes, and its rate.
  let noise, rate: Float
  private(set) var points: [Point] = []

  /// What a model can do after some steps.
  struct Point: Codable {
    let steps: Int
    /// The share of pairs of things that are more probable with their caption than with the one whose names are
    /// exchanged, 0 … 1.
    let prefersOwn: Double
    /// The nats of such a picture, with its caption.
    let nats: Double
  }

  static let things = 40
  static let steps = 1600
  /// Pairs of things that are asked about.
  static let pairs = 200

  init(noise: Float, rate: Float) { (self.noise, self.rate) = (noise, rate) }

  /// Trains and measures. Throws what a training throws.
  mutating func run(in folder: String, seed: UInt64) throws {
    let scenes = EmojiScenes(things: Self.things)
    func sample(_ index: Int, _ seed: UInt64) -> EmojiScenes.Sample {
      scenes.sample(.train, seed: seed, index: index)
    }
    var recipe = DALLERecipe.emoji
    (recipe.steps, recipe.rate, recipe.codeNoise, recipe.seed) = (Self.steps, rate, noise, seed)
    recipe.pictures = recipe.steps * recipe.batch
    let place = "\(folder)/tokens.safetensors"
    try TokenSet.make(
      recipe.pictures, grid: (Self.side, Self.side), called: "squares", encoderHash: "none",
      partsOf: 64, to: place
    ) { part in
      let samples = part.map { sample($0, seed) }
      return (samples.flatMap(Self.codes), samples.map(\.caption))
    }
    let tokenizer = Tokenizer.streams((0..<4000).map { sample($0, seed &+ 1).caption })
    var sizes = DALLEConfiguration.emoji(vocabulary: tokenizer.vocabularySize)
    (sizes.rows, sizes.columns) = (Self.side, Self.side)
    sizes.imageVocabulary = EmojiScene.Ground.allCases.count + 9 * Self.things
    let transformer = CaptionedDALLE(recipe, sizes, tokenizer)
    let questions = Self.questions(scenes, seed: seed &+ 2)
    var points: [Point] = []
    try transformer.train(
      recipe, on: TokenSet(place),
      hook: DALLETrainingHook(every: 100) { steps, transformer in
        points.append(try Self.point(steps, transformer, questions))
      })
    self.points = points
  }

  /// √N.
  private static let side = 8

  /// A scene as codes, [N]: those of grounds first, then nine for each thing.
  private static func codes(_ sample: EmojiScenes.Sample) -> [Int32] {
    let grounds = EmojiScene.Ground.allCases
    let ground = Int32(grounds.firstIndex(of: sample.layout.ground) ?? 0)
    var codes = [Int32](repeating: ground, count: side * side)
    let things = sample.scene.things
    for (i, place) in sample.layout.places.enumerated() {
      let first = grounds.count + 9 * things[min(i, things.count - 1)].number
      /// The first row or column of a square whose middle is at x points of 64.
      func start(_ x: Double) -> Int { min(max(Int((x / 8 - 1.5).rounded()), 0), side - 3) }
      for part in 0..<9 {
        codes[(start(place.y) + part / 3) * side + start(place.x) + part % 3] = Int32(first + part)
      }
    }
    return codes
  }

  /// A picture, its caption, and the caption with the two names exchanged.
  private typealias Question = (codes: [Int32], own: String, exchanged: String)

  private static func questions(_ scenes: EmojiScenes, seed: UInt64) -> [Question] {
    let all = (0...).lazy.compactMap { index -> Question? in
      let sample = scenes.sample(.train, seed: seed, index: index)
      guard case .pair(let first, let relation, let second) = sample.scene.arrangement,
        let phrase = sample.scene.captions.firstIndex(of: sample.caption)
      else { return nil }
      let other = EmojiScene(
        .pair(first: second, relation, second: first), ground: sample.scene.ground)
      return (codes(sample), sample.caption, other.captions[phrase])
    }
    return Array(all.prefix(pairs))
  }

  private static func point(
    _ steps: Int, _ transformer: CaptionedDALLE, _ questions: [Question]
  ) throws -> Point {
    var (right, sum) = (0, 0.0)
    for question in questions {
      let image = IndexTensor(shape: [1, side * side], question.codes)  // [1, N]
      /// The nats of the picture with a caption.
      func nats(_ caption: String) throws -> Double {
        let ids = try transformer.ids(caption)
        let text = IndexTensor(shape: [1, ids.count], ids)  // [1, T]
        let loss = withoutGradient { transformer.model(text: text, image: image).image.item }
        return Double(loss) * Double(side * side)
      }
      let own = try nats(question.own)
      if own < (try nats(question.exchanged)) { right += 1 }
      sum += own
    }
    let count = Double(questions.count)
    return Point(steps: steps, prefersOwn: Double(right) / count, nats: sum / count)
  }
}
