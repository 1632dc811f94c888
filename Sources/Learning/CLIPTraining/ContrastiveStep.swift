// One step of contrastive learning, on one process or several.

import CLIP
import Collectives
import NeuralNetwork
import TensorCore

extension CLIP {
  /// The contrastive loss of a batch and its gradients, which are added to those of the parameters.
  ///
  /// The loss compares all pictures with all captions. So each of n ranks embeds its share, all
  /// receive all embeddings, and each computes the whole loss, and from it the gradients of its own
  /// embeddings. These are multiplied by n, since a step takes the mean over the ranks.
  ///
  /// - Parameters:
  ///   - images: Normalised pictures [p, 3, H, W], the same on all ranks.
  ///   - ids: Captions [m, T].
  ///   - pairs: The number of pictures that have a right caption.
  ///   - isExcluded: See `contrastiveLoss`.
  /// - Returns: The loss.
  func backward(
    _ images: Tensor, _ ids: IndexTensor, pairs: Int, excluding isExcluded: Mask,
    on ranks: any Collective
  ) -> Float {
    func loss(_ pictures: Tensor, _ captions: Tensor) -> Tensor {
      contrastiveLoss(
        similarityLogits(pictures, captions, logitScale: logitScale), pairs: pairs,
        excluding: isExcluded)
    }
    if ranks.count == 1 {
      let loss = loss(embed(images: images), embed(captions: ids))
      loss.backward()
      return loss.item
    }
    let rows = ranks.part(of: images.shape[0])
    let texts = ranks.part(of: ids.shape[0])
    let pictures = embed(images: images.sliced(axis: 0, rows))  // [p / n, E]
    let captions = embed(captions: ids.rows(texts))  // [m / n, E]
    let allPictures = ranks.gather(pictures, at: rows, of: images.shape[0]).requiringGradient()
    let allCaptions = ranks.gather(captions, at: texts, of: ids.shape[0]).requiringGradient()
    let whole = loss(allPictures, allCaptions)
    whole.backward()
    for (own, all, part) in [(pictures, allPictures, rows), (captions, allCaptions, texts)] {
      own.backward(upstream: all.gradient!.sliced(axis: 0, part) * Float(ranks.count))
    }
    return whole.item
  }
}

extension Collective {
  /// The rows of all ranks, [rows, E]: this one has those at `place`.
  fileprivate func gather(_ own: Tensor, at place: Range<Int>, of rows: Int) -> Tensor {
    let width = own.shape[1]
    var all = [Float](repeating: 0, count: rows * width)
    all.replaceSubrange(place.lowerBound * width..<place.upperBound * width, with: own.scalars)
    return Tensor(shape: [rows, width], sum(all))
  }
}
