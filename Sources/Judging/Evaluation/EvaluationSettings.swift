// How much is measured.

import StickerWorld

/// How much an `Evaluator` measures.
public struct EvaluationSettings: Codable, Equatable, Sendable {
  /// The parts of the data set whose captions are drawn.
  public let splits: [StickerWorld.Split]
  /// Captions of each split.
  public let captionsPerSplit: Int
  /// N, the candidates for each caption.
  public let candidates: Int
  /// The n, up to N, for which the best of n is measured.
  public let bestOf: [Int]
  /// Decides captions, real pictures and the seeds of candidates.
  public let seed: UInt64
  /// Over how many runs of pictures the Inception Score is averaged.
  public let inceptionSplits: Int

  private enum CodingKeys: String, CodingKey {
    case splits, candidates, seed
    case captionsPerSplit = "captions_per_split"
    case bestOf = "best_of"
    case inceptionSplits = "inception_splits"
  }

  /// Settings; the defaults are those of the book's figures. An n above N is left out of
  /// `bestOf`, and N itself always belongs to it.
  public init(
    splits: [StickerWorld.Split] = [
      .validation, .unseenColours, .unseenPairs, .unseenAccessories,
    ],
    captionsPerSplit: Int = 512, candidates: Int = 32, bestOf: [Int] = [1, 8, 32],
    seed: UInt64 = 1, inceptionSplits: Int = 1
  ) {
    precondition(
      !splits.isEmpty && Set(splits).count == splits.count,
      "an evaluation is of different splits, got \(splits)")
    precondition(
      captionsPerSplit > 0 && candidates > 0 && inceptionSplits > 0,
      "captions, candidates and splits of the Inception Score are 1 or more, got "
        + "\(captionsPerSplit), \(candidates) and \(inceptionSplits)")
    precondition(bestOf.allSatisfy { $0 > 0 }, "a best of n has n of 1 or more, got \(bestOf)")
    self.splits = splits
    self.captionsPerSplit = captionsPerSplit
    self.candidates = candidates
    self.bestOf = Set(bestOf + [candidates]).filter { $0 <= candidates }.sorted()
    self.seed = seed
    self.inceptionSplits = inceptionSplits
  }
}

extension StickerWorld.Split {
  /// Whether training never sees what this split is about.
  var isHeldOut: Bool {
    switch self {
    case .train, .validation: false
    case .unseenColours, .unseenPairs, .unseenAccessories: true
    }
  }
}
