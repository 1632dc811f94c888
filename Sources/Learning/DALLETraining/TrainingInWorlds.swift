// A transformer that learns from pictures drawn by code.

import CaptionedImages
import DALLE
import Text

extension Tokenizer {
  /// The tokenizer for a transformer's streams, trained on 4,000 captions of a world.
  public static func streams(of world: some World, seed: UInt64 = 1) -> Tokenizer {
    streams(world.captions(seed: seed, count: 4000))
  }
}

extension DALLERun {
  /// Trains on pictures of size × size pixels, and measures the model on 256 validation pictures every
  /// 250 steps.
  ///
  /// Throws what `run(on:called:_:validation:)` throws.
  public func run(in world: some World, size: Int = 64) throws -> CaptionedDALLE {
    func run(_ pairs: some PairSource, _ validation: some PairSource) throws -> CaptionedDALLE {
      try self.run(on: pairs, called: world.name, .streams(of: world), validation: validation)
    }
    return try run(
      world.pairs(.training, size: size, seed: recipe.seed, count: recipe.pictures),
      world.pairs(.validation, size: size, seed: 3, count: 256))
  }
}
