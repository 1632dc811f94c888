// The size of an evaluation.

import StickerWorld

/// The data, the numbers of captions and candidates, and the seed of an evaluation.
public struct EvaluationSettings: Codable, Equatable, Sendable {
  /// The splits of the data set whose captions are drawn.
  public let splits: [StickerWorld.Split]
  /// The number of captions of each split.
  public let captionsPerSplit: Int
  /// N, the number of candidates for each caption.
  public let candidates: Int
  /// The values of n, up to N, for which the best of n is measured, in ascending order.
  public let bestOf: [Int]
  /// The random seed of captions, real pictures and candidates.
  public let seed: UInt64
  /// The number of consecutive parts of the pictures over which the Inception Score is averaged.
  public let inceptionSplits: Int

  private enum CodingKeys: String, CodingKey {
    case splits, candidates, seed
    case captionsPerSplit = "captions_per_split"
    case bestOf = "best_of"
    case inceptionSplits = "inception_splits"
  }

  /// Settings; the defaults are those of the book's figures. From `bestOf` values
  /// above N are dropped, and N itself is added.
  public init(
    splits: [StickerWorld.Split] = [
      .validation, .unseenColours, .unseenPairs, .unseenAccessories,
    ],
    captionsPerSplit: Int = 512, candidates: Int = 32, bestOf: [Int] = [1, 8, 32],
    seed: UInt64 = 1, inceptionSplits: Int = 1
  ) {
    precondition(
      !splits.isEmpty && Set(splits).count == splits.count,
      "an evaluation needs 1 or more different splits, got \(splits)")
    precondition(
      captionsPerSplit > 0 && candidates > 0 && inceptionSplits > 0,
      "captions, candidates and splits of the Inception Score are 1 or more, got "
        + "\(captionsPerSplit), \(candidates) and \(inceptionSplits)")
    precondition(bestOf.allSatisfy { $0 > 0 }, "each n of a best of n is 1 or more, got \(bestOf)")
    self.splits = splits
    self.captionsPerSplit = captionsPerSplit
    self.candidates = candidates
    self.bestOf = Set(bestOf + [candidates]).filter { $0 <= candidates }.sorted()
    self.seed = seed
    self.inceptionSplits = inceptionSplits
  }
}

extension StickerWorld.Split {
  /// Whether training never sees the combinations of this split.
  var isHeldOut: Bool {
    switch self {
    case .train, .validation: false
    case .unseenColours, .unseenPairs, .unseenAccessories: true
    }
  }
}
