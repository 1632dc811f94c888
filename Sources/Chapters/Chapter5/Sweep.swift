// The long measurement: many validation captions with 32 candidates each.

import CLIPTraining
import DALLE
import Evaluation
import Images
import StickerJudge
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
  /// The same for as many real pictures, and for these through the dVAE.
  private(set) var real = Looks()
  private(set) var reconstructed = Looks()
  /// Five votes for each task: 1 for the best of all candidates, 0 for the first one.
  private(set) var votes: [[Int]] = []
  /// The first six captions for which CLIP chose a wrong one although there was a right one.
  private(set) var fooled: [Fooled] = []
  /// Right drawings that CLIP finds nearer to their caption than to a wrong one, by the kind of
  /// mistake, and how many there were.
  private(set) var toldApart: [String: [Int]] = [:]

  /// How pictures look to chapter 1's classifier.
  struct Looks: Codable {
    var frechet = 0.0
    var kernel = 0.0
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
    let voters = Voters(studio.judge, seed: seed)
    for i in 0..<Chapter5.Effort.captions {
      let (drawn, judged, scene) = try studio.draw(
        .validation, i, count: n, seed: seed, SamplingOptions())
      captions.append(judged)
      for (k, n) in bestOf.enumerated() {
        best[k].append(drawn.pictures.at(judged.choice(ofFirst: n), axis: 0))
      }
      if judged.choice != 0 {
        let two = [0, judged.choice].map { drawn.pictures.at($0, axis: 0) }
        votes.append(voters.vote(stack(two, axis: 0), scene, task: i))
      }
      note(drawn, judged)
      try compare(drawn, judged, scene, studio, seed: seed)
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

  /// Compares the right drawings of pairs with captions that have one mistake.
  private mutating func compare(
    _ drawn: Candidates, _ judged: JudgedCaption, _ scene: Scene, _ studio: Studio, seed: UInt64
  ) throws {
    let right = judged.isRight.indices.filter { judged.isRight[$0] }
    guard scene.stickers.count == 2, !right.isEmpty else { return }
    let pictures = stack(right.map { drawn.pictures.at($0, axis: 0) }, axis: 0)  // [r, C, H, W]
    for mistake in Chapter5.mistakes {
      guard
        let nearer = try studio.nearer(pictures, judged.caption, scene, mistake, seed: seed)
      else { continue }
      let counts = toldApart[mistake.rawValue] ?? [0, 0]
      toldApart[mistake.rawValue] = [counts[0] + nearer, counts[1] + right.count]
    }
  }

  /// Looks at the chosen pictures with chapter 1's classifier.
  private mutating func look(_ best: [[Tensor]], _ studio: Studio, seed: UInt64) throws {
    let (reference, _, _) = studio.real(
      .validation, 1000..<1000 + Chapter5.Effort.real, seed: seed)
    let others = studio.classifier.describe(reference).features  // [n, D]
    let statistics = try FeatureStatistics(others)
    func looks(_ pictures: Tensor) throws -> Looks {
      let (features, things) = studio.classifier.describe(pictures)
      return Looks(
        frechet: try frechetDistance(FeatureStatistics(features), statistics),
        kernel: try kernelDistance(features, others),
        inception: try InceptionScore(things).mean)
    }
    let (real, _, _) = studio.real(.validation, 0..<captions.count, seed: seed)
    self.real = try looks(real)
    reconstructed = try looks(studio.reconstructed(real))
    chosen = try best.map { try looks(stack($0, axis: 0)) }
  }
}

/// Five judges: one network that sees each picture through five pairs of glasses, each a little
/// shifted, blurred and noisy.
struct Voters {
  private let judge: JudgeNet
  private let seed: UInt64

  init(_ judge: JudgeNet, seed: UInt64) { (self.judge, self.seed) = (judge, seed) }

  /// Five votes on which of two pictures [2, C, H, W] better shows a scene.
  func vote(_ pictures: Tensor, _ scene: Scene, task: Int) -> [Int] {
    (0..<5).map { voter in
      var random = Random(seed: seed).split("voter").split(voter).split(task)
      let blurred = gaussianBlur(pictures, radius: 0.3 + 0.2 * Double(voter))
      let noise = Tensor.normal(pictures.shape, &random) * 0.04
      let seen = (blurred + noise).clamped(0, 1)  // [2, C, H, W]
      let scores = judge.judge(Image.pictures(of: seen)).map { $0.score(scene) }
      return scores[1] > scores[0] ? 1 : 0
    }
  }
}
