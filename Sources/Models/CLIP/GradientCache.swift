// Large contrastive batches in little memory.

import NeuralNetwork
import TensorCore

extension CLIP {
  /// The gradient of the contrastive loss over a whole batch, computed in chunks.
  ///
  /// The loss compares all pictures with all captions, so a batch cannot simply be cut in two;
  /// but it sees them only through their embeddings, which are small. So: embed everything
  /// chunk by chunk and forget how; take the loss and its gradient with respect to the
  /// embeddings; then embed every chunk again, and hand it its part of that gradient (Gao et
  /// al., 2021, *Scaling Deep Contrastive Learning Batch Size*). The result is that of the
  /// plain batch; the price is a second forward pass, the memory that of one chunk.
  ///
  /// - Parameters:
  ///   - images: Normalised pictures [n, 3, H, W].
  ///   - ids: Captions [m, T], m ≥ n; those behind the first n are hard negatives.
  ///   - isExcluded: See `contrastiveLoss`.
  ///   - chunk: Pictures, and captions, that are embedded at a time.
  /// - Returns: The loss; the parameters have their gradients.
  public func backward(
    _ images: Tensor, _ ids: IndexTensor, excluding isExcluded: Mask? = nil, chunk: Int
  ) -> Float {
    precondition(chunk > 0, "chunks have 1 or more pictures, not \(chunk)")
    let t = ids.shape[1]
    func part(of ids: IndexTensor, _ rows: Range<Int>) -> IndexTensor {
      IndexTensor(
        shape: [rows.count, t], Array(ids.values[rows.lowerBound * t..<rows.upperBound * t]))
    }
    let imageChunks = chunks(images.shape[0], chunk)
    let textChunks = chunks(ids.shape[0], chunk)

    let (imageEmbeds, textEmbeds) = withoutGradient {
      (
        concatenate(imageChunks.map { embed(images: images.sliced(axis: 0, $0)) }, axis: 0),
        concatenate(textChunks.map { embed(captions: part(of: ids, $0)) }, axis: 0)
      )
    }
    let (pictures, captions) = (imageEmbeds.requiringGradient(), textEmbeds.requiringGradient())
    let loss = contrastiveLoss(
      similarityLogits(pictures, captions, logitScale: logitScale), excluding: isExcluded)
    loss.backward()

    for rows in imageChunks {
      embed(images: images.sliced(axis: 0, rows))
        .backward(upstream: pictures.gradient?.sliced(axis: 0, rows))
    }
    for rows in textChunks {
      embed(captions: part(of: ids, rows))
        .backward(upstream: captions.gradient?.sliced(axis: 0, rows))
    }
    return loss.item
  }
}

private func chunks(_ count: Int, _ size: Int) -> [Range<Int>] {
  stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
}
