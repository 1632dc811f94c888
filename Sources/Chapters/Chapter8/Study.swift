// How much does a thing need? What is asked of a transformer that learns a world, and what it answers.

import DALLE
import DALLETraining
import EmojiWorld

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

  /// What is done in another way than in the recipe.
  enum Change: String, Codable, CaseIterable {
    case none = "nothing"
    case clean = "codes as they are"
    case readApart = "words read apart"
    case adamW = "AdamW"
    case singlesFirst = "a third of the steps with single things"
    case fine = "a code for 4×4 pixels"
  }

  /// The things of the world.
  let things: Int
  let size: Size
  let change: Change
  /// Steps of the whole run, of 16 pairs each.
  let steps: Int
  /// The parameters of the transformer.
  private(set) var parameters = 0
  /// The different things of a pair, on average.
  private(set) var thingsOfPair = 0.0
  /// The share of the same captions' real pictures that the judge finds right after the dVAE, 0 … 1: a
  /// transformer can hardly do better.
  private(set) var limit = 0.0
  private(set) var points: [Point] = []

  /// What a model can do after some steps.
  struct Point: Codable {
    let steps: Int
    /// For each of `captions` captions whether its picture shows everything.
    let right: [Bool]
    /// For each aspect by name, how many captions speak of it, and how many pictures have it right.
    let aspects: [String: [Int]]
    /// The image loss of codes of the ground and of all others, nats per token.
    let ground, others: Double
  }

  /// Captions of the validation split, one picture each.
  static let captions = 256

  init(things: Int, _ size: Size, steps: Int, _ change: Change = .none) {
    (self.things, self.size, self.steps, self.change) = (things, size, steps, change)
  }

  /// "14 things, small"
  var name: String { "\(things) things, \(size)" }

  /// Pairs of a step.
  static let batch = DALLERecipe().batch

  /// How often pictures in training showed each thing on average, after so many steps.
  func views(_ steps: Double) -> Double {
    thingsOfPair * steps * Double(Self.batch) / Double(things)
  }

  /// The model at the end.
  var last: Point { points[points.count - 1] }

  /// The steps after which half of the pictures had all their things, between two measurements; nil if they
  /// never had.
  var stepsToHalf: Double? {
    guard let i = points.firstIndex(where: { $0.share(.thing) >= 0.5 }) else { return nil }
    let (x, y) = (Double(points[i].steps), points[i].share(.thing))
    let (before, share) =
      i == 0 ? (0, 0) : (Double(points[i - 1].steps), points[i - 1].share(.thing))
    return before + (0.5 - share) / (y - share) * (x - before)
  }

  /// Notes what a run came to.
  mutating func finish(parameters: Int, thingsOfPair: Double, limit: Double, _ points: [Point]) {
    (self.parameters, self.thingsOfPair) = (parameters, thingsOfPair)
    (self.limit, self.points) = (limit, points)
  }
}

extension Lesson.Point {
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
