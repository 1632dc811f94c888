// The results of an evaluation, for programs to read.

import Files
import Foundation

/// A number for each part of the data set and each way to obtain a picture.
///
/// Parts are the splits, by name, and `held_out`, all held-out splits together. Ways are
/// `best_of_8` and the like, chosen by the score; `mean_of_samples`, which is the same as the best
/// of 1; `oracle_of_8`, a choice that is never wrong; `real`, the data set's own picture;
/// `reconstructions`, that picture through the dVAE; and `rival`, another model's picture.
///
/// Shares and scores of the best of n are means over all ways to draw n of the N candidates.
/// Distances and Inception Scores use one picture for each caption, the best of the first n.
public typealias EvaluationTable = [String: [String: Double]]

/// A table for each measure of an evaluation.
public struct EvaluationMeasures: Codable, Equatable, Sendable {
  /// The share of pictures that show everything their captions say, 0 … 1.
  public internal(set) var captionMatch: EvaluationTable = [:]
  /// For each `Aspect` the share of pictures that show it, among captions that mention it.
  public internal(set) var attributes: [String: EvaluationTable] = [:]
  /// The mean of the score by which candidates are chosen: CLIP's cosine, -1 … 1.
  public internal(set) var clipScore: EvaluationTable = [:]
  /// The Fréchet distance to as many real pictures, 0 or more; empty without a classifier. It
  /// depends on the number of pictures, so `held_out` cannot be compared with a single split.
  public internal(set) var frechetDistance: EvaluationTable = [:]
  /// The Inception Score, 1 … 14; empty without a classifier.
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

/// The results of an `Evaluator`.
///
///     {"caption_match": {"validation": {"best_of_1": 0.7, "best_of_32": 0.95, …},
///                        "held_out": {…}, …},
///      "standard_error": {"caption_match": {…}, …},
///      "captions": {"validation": 512, …}, "candidates": 32, "best_of": [1, 32], "seed": 1, …}
public struct EvaluationReport: Codable, Equatable, Sendable {
  /// The name of the part that holds all held-out splits together.
  public static let heldOut = "held_out"

  /// The settings of the evaluation.
  public let settings: EvaluationSettings
  /// The number of captions of each part.
  public internal(set) var captions: [String: Int] = [:]
  /// For each `Aspect` the number of these captions that mention it.
  public internal(set) var attributeCaptions: [String: [String: Int]] = [:]
  /// The measured values.
  public internal(set) var measures = EvaluationMeasures()
  /// The standard errors of the measured values over captions. That of the Inception Score is its
  /// standard deviation over splits, if there are several; the Fréchet distance has none.
  public internal(set) var standardErrors = EvaluationMeasures()

  /// For each part the answers to both questions of a panel, `realism` and `match`, about the best
  /// candidate and the rival's picture; empty without a panel or a rival.
  public internal(set) var votes: [String: [String: VoteShares]] = [:]

  /// An empty report.
  init(_ settings: EvaluationSettings) { self.settings = settings }

  private enum CodingKeys: String, CodingKey {
    case captions
    case attributeCaptions = "attribute_captions"
    case standardErrors = "standard_error"
    case votes
  }

  /// Writes settings and measures at the top level of the JSON, beside the rest.
  ///
  /// Throws what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    try settings.encode(to: encoder)
    try measures.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(captions, forKey: .captions)
    try container.encode(attributeCaptions, forKey: .attributeCaptions)
    try container.encode(standardErrors, forKey: .standardErrors)
    try container.encode(votes, forKey: .votes)
  }

  /// Reads what `encode(to:)` writes.
  ///
  /// Throws a `DecodingError` if an entry is missing or has the wrong type.
  public init(from decoder: any Decoder) throws {
    settings = try EvaluationSettings(from: decoder)
    measures = try EvaluationMeasures(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    captions = try container.decode([String: Int].self, forKey: .captions)
    attributeCaptions = try container.decode(
      [String: [String: Int]].self, forKey: .attributeCaptions)
    standardErrors = try container.decode(EvaluationMeasures.self, forKey: .standardErrors)
    votes =
      try container.decodeIfPresent([String: [String: VoteShares]].self, forKey: .votes) ?? [:]
  }

  /// The report as JSON, keys in alphabetical order.
  ///
  /// Throws an `EncodingError` if a value is infinite or NaN.
  public func json() throws -> Data { try prettyJSON(self) }
}
