// How often the finished model is right, and how well its captioner tells captions apart.

import Checkpoints
import DALLE
import DiscreteVAE
import EmojiJudge
import EmojiWorld
import Evaluation
import Pretrained
import TensorCore
import TextToImage

/// What is measured of the bundled models where there is a font.
struct Score: Codable {
  /// The exact judge's report on drawings.
  let report: EmojiReport
  /// How often the captioner prefers the right picture for a caption to one that is wrong in one respect.
  let choices: [Choice]

  /// Captions of each split, and drawings for each.
  static let (captions, candidates) = (128, 8)

  /// Pictures that are wrong in one way.
  struct Choice: Codable {
    let mistake: String
    let right, count: Int

    /// The share in which the right picture was preferred, 0 … 1.
    var share: Double { Double(right) / Double(count) }
    /// Its standard error.
    var error: Double { (share * (1 - share) / Double(count)).squareRoot() }
  }

  /// Draws, judges and compares. Throws an `EmojiFontError` without a font.
  init(seed: UInt64) throws {
    let (world, dalle) = (try EmojiWorld(things: Pretrained.emojiThings), try Pretrained.emoji())
    report = try EmojiEvaluation(
      world.scenes, EmojiJudge(world), drawnBy: world, captions: Self.captions,
      candidates: Self.candidates, seed: seed
    ).run(
      candidates: { try dalle.draw($0, count: $2, seed: $1, .varied).pictures },
      scores: { try dalle.scores($0, $1) })
    choices = try Choice.all(world, dalle, seed: seed)
  }

  /// The things by name, with how often they were asked for and drawn, those that fail most first.
  var things: [(name: String, asked: Int, right: Int)] {
    var all: [String: [Int]] = [:]
    for part in report.parts { all.merge(part.things) { [$0[0] + $1[0], $0[1] + $1[1]] } }
    return all.map { (name: $0.key, asked: $0.value[0], right: $0.value[1]) }.sorted {
      (Double($0.right) / Double($0.asked), $0.name) < (
        Double($1.right) / Double($1.asked), $1.name
      )
    }
  }
}

extension Score.Choice {
  /// Of captions of the validation split, for each kind of mistake.
  static func all(_ world: EmojiWorld, _ dalle: TextToImage, seed: UInt64) throws -> [Self] {
    var counts = EmojiMistake.allCases.map { ($0, right: 0, count: 0) }
    for index in 0..<512 {
      let sample = world.sample(.validation, seed: seed, index: index)
      let picture = Tensor([world.render(sample.scene, sample.layout)])  // [1, 3, H, W]
      var random = Random(seed: seed).split("mistakes").split(index)
      for i in counts.indices {
        guard
          let wrong = counts[i].0.corrupt(sample.scene, things: world.things, using: &random)
        else { continue }
        let layout = EmojiLayout(for: wrong, using: &random)
        // What is wrong in one way may be right in another picture.
        if EmojiContent(wrong, layout).shows(sample.scene).isRight { continue }
        let other = Tensor([world.render(wrong, layout)])  // [1, 3, H, W]
        let scores = try [picture, other].map { try dalle.scores($0, sample.caption)[0] }
        counts[i].count += 1
        counts[i].right += scores[0] > scores[1] ? 1 : 0
      }
    }
    return counts.map { Self(mistake: $0.0.rawValue, right: $0.right, count: $0.count) }
  }
}
