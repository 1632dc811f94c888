// The long measurement: many validation captions with 32 candidates each.

import DALLE
import Evaluation
import StickerWorld
import TensorCore
import TextToImage

/// The results for the candidates of many captions.
struct Sweep: Codable {
  /// 1, 2, 4, …
  let bestOf: [Int]
  /// What CLIP and the judge say about each caption's candidates.
  private(set) var captions: [JudgedCaption] = []
  /// For each n, how the best of the first n look.
  private(set) var chosen: [Looks] = []
  /// The same for as many real pictures.
  private(set) var real = Looks()
  /// The first six captions for which CLIP chose a wrong one although there was a right one.
  private(set) var fooled: [Fooled] = []

  /// How pictures look to chapter 1's classifier.
  struct Looks: Codable {
    var frechet = 0.0
    var inception = 0.0
  }

  /// What was chosen, and what should have been.
  struct Fooled: Codable {
    let caption, complaint: String
    /// N codes each.
    let chosen, right: [Int32]
  }

  /// Draws as the paper does, at temperature 1 without filters or guidance, and measures.
  init(_ studio: Studio, seed: UInt64, progress: (String) -> Void) throws {
    let n = Chapter5.Effort.candidates
    bestOf = Array(sequence(first: 1) { 2 * $0 <= n ? 2 * $0 : nil })
    var best = bestOf.map { _ in [Tensor]() }  // each [C, H, W]
    for i in 0..<Chapter5.Effort.captions {
      let (drawn, judged) = try studio.draw(
        .validation, i, count: n, seed: seed, SamplingOptions())
      captions.append(judged)
      for (k, n) in bestOf.enumerated() {
        best[k].append(drawn.pictures.at(judged.choice(ofFirst: n), axis: 0))
      }
      note(drawn, judged)
      if (i + 1) % 16 == 0 { progress("\(i + 1) of \(Chapter5.Effort.captions) captions") }
    }
    try look(best, studio, seed: seed)
  }

  /// Remembers a caption for which CLIP was fooled.
  private mutating func note(_ drawn: Candidates, _ judged: JudgedCaption) {
    guard fooled.count < 6, let right = judged.bestRight, right != judged.choice else { return }
    fooled.append(
      Fooled(
        caption: judged.caption, complaint: judged.complaint(judged.choice),
        chosen: drawn.codes(of: judged.choice), right: drawn.codes(of: right)))
  }

  /// Looks at the chosen pictures with chapter 1's classifier.
  private mutating func look(_ best: [[Tensor]], _ studio: Studio, seed: UInt64) throws {
    let (reference, _, _) = studio.real(
      .validation, 1000..<1000 + Chapter5.Effort.real, seed: seed)
    let statistics = try FeatureStatistics(studio.classifier.describe(reference).features)
    func looks(_ pictures: Tensor) throws -> Looks {
      let (features, things) = studio.classifier.describe(pictures)
      return Looks(
        frechet: try frechetDistance(FeatureStatistics(features), statistics),
        inception: try InceptionScore(things).mean)
    }
    let (real, _, _) = studio.real(.validation, 0..<captions.count, seed: seed)
    self.real = try looks(real)
    chosen = try best.map { try looks(stack($0, axis: 0)) }
  }
}
