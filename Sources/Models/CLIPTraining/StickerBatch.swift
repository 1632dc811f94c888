// Batches of sticker pictures, captions, and captions that are nearly right.

import Images
import Kernels
import StickerWorld
import TensorCore

/// Sticker pictures with their captions and hard negatives.
public struct StickerBatch {
  /// [n, 3, size, size], 0 … 1
  public let pictures: Tensor
  /// n captions, and behind them hard negatives.
  public let captions: [String]
  /// [n, m]: captions that may be true of a picture whose own they are not.
  public let isExcluded: Mask
  /// What each picture shows.
  public let scenes: [Scene]

  /// Draws `count` scenes of a split, with two or three hard negatives each if wanted. Some
  /// captions do not say all, see `Detail`. With `prefersPairs` each is chosen from two, a pair if
  /// there is one.
  public init(
    _ split: StickerWorld.Split, count: Int, size: Int = 64, hardNegatives: Bool = true,
    prefersPairs: Bool = false, using random: inout Random
  ) {
    let samples = (0..<count).map { _ in
      let choice = (0..<(prefersPairs ? 2 : 1)).map { _ in
        StickerWorld.sample(split, using: &random)
      }
      return choice.first { $0.scene.stickers.count == 2 } ?? choice[0]
    }
    let details = samples.map { Detail.random(for: $0.scene, using: &random) }
    var texts = zip(samples, details).map { $1.caption(of: $0.scene, using: &random) }
    for (sample, detail) in zip(samples, details) where hardNegatives {
      for scene in HardNegative.some(for: sample.scene, detail, using: &random) {
        texts.append(detail.caption(of: scene, using: &random))
      }
    }
    let shown = samples.map { Facts(shownBy: $0.scene, $0.layout) }
    isExcluded = Mask(
      shape: [count, texts.count],
      shown.enumerated().flatMap { i, facts in
        texts.enumerated().map { j, text in i != j && facts.agrees(with: text.facts) ? 1 : 0 }
      })
    captions = texts.map(\.caption)
    scenes = samples.map(\.scene)
    pictures = Tensor(
      StickerWorld.render(samples.map { ($0.scene, $0.layout) }, size: size))
  }
}
