// The trainings of chapters and commands, on stickers.

import CaptionedImages
import DALLE
import DALLETraining
import DVAETraining
import StickerWorld
import TensorCore
import Text

extension Tokenizer {
  /// The tokenizer for the transformer's streams, trained on 4,000 captions of sticker world.
  public static func stickerStreams(seed: UInt64 = 1) -> Tokenizer {
    streams((0..<4000).map { StickerWorld.sample(.train, seed: seed, index: $0).caption })
  }
}

extension DALLERun {
  /// Trains on pictures of size × size pixels, and measures the model on 256 validation pictures
  /// every 250 steps.
  ///
  /// Throws what `run(on:called:_:validation:)` throws.
  public func runOnStickers(size: Int = 64) throws -> CaptionedDALLE {
    try run(
      on: StickerPairs(.train, size: size, seed: recipe.seed, count: recipe.pictures),
      called: "stickers", .stickerStreams(),
      validation: StickerPairs(.validation, size: size, seed: 3, count: 256))
  }
}

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
