// From the measures of single captions to those of a part of the data set.

import StickerJudge
import TensorCore

/// The measures of one caption.
struct CaptionFigures {
  let caption: String
  /// The candidate with the best score.
  let choice: (candidate: Int, match: CaptionMatch)
  /// The number of right candidates.
  let right: Int
  /// The probability that a picture is right, 0 … 1.
  private(set) var match: [Way: Double] = [:]
  /// The same for each aspect that the caption mentions.
  private(set) var aspects: [Aspect: [Way: Double]] = [:]
  /// The expected score.
  private(set) var score: [Way: Double] = [:]
  /// For ways that yield a single picture, its features [1, D] and things [1, 14].
  var described: [Way: (features: Tensor, things: Tensor)] = [:]
  /// A panel's votes on the best candidate, first, and the rival's picture.
  var votes: (realism: [Choice], match: [Choice])?

  /// The measures of N candidates with their scores: of any of them, and of the best of n.
  init(
    _ caption: String, candidates matches: [CaptionMatch], _ scores: [Float], _ bestOf: [Int]
  ) {
    let ranking = Ranking(scores)
    self.caption = caption
    choice = (ranking.order[0], matches[ranking.order[0]])
    right = matches.count(where: \.isRight)
    let isRight = matches.map { $0.isRight ? 1.0 : 0 }
    let values = scores.map(Double.init)
    match[.meanOfSamples] = Double(right) / Double(matches.count)
    score[.meanOfSamples] = values.reduce(0, +) / Double(values.count)
    for n in bestOf {
      match[.bestOf(n)] = ranking.expected(isRight, bestOf: n)
      if n > 1 {
        match[.oracle(n)] = Ranking.chanceOfAny(right: right, among: matches.count, drawn: n)
      }
      score[.bestOf(n)] = ranking.expected(values, bestOf: n)
    }
    // All candidates have the same caption, so all have the same aspects.
    for aspect in matches[0].aspects.keys {
      let isRight = matches.map { $0.aspects[aspect] == true ? 1.0 : 0 }
      aspects[aspect, default: [:]][.meanOfSamples] =
        isRight.reduce(0, +) / Double(isRight.count)
      for n in bestOf {
        aspects[aspect, default: [:]][.bestOf(n)] = ranking.expected(isRight, bestOf: n)
      }
    }
  }

  /// Adds a way that yields a single picture.
  mutating func add(_ way: Way, _ match: CaptionMatch, _ score: Float) {
    self.match[way] = match.isRight ? 1 : 0
    for (aspect, isRight) in match.aspects { aspects[aspect, default: [:]][way] = isRight ? 1 : 0 }
    self.score[way] = Double(score)
  }
}

/// The measures of many captions.
struct PartTally {
  private let settings: EvaluationSettings
  private(set) var captions = 0
  /// Captions whose best-scored candidate is right.
  private(set) var rightChoices = 0
  private var match: [Way: Tally] = [:]
  private var aspects: [Aspect: [Way: Tally]] = [:]
  private var score: [Way: Tally] = [:]
  private var features: [Way: FeatureStatistics] = [:]
  /// The probabilities of things for each caption, [1, 14] each.
  private var things: [Way: [Tensor]] = [:]
  private var votes: (realism: [[Choice]], match: [[Choice]]) = ([], [])

  init(_ settings: EvaluationSettings) { self.settings = settings }

  /// Adds one caption. Throws an `EvaluationError` if a feature is not finite.
  mutating func add(_ figures: CaptionFigures) throws(EvaluationError) {
    captions += 1
    rightChoices += figures.choice.match.isRight ? 1 : 0
    if let given = figures.votes {
      votes.realism.append(given.realism)
      votes.match.append(given.match)
    }
    for (way, value) in figures.match { match[way, default: Tally()].add(value) }
    for (way, value) in figures.score { score[way, default: Tally()].add(value) }
    for (aspect, values) in figures.aspects {
      for (way, value) in values {
        aspects[aspect, default: [:]][way, default: Tally()].add(value)
      }
    }
    for (way, (features, things)) in figures.described {
      try self.features[way, default: FeatureStatistics(width: features.shape[1])].add(features)
      self.things[way, default: []].append(things)
    }
  }

  /// Adds all captions of another part.
  mutating func add(_ other: PartTally) {
    captions += other.captions
    rightChoices += other.rightChoices
    votes.realism += other.votes.realism
    votes.match += other.votes.match
    for (way, tally) in other.match { match[way, default: Tally()].add(tally) }
    for (way, tally) in other.score { score[way, default: Tally()].add(tally) }
    for (aspect, tallies) in other.aspects {
      for (way, tally) in tallies {
        aspects[aspect, default: [:]][way, default: Tally()].add(tally)
      }
    }
    for (way, statistics) in other.features {
      features[way, default: FeatureStatistics(width: statistics.width)].add(statistics)
    }
    things.merge(other.things) { $0 + $1 }
  }

  /// Puts the measures into the report, under the name of the part. Throws an `EvaluationError` if
  /// there are too few captions for one of them.
  func write(to report: inout EvaluationReport, as part: String) throws(EvaluationError) {
    report.captions[part] = captions
    if !votes.realism.isEmpty {
      report.votes[part] = [
        "realism": VoteShares(PairedVote(votes.realism)),
        "match": VoteShares(PairedVote(votes.match)),
      ]
    }
    for (way, tally) in match { report.set(\.captionMatch, part, way, tally.estimate) }
    for (way, tally) in score { report.set(\.clipScore, part, way, tally.estimate) }
    for (aspect, tallies) in aspects {
      report.attributeCaptions[aspect.rawValue, default: [:]][part] = tallies[.real]?.count
      for (way, tally) in tallies { report.set(\.[aspect], part, way, tally.estimate) }
    }
    for (way, things) in things {
      let score = try InceptionScore(
        concatenate(things, axis: 0), splits: settings.inceptionSplits)
      report.measures.inceptionScore[part, default: [:]][way.key] = score.mean
      if settings.inceptionSplits > 1 {
        report.standardErrors.inceptionScore[part, default: [:]][way.key] = score.deviation
      }
    }
    if let real = features[.real] {
      for (way, statistics) in features where way != .real {
        report.measures.frechetDistance[part, default: [:]][way.key] =
          try frechetDistance(statistics, real)
      }
    }
  }
}

extension EvaluationReport {
  fileprivate mutating func set(
    _ table: WritableKeyPath<EvaluationMeasures, EvaluationTable>, _ part: String, _ way: Way,
    _ estimate: Estimate?
  ) {
    guard let estimate else { return }
    measures[keyPath: table][part, default: [:]][way.key] = estimate.value
    standardErrors[keyPath: table][part, default: [:]][way.key] = estimate.standardError
  }
}
