// Batches of sticker pictures, their captions, and captions that are nearly right.

import Images
import StickerWorld
import TensorCore

/// Sticker pictures with their captions and hard negatives.
public struct StickerBatch {
  /// The pictures [n, 3, size, size] in 0 … 1
  public let pictures: Tensor
  /// n captions, followed by hard negatives.
  public let captions: [String]
  /// The captions that may be true of another's picture, [n + k, m]: rows for the n pictures, then
  /// for the k drawings.
  public let isExcluded: Mask
  /// The scene that each picture shows.
  public let scenes: [Scene]

  /// Draws `count` scenes of a split, with up to three hard negatives each if desired: captions of
  /// scenes in the train split, so that nothing held out is learnt as a wrong answer. Some
  /// captions leave things out, see `Detail`. With `prefersPairs` each scene is chosen from two, a
  /// pair if there is one. The last k scenes are those of the drawings, `drawn`; their captions say
  /// everything.
  public init(
    _ split: StickerWorld.Split, count: Int, size: Int = 64, hardNegatives: Bool = true,
    prefersPairs: Bool = false, drawn: [Scene] = [], using random: inout Random
  ) {
    precondition(drawn.count <= count, "\(drawn.count) of \(count) scenes cannot be drawn ones")
    let fresh = count - drawn.count
    var samples = (0..<fresh).map { _ in
      let choice = (0..<(prefersPairs ? 2 : 1)).map { _ in
        StickerWorld.sample(split, using: &random)
      }
      let sample = choice.first { $0.scene.stickers.count == 2 } ?? choice[0]
      return (scene: sample.scene, layout: sample.layout)
    }
    samples += drawn.map { (scene: $0, layout: Layout(for: $0, using: &random)) }
    let details = samples.indices.map {
      $0 < fresh ? Detail.random(for: samples[$0].scene, using: &random) : .everything
    }
    var texts = zip(samples, details).map { $1.caption(of: $0.scene, using: &random) }
    for (sample, detail) in zip(samples, details) where hardNegatives {
      for scene in HardNegative.some(for: sample.scene, detail, using: &random) {
        texts.append(detail.caption(of: scene, using: &random))
      }
    }
    let shown = samples.map { Facts(shownBy: $0.scene, $0.layout) }
    // Of a drawing we know at most what its caption says; it may show more.
    let facts =
      Array(zip(0..<count, shown)) + Array(zip(fresh..<count, drawn.map(Facts.init(saidBy:))))
    isExcluded = Mask(
      shape: [count + drawn.count, texts.count],
      facts.flatMap { i, facts in
        texts.enumerated().map { j, text in i != j && facts.agrees(with: text.facts) ? 1 : 0 }
      })
    captions = texts.map(\.caption)
    scenes = samples.map(\.scene)
    pictures = Tensor(
      StickerWorld.render(samples.map { ($0.scene, $0.layout) }, size: size))
  }
}
