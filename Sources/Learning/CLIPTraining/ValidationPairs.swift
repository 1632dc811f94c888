// The loss of a CLIP on pairs that it does not learn from.

import CLIP
import TensorCore

/// Batches of the validation split, always the same ones, with captions that are nearly right.
struct ValidationPairs {
  private let batches: [StickerBatch]

  /// `count` batches of `size` pictures each. A loss depends on the size, since more captions are
  /// more wrong answers.
  init(count: Int = 8, size: Int = 64) {
    var random = Random(seed: 3)
    batches = (0..<count).map { _ in StickerBatch(.validation, count: size, using: &random) }
  }

  /// The mean contrastive loss over the batches, in nats, without changing the model.
  func loss(of matcher: CaptionMatcher) throws -> Float {
    try withoutGradient {
      let losses = try batches.map { batch in
        let logits = similarityLogits(
          matcher.clip.embed(images: CLIP.normalised(batch.pictures)),
          matcher.clip.embed(captions: try matcher.ids(batch.captions, truncate: true)),
          logitScale: matcher.clip.logitScale)  // [n, m]
        return contrastiveLoss(logits, pairs: batch.pictures.shape[0], excluding: batch.isExcluded)
          .item
      }
      return losses.reduce(0, +) / Float(losses.count)
    }
  }
}
