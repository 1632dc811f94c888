// The candidates of one caption, and what choosing among them is worth.

import Evaluation
import StickerJudge
import TensorCore

/// What CLIP and the judge say about the candidates of one caption.
package struct JudgedCaption: Codable {
  let caption: String
  /// CLIP's cosine of each candidate with the caption.
  let scores: [Float]
  /// For each candidate, whether everything the caption says is true.
  package let isRight: [Bool]
  /// For each candidate, the aspects that are wrong when judged alone.
  package let wrong: [[Aspect]]
  /// The aspects that the caption mentions.
  let spoken: [Aspect]

  init(_ caption: String, scores: [Float], _ matches: [CaptionMatch]) {
    self.caption = caption
    self.scores = scores
    isRight = matches.map(\.isRight)
    wrong = matches.map { match in Aspect.allCases.filter { match.aspects[$0] == false } }
    spoken = Aspect.allCases.filter { matches.first?.aspects[$0] != nil }
  }

  /// The candidates in CLIP's order.
  var ranking: Ranking { Ranking(scores) }
  /// The candidate that CLIP likes best.
  var choice: Int { ranking.order[0] }
  /// The candidate that CLIP likes best among the first n.
  func choice(ofFirst n: Int) -> Int { Ranking(Array(scores.prefix(n))).order[0] }
  /// The right candidate that CLIP likes best, if there is a right one.
  var bestRight: Int? { ranking.order.first { isRight[$0] } }
  /// What is wrong with a candidate, in words.
  func complaint(_ candidate: Int) -> String {
    if isRight[candidate] { return "right" }
    // Every aspect may be present but belong to the wrong thing.
    return wrong[candidate].isEmpty
      ? "wrong" : "wrong: " + wrong[candidate].map(\.rawValue).joined(separator: ", ")
  }

  /// The chance that the best of n is right, over all ways to draw n of the candidates.
  func right(bestOf n: Int) -> Double {
    ranking.expected(isRight.map { $0 ? 1 : 0 }, bestOf: n)
  }

  /// The chance that there is a right one among n.
  func oracle(of n: Int) -> Double {
    Ranking.chanceOfAny(
      right: isRight.count(where: { $0 }), among: isRight.count, drawn: n)
  }

  /// The chance that an aspect of the best of n is right; nil if nothing is said about it.
  func right(_ aspect: Aspect, bestOf n: Int) -> Double? {
    if !spoken.contains(aspect) { return nil }
    return ranking.expected(wrong.map { $0.contains(aspect) ? 0 : 1 }, bestOf: n)
  }
}

extension [JudgedCaption] {
  /// A mean over captions with its standard error; captions without a value do not count.
  func mean(_ value: (JudgedCaption) -> Double?) -> Estimate {
    Tally(compactMap(value)).estimate ?? Estimate(value: .nan, standardError: .nan, count: 0)
  }

  /// How many candidates each caption has.
  package var candidates: Int { first?.scores.count ?? 0 }
  /// The share of captions whose best of n is right.
  package func right(bestOf n: Int) -> Estimate { mean { $0.right(bestOf: n) } }
  /// The share of captions with a right one among n.
  package func oracle(of n: Int) -> Estimate { mean { $0.oracle(of: n) } }
}

extension Estimate {
  /// "12.5", in per cent.
  package var percent: String { Chapter5.percent(value) }
  /// Its standard error, in per cent.
  package var errorPercent: String { Chapter5.percent(standardError) }
}
