// How often a model draws what captions of the emoji world say.

import EmojiWorld
import Evaluation
import Images
import TensorCore

/// Measures a model by what a judge reads on its pictures.
///
///     let report = try EmojiEvaluation(
///       world.scenes, EmojiJudge(world), drawnBy: world, captions: 64, candidates: 8
///     ).run(
///       candidates: { caption, seed, count in … },    // [count, 3, H, W] in 0 … 1
///       scores: { pictures, caption in … })           // one for each picture
///     print(report)
public struct EmojiEvaluation {
  /// Draws `count` candidates for a caption, [count, 3, H, W] in 0 … 1.
  public typealias Candidates = (_ caption: String, _ seed: UInt64, _ count: Int) throws -> Tensor
  /// Scores pictures [n, 3, H, W] by how well they match a caption, higher for better matches.
  public typealias Scores = (_ pictures: Tensor, _ caption: String) throws -> [Float]

  private let scenes: EmojiScenes
  private let judge: any EmojiReader
  private let world: EmojiWorld?
  private let splits: [EmojiSplit]
  private let captions, candidates: Int
  private let seed: UInt64

  /// An evaluation on so many captions of each split, with so many candidates for each. With a `world`
  /// its own pictures of the captions are judged, too.
  public init(
    _ scenes: EmojiScenes, _ judge: any EmojiReader, drawnBy world: EmojiWorld? = nil,
    splits: [EmojiSplit] = EmojiSplit.allCases.filter { $0 != .train },
    captions: Int, candidates: Int, seed: UInt64 = 1
  ) {
    precondition(
      !splits.isEmpty && captions > 0 && candidates > 0,
      "1 or more splits, captions and candidates, got \(splits), \(captions) and \(candidates)")
    (self.scenes, self.judge, self.world, self.splits) = (scenes, judge, world, splits)
    (self.captions, self.candidates, self.seed) = (captions, candidates, seed)
  }

  /// Draws, chooses and judges caption by caption; `progress` gets the number of captions done.
  ///
  /// Throws what the closures throw, and an `EvaluationError` if their results are not finite.
  public func run(
    candidates draw: Candidates, scores: Scores, progress: (Int) -> Void = { _ in }
  ) throws -> EmojiReport {
    var report = EmojiReport(
      things: scenes.things.count, captions: captions, candidates: candidates, seed: seed)
    for (number, split) in splits.enumerated() {
      var part = EmojiReport.Part(split)
      for index in 0..<captions {
        let sample = scenes.sample(split, seed: seed, index: index)
        var random = Random(seed: seed).split("evaluation/\(split.rawValue)").split(index)
        let drawn = try draw(sample.caption, random.next(), candidates)
        try drawn.checkFinite("the candidates for “\(sample.caption)”")
        let values = try scores(drawn, sample.caption)
        try Tensor(values).checkFinite("the scores for “\(sample.caption)”")
        let pictures = Image.pictures(of: drawn)
        precondition(
          values.count == pictures.count, "\(pictures.count) pictures got \(values.count) scores")
        let real = world.map { judge.read([$0.render(sample.scene, sample.layout)])[0] }
        part.add(judge.read(pictures), Ranking(values), real, sample.scene)
        progress(number * captions + index + 1)
      }
      report.parts.append(part)
    }
    return report
  }
}
