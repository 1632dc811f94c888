// The pictures on which chapters and commands measure dVAEs.

import DVAETraining
import StickerWorld
import TensorCore

extension DVAETraining {
  /// The first `count` pictures of a split on which dVAEs are measured, [count, 3, size, size] in
  /// 0 … 1.
  public static func stickers(
    _ split: StickerWorld.Split, count: Int, size: Int = 64
  ) -> Tensor {
    Tensor(
      StickerWorld.render(
        (0..<count).map { i in
          let sample = StickerWorld.sample(split, seed: 3, index: i)
          return (sample.scene, sample.layout)
        }, size: size))
  }
}
