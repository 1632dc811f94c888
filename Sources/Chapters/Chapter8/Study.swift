// How much does a thing need? A transformer learns worlds of different sizes, and a judge looks on.

import CLIP
import CLIPTraining
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import EmojiJudge
import EmojiWorld
import Files
import Foundation
import Images
import Notebook
import TensorCore
import Text
import TextToImage

/// A training, and how often its model is right on the way.
struct Lesson: Codable {
  /// A transformer.
  enum Size: String, Codable, CaseIterable {
    case small, usual

    /// Its sizes, but for vocabularies.
    var configuration: DALLEConfiguration {
      self == .small ? .emoji(vocabulary: 1) : .stickers(vocabulary: 1)
    }
  }

  /// The things of the world.
  let things: Int
  let size: Size
  /// Steps of the whole run, of 16 pairs each.
  let steps: Int
  /// The parameters of the transformer.
  private(set) var parameters = 0
  private(set) var points: [Point] = []

  /// What a model can do after some steps.
  struct Point: Codable {
    let steps: Int
    /// For each of `captions` captions whether its picture shows everything.
    let right: [Bool]
    /// For each aspect by name, how many captions speak of it, and how many pictures have it right.
    let aspects: [String: [Int]]
  }

  /// Captions of the validation split, one picture each.
  static let captions = 256
  /// Measurements of a run.
  private static let measurements = 10

  init(things: Int, _ size: Size, steps: Int) {
    (self.things, self.size, self.steps) = (things, size, steps)
  }

  /// "14 things, small"
  var name: String { "\(things) things, \(size)" }

  /// Pairs of a step.
  static let batch = DALLERecipe().batch

  /// How often pictures in training showed each thing, after so many steps. Half of all scenes have one
  /// thing, four tenths two, a tenth several of one.
  func exposures(_ steps: Double) -> Double { 1.4 * steps * Double(Self.batch) / Double(things) }

  /// The model at the end.
  var last: Point { points[points.count - 1] }

  /// The steps after which half of the pictures were right, between two measurements; nil if they never
  /// were.
  var stepsToHalf: Double? {
    guard let i = points.firstIndex(where: { $0.share >= 0.5 }) else { return nil }
    let (x, y) = (Double(points[i].steps), points[i].share)
    let (before, share) = i == 0 ? (0, 0) : (Double(points[i - 1].steps), points[i - 1].share)
    return before + (0.5 - share) / (y - share) * (x - before)
  }

  /// Trains the transformer in a folder, or goes on there, and measures it.
  ///
  /// Throws what a training throws, or an `EmojiFontError` without a font.
  mutating func run(
    _ dvae: DiscreteVAE, _ judge: any EmojiReader, in folder: String, seed: UInt64
  ) throws {
    let world = try EmojiWorld(things: things)
    let samples = (0..<Self.captions).map {
      world.sample(.validation, seed: 1_000_003, index: $0)
    }
    var recipe = DALLERecipe.emoji
    (recipe.steps, recipe.pictures) = (steps, steps * recipe.batch)
    recipe.seed = seed
    var run = DALLERun(recipe, dvae, folder: folder)
    (run.configuration, run.resume) = (size.configuration, true)
    // Points are kept beside the state, for runs that are stopped.
    let path = "\(folder)/points.json"
    var points: [Point] = []
    if let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) {
      points = try JSONDecoder().decode([Point].self, from: bytes)
    }
    let matcher = CaptionMatcher(CLIPRecipe())
    run.hook = DALLETrainingHook(every: steps / Self.measurements) { done, transformer in
      let dalle = TextToImage(transformer, dvae, matcher)
      let pictures = try dalle.draw(oneForEach: samples.map(\.caption), seed: seed, .cautious)
      let point = Point(
        steps: done,
        zip(judge.read(Image.pictures(of: pictures)), samples).map { $0.shows($1.scene) })
      points = points.filter { $0.steps < done } + [point]
      try AtomicFile.write(Array(JSONEncoder().encode(points)), to: path)
    }
    parameters = try run.run(in: world).parameterCount
    self.points = points
  }
}

extension Lesson.Point {
  /// What a judge says of the pictures after some steps.
  init(steps: Int, _ verdicts: [EmojiVerdict]) {
    var aspects: [String: [Int]] = [:]
    for (aspect, isRight) in verdicts.flatMap({ $0.claims }) {
      let before = aspects[aspect.rawValue] ?? [0, 0]
      aspects[aspect.rawValue] = [before[0] + 1, before[1] + (isRight ? 1 : 0)]
    }
    self.init(steps: steps, right: verdicts.map(\.isRight), aspects: aspects)
  }

  /// The share of pictures that show everything, 0 … 1.
  var share: Double { Double(right.count { $0 }) / Double(right.count) }

  /// Its standard error.
  var error: Double { (share * (1 - share) / Double(right.count)).squareRoot() }

  /// The share of pictures that have an aspect right, of those whose caption speaks of it.
  func share(_ aspect: EmojiAspect) -> Double {
    guard let counts = aspects[aspect.rawValue], counts[0] > 0 else { return .nan }
    return Double(counts[1]) / Double(counts[0])
  }
}
