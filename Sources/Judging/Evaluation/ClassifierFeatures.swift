// Chapter 1's vision transformer in place of the Inception network.

import TensorCore
import VisionTransformer

extension AttributeClassifier {
  /// Pictures [n, 3, H, W] in 0 … 1 → features [n, D], the class token after the last layer norm,
  /// for the Fréchet distance, and the probabilities of things [n, 14], for the Inception Score. 64
  /// pictures at a time, without gradient.
  ///
  /// The classifier was trained on single stickers; for a pair its probabilities are only a guess.
  public func describe(_ pictures: Tensor) -> (features: Tensor, things: Tensor) {
    precondition(
      pictures.rank == 4 && pictures.shape[0] > 0,
      "pictures are [n, 3, H, W] with n of 1 or more, got \(pictures.shape)")
    let features = inParts(of: 64, count: pictures.shape[0]) {
      self.features(pictures.sliced(axis: 0, $0))
    }  // [n, D]
    let things = withoutGradient { logits(features)[0].softmax() }  // [n, 14]
    return (features, things)
  }
}
