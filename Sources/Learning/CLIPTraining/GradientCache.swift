// Large contrastive batches in little memory.

import CLIP
import NeuralNetwork
import TensorCore

extension CLIP {
  /// The gradient of the contrastive loss over a whole batch, computed in chunks.
  ///
  /// The loss compares all pictures with all captions, so a batch cannot simply be cut in two. But
  /// it sees them only through their embeddings, which are small. So: embed everything chunk by
  /// chunk without gradient; compute the loss and its gradient with respect to the embeddings; then
  /// embed every chunk again and pass its part of that gradient back (Gao et al., 2021, *Scaling
  /// Deep Contrastive Learning Batch Size*). The result is that of the whole batch, at the cost of
  /// a second forward pass and with the memory of a single chunk.
  ///
  /// - Parameters:
  ///   - images: Normalised pictures [n, 3, H, W].
  ///   - ids: Captions [m, T], m ≥ n; those after the first n are hard negatives.
  ///   - isExcluded: See `contrastiveLoss`.
  ///   - chunk: The number of pictures, and of captions, embedded at a time.
  /// - Returns: The loss. The gradients are added to those of the parameters.
  public func backward(
    _ images: Tensor, _ ids: IndexTensor, excluding isExcluded: Mask? = nil, chunk: Int
  ) -> Float {
    precondition(chunk > 0, "chunks have 1 or more pictures, not \(chunk)")
    let (n, m) = (images.shape[0], ids.shape[0])
    let pictures = inParts(of: chunk, count: n) {
      embed(images: images.sliced(axis: 0, $0))
    }.requiringGradient()  // [n, E]
    let captions = inParts(of: chunk, count: m) {
      embed(captions: ids.rows($0))
    }.requiringGradient()  // [m, E]
    let loss = contrastiveLoss(
      similarityLogits(pictures, captions, logitScale: logitScale), excluding: isExcluded)
    loss.backward()

    for rows in (0..<n).parts(of: chunk) {
      embed(images: images.sliced(axis: 0, rows))
        .backward(upstream: pictures.gradient?.sliced(axis: 0, rows))
    }
    for rows in (0..<m).parts(of: chunk) {
      embed(captions: ids.rows(rows))
        .backward(upstream: captions.gradient?.sliced(axis: 0, rows))
    }
    return loss.item
  }
}
