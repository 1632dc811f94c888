// Seven ways to say how good a set of pictures is, none of which knows the truth, and the truth.

import CLIP
import ClassifierTraining
import Evaluation
import StickerJudge
import StickerWorld
import TensorCore

/// A way to measure a set of pictures.
enum Yardstick: String, CaseIterable, Codable {
  case frechet = "Fréchet distance"
  case kernel = "kernel distance"
  case cmmd = "CMMD"
  case slicedWasserstein = "sliced Wasserstein"
  case inception = "Inception Score"
  case clipScore = "CLIP score"
  case reranker = "reranker's score"
  case right = "% right"

  /// Its place among all, and in what an audit measures of a model.
  var place: Int { Self.allCases.firstIndex(of: self)! }

  /// A name for the head of a column.
  var short: String {
    switch self {
    case .frechet: "Fréchet"
    case .kernel: "kernel"
    case .cmmd: "CMMD"
    case .slicedWasserstein: "SWD"
    case .inception: "IS"
    case .clipScore: "CLIP"
    case .reranker: "reranker"
    case .right: "% right"
    }
  }

  /// Whether a smaller number stands for better pictures.
  var isDistance: Bool { [.frechet, .kernel, .cmmd, .slicedWasserstein].contains(self) }

  /// The seven that do not know what is right.
  static let blind = allCases.filter { $0 != .right }

  /// The measure of some pictures, held against real ones; the sliced Wasserstein distance takes as
  /// many of these, at random.
  func callAsFunction(
    _ set: Described, against real: Described, using random: inout Random
  ) throws -> Double {
    switch self {
    case .frechet:
      try frechetDistance(FeatureStatistics(set.features), FeatureStatistics(real.features))
    case .kernel: try kernelDistance(set.features, real.features)
    case .cmmd: try clipDistance(set.embeddings, real.embeddings)
    case .slicedWasserstein:
      {
        var numbers = Array(0..<real.matches.count)
        if set.matches.count < numbers.count { random.shuffle(&numbers) }
        let some = real.chosen(Array(numbers.prefix(set.matches.count))).pictures
        return patchDistance(set.pictures, some, patches: 8, using: &random)
      }()
    case .inception: try InceptionScore(set.things).mean
    case .clipScore: Double(set.clipScores.mean().item)
    case .reranker: Double(set.rerankerScores.mean().item)
    case .right: 100 * set.truth.value
    }
  }
}

/// A picture for each of n captions, and what networks say of them.
struct Described {
  /// [n, 3, 64, 64]
  let pictures: Tensor
  /// Chapter 1's features, [n, D]
  let features: Tensor
  /// Its probabilities of things, [n, 14]
  let things: Tensor
  /// Chapter 2's embeddings, [n, E]
  let embeddings: Tensor
  /// Their cosines with the captions, [n]
  let clipScores: Tensor
  /// The reranker's cosines, [n]
  let rerankerScores: Tensor
  /// What the judge says.
  let matches: [CaptionMatch]

  init(
    _ pictures: Tensor, _ captions: [String], _ scenes: [Scene], _ networks: Networks
  ) throws {
    self.pictures = pictures
    (features, things) = networks.studio.classifier.describe(pictures)
    embeddings = networks.clip.embed(pictures)
    func cosines(_ matcher: CaptionMatcher, _ images: Tensor) throws -> Tensor {
      (images * (try matcher.embed(captions, truncate: true))).sum(axis: 1)  // [n]
    }
    clipScores = try cosines(networks.clip, embeddings)
    let reranker = networks.studio.dalle.matcher
    rerankerScores = try cosines(reranker, reranker.embed(pictures))
    matches = try networks.studio.judge.matches(pictures, scenes)
  }

  /// Some of the pictures, in any order and more than once.
  func chosen(_ numbers: [Int]) -> Described { Described(self, numbers) }

  private init(_ all: Described, _ numbers: [Int]) {
    let ids = IndexTensor(numbers.map { Int32($0) })
    func rows(_ x: Tensor) -> Tensor {
      let flat = x.reshaped(x.shape[0], -1)  // [n, …]
      return embedding(flat, ids).reshaped([numbers.count] + x.shape.dropFirst())
    }
    (pictures, features, things) = (rows(all.pictures), rows(all.features), rows(all.things))
    (embeddings, clipScores) = (rows(all.embeddings), rows(all.clipScores))
    rerankerScores = rows(all.rerankerScores)
    matches = numbers.map { all.matches[$0] }
  }

  /// The share of right pictures, 0 … 1: the truth, as far as the judge knows it.
  var truth: Estimate {
    Estimate(right: matches.count(where: \.isRight), of: matches.count)
  }
}
