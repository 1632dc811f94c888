// All that was measured, as a program wants to read it.

import Foundation

/// For each part of the data set, for each way to come by a picture, a number.
///
/// Parts are the names of splits, and `held_out`, all held-out splits together. Ways are
/// `best_of_8` and the like, by the score; `mean_of_samples`, which is the same as the best of 1;
/// `oracle_of_8`, a choice that is never wrong; `real`, the data set's own picture;
/// `reconstructions`, that picture through the dVAE.
///
/// Shares and scores of the best of n are means over all ways to draw n of the N candidates.
/// Distances and Inception Scores are of one picture for each caption, the best of the first n.
public typealias EvaluationTable = [String: [String: Double]]

/// The measures of an evaluation.
public struct EvaluationMeasures: Codable, Equatable, Sendable {
  /// The share of pictures that show all their caption says, 0 … 1.
  public internal(set) var captionMatch: EvaluationTable = [:]
  /// For each `Aspect` the share of pictures that show it, among captions that speak of it.
  public internal(set) var attributes: [String: EvaluationTable] = [:]
  /// The mean score that decides between candidates: CLIP's cosine, -1 … 1.
  public internal(set) var clipScore: EvaluationTable = [:]
  /// The Fréchet distance to as many real pictures, 0 or more; nothing without a classifier. It
  /// depends on how many there are: `held_out` cannot be compared with a single split.
  public internal(set) var frechetDistance: EvaluationTable = [:]
  /// The Inception Score, 1 … 14; nothing without a classifier.
  public internal(set) var inceptionScore: EvaluationTable = [:]

  /// The table of one aspect.
  public internal(set) subscript(aspect: Aspect) -> EvaluationTable {
    get { attributes[aspect.rawValue] ?? [:] }
    set { attributes[aspect.rawValue] = newValue }
  }

  private enum CodingKeys: String, CodingKey {
    case captionMatch = "caption_match"
    case attributes
    case clipScore = "clip_score"
    case frechetDistance = "frechet_distance"
    case inceptionScore = "inception_score"
  }
}

/// What an `Evaluator` found.
///
///     {"caption_match": {"validation": {"best_of_1": 0.7, "best_of_32": 0.95, …},
///                        "held_out": {…}, …},
///      "standard_error": {"caption_match": {…}, …},
///      "captions": {"validation": 512, …}, "candidates": 32, "best_of": [1, 32], "seed": 1, …}
public struct EvaluationReport: Codable, Equatable, Sendable {
  /// The name of the part that holds all held-out splits together.
  public static let heldOut = "held_out"

  /// How it was measured.
  public let settings: EvaluationSettings
  /// How many captions of each part there were.
  public internal(set) var captions: [String: Int] = [:]
  /// For each `Aspect` how many of these captions speak of it.
  public internal(set) var attributeCaptions: [String: [String: Int]] = [:]
  /// What was measured.
  public internal(set) var measures = EvaluationMeasures()
  /// The standard errors over captions of what was measured. That of the Inception Score is its
  /// standard deviation over splits, if there are several; the Fréchet distance has none.
  public internal(set) var standardErrors = EvaluationMeasures()

  /// A report without figures.
  init(_ settings: EvaluationSettings) { self.settings = settings }

  private enum CodingKeys: String, CodingKey {
    case captions
    case attributeCaptions = "attribute_captions"
    case standardErrors = "standard_error"
  }

  /// Settings and measures stand at the top of the JSON, beside the rest.
  public func encode(to encoder: any Encoder) throws {
    try settings.encode(to: encoder)
    try measures.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(captions, forKey: .captions)
    try container.encode(attributeCaptions, forKey: .attributeCaptions)
    try container.encode(standardErrors, forKey: .standardErrors)
  }

  /// Reads what `encode` wrote.
  public init(from decoder: any Decoder) throws {
    settings = try EvaluationSettings(from: decoder)
    measures = try EvaluationMeasures(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    captions = try container.decode([String: Int].self, forKey: .captions)
    attributeCaptions = try container.decode(
      [String: [String: Int]].self, forKey: .attributeCaptions)
    standardErrors = try container.decode(EvaluationMeasures.self, forKey: .standardErrors)
  }

  /// The report as JSON, keys in alphabetical order.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self)
  }
}
