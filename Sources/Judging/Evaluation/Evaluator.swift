// One pass over captions that measures everything, for any model that draws pictures.

import Images
import StickerJudge
import StickerWorld
import TensorCore
import VisionTransformer

/// Measures how well a model draws what captions say.
///
///     let evaluator = Evaluator(
///       EvaluationSettings(captionsPerSplit: 512), judge: try JudgeNet(Pretrained.judge()))
///     let report = try evaluator.run(
///       candidates: { caption, seed, count in … },    // [count, 3, 64, 64]
///       scores: { pictures, caption in … })           // one for each picture
///     print(report)
public struct Evaluator {
  /// Draws `count` candidates for a caption, [count, 3, 64, 64] in 0 … 1. The same caption and seed
  /// must give the same pictures.
  public typealias Candidates = (_ caption: String, _ seed: UInt64, _ count: Int) throws -> Tensor
  /// Pictures [n, 3, 64, 64] → n scores of how well they match a caption, higher for better
  /// matches.
  public typealias Scores = (_ pictures: Tensor, _ caption: String) throws -> [Float]
  /// Pictures [n, 3, 64, 64] → their reconstructions [n, 3, 64, 64] by the dVAE.
  public typealias Reconstruction = (_ pictures: Tensor) throws -> Tensor
  /// Another model's picture for a caption, [1, 3, 64, 64] in 0 … 1.
  public typealias Rival = (_ caption: String, _ seed: UInt64) throws -> Tensor

  /// The state of a run after a caption.
  public struct Progress: Sendable {
    /// The split of the last caption.
    public let split: StickerWorld.Split
    /// The number of captions done, over all splits.
    public let done: Int
    /// The number of all captions.
    public let total: Int
    /// The caption just measured.
    public let caption: String
    /// The candidate with the best score, and the judge's verdict on it.
    public let choice: (candidate: Int, match: CaptionMatch)
    /// The number of right candidates, of N.
    public let rightCandidates: Int
    /// The share of right choices so far in this split.
    public let captionMatch: Estimate
  }

  private let settings: EvaluationSettings
  private let judge: JudgeNet
  private let classifier: AttributeClassifier?
  private let panel: Panel?

  /// An evaluation by a judge; with a classifier also of the distance to real pictures, with a panel
  /// also a vote between a model and its rival.
  public init(
    _ settings: EvaluationSettings, judge: JudgeNet, classifier: AttributeClassifier? = nil,
    panel: Panel? = nil
  ) {
    (self.settings, self.judge) = (settings, judge)
    (self.classifier, self.panel) = (classifier, panel)
  }

  /// Measures caption by caption. Each caption has one real picture, for the judge's own accuracy
  /// and for the Fréchet distance; with `reconstruct` the dVAE's reconstruction of it is judged
  /// too, with a `rival` another model's picture, which the panel compares with the best candidate.
  ///
  /// - Parameter progress: Called after each caption.
  /// - Throws: What the closures throw, and an `EvaluationError` if their results are not finite or
  ///   there are too few captions for a measure.
  public func run(
    candidates: Candidates, scores: Scores, reconstruct: Reconstruction? = nil,
    rival: Rival? = nil, progress: (Progress) -> Void = { _ in }
  ) throws -> EvaluationReport {
    // Checked now rather than after hours of drawing.
    let needed = classifier == nil ? 1 : max(2, settings.inceptionSplits)
    guard settings.captionsPerSplit >= needed else {
      throw EvaluationError.tooFewPictures(
        measure: "the evaluation of a split", pictures: settings.captionsPerSplit, needed: needed)
    }
    var report = EvaluationReport(settings)
    var heldOut = PartTally(settings)
    for (number, split) in settings.splits.enumerated() {
      var tally = PartTally(settings)
      for i in 0..<settings.captionsPerSplit {
        let figures = try measure(split, i, candidates, scores, reconstruct, rival)
        try tally.add(figures)
        progress(
          Progress(
            split: split, done: number * settings.captionsPerSplit + i + 1,
            total: settings.splits.count * settings.captionsPerSplit, caption: figures.caption,
            choice: figures.choice, rightCandidates: figures.right,
            captionMatch: Estimate(right: tally.rightChoices, of: tally.captions)))
      }
      try tally.write(to: &report, as: split.name)
      if split.isHeldOut { heldOut.add(tally) }
    }
    if heldOut.captions > 0 { try heldOut.write(to: &report, as: EvaluationReport.heldOut) }
    return report
  }

  /// Measures everything about caption number `index` of a split.
  private func measure(
    _ split: StickerWorld.Split, _ index: Int, _ candidates: Candidates, _ scores: Scores,
    _ reconstruct: Reconstruction?, _ rival: Rival?
  ) throws -> CaptionFigures {
    let n = settings.candidates
    let (scene, layout, caption) = StickerWorld.sample(split, seed: settings.seed, index: index)
    var random = Random(seed: settings.seed).split("evaluation/\(split.name)").split(index)
    let seed = random.next()
    let drawn = try candidates(caption, seed, n)
      .expect(n, 3, JudgeNet.size, JudgeNet.size, name: "candidates for “\(caption)”")
    try drawn.checkFinite("the candidates for “\(caption)”")
    let singles = try singlePictures(scene, layout, caption, seed, reconstruct, rival)
    let pictures = concatenate([drawn] + singles.map { $0.picture }, axis: 0)
    let matches = try judge.matches(
      pictures, [Scene](repeating: scene, count: pictures.shape[0]))
    let values = try scores(pictures, caption)
    precondition(
      values.count == pictures.shape[0], "\(pictures.shape[0]) pictures got \(values.count) scores")
    try Tensor(values).checkFinite("the scores for “\(caption)”")

    var figures = CaptionFigures(
      caption, candidates: Array(matches[..<n]), Array(values[..<n]), settings.bestOf)
    for (i, single) in singles.enumerated() {
      figures.add(single.way, matches[n + i], values[n + i])
    }
    if let panel, let theirs = singles.first(where: { $0.way == .rival })?.picture {
      let best = drawn.sliced(
        axis: 0, figures.choice.candidate..<figures.choice.candidate + 1)  // [1, 3, 64, 64]
      let votes = panel.votes(best, theirs, [scene])
      figures.votes = (votes.realism[0], votes.match[0])
    }
    if let classifier {
      // One picture for each best of n: the best of the first n.
      var shown = settings.bestOf.map { (Way.bestOf($0), Ranking(Array(values[..<$0])).order[0]) }
      shown += singles.enumerated().map { ($1.way, n + $0) }
      let chosen = shown.map { pictures.at($0.1, axis: 0) }
      let (features, things) = classifier.describe(stack(chosen, axis: 0))  // [k, D], [k, 14]
      for (row, (way, _)) in shown.enumerated() {
        figures.described[way] = (
          features: features.sliced(axis: 0, row..<row + 1),
          things: things.sliced(axis: 0, row..<row + 1)
        )
      }
    }
    return figures
  }

  /// The ways that yield a single picture for a caption, [1, 3, 64, 64] each.
  private func singlePictures(
    _ scene: Scene, _ layout: Layout, _ caption: String, _ seed: UInt64,
    _ reconstruct: Reconstruction?, _ rival: Rival?
  ) throws -> [(way: Way, picture: Tensor)] {
    let size = JudgeNet.size
    let real = Tensor([scene.render(layout, size: size)])
    var singles: [(way: Way, picture: Tensor)] = [(.real, real)]
    if let reconstruct {
      let again = try reconstruct(real).expect(1, 3, size, size, name: "a reconstruction")
      singles.append((.reconstructions, again))
    }
    if let rival {
      let theirs = try rival(caption, seed).expect(1, 3, size, size, name: "the rival's picture")
      try theirs.checkFinite("the rival's picture for “\(caption)”")
      singles.append((.rival, theirs))
    }
    return singles
  }
}
