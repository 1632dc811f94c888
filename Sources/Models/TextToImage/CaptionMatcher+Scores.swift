// CLIP as what chooses among candidates.

import CLIP
import Images
import TensorCore
import Text

extension CaptionMatcher {
  /// Pictures [n, 3, H, W] in 0 … 1 → the n cosines of their embeddings with that of a caption
  /// (DALL·E, §2.6).
  ///
  /// Throws a `TextError` if the caption cannot be encoded. One that is too long is cut.
  public func scores(_ pictures: Tensor, _ caption: String) throws(TextError) -> [Float] {
    let text = try embed([caption], truncate: true)  // [1, E]
    return matmul(embed(fitted(pictures)), text, transposeB: true).scalars
  }

  /// Pictures [n, 3, H, W] → pictures of the size that CLIP expects, resized if necessary.
  public func fitted(_ pictures: Tensor) -> Tensor {
    let size = clip.configuration.vision.imageSize
    if pictures.shape[2...] == [size.rows, size.columns] { return pictures }
    return Tensor(
      Image.pictures(of: pictures).map {
        $0.resized(width: size.columns, height: size.rows, .bicubic(antialias: true))
      })
  }
}
