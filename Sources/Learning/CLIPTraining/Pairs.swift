// Training on the reader's own pairs.

import CLIP
import CaptionedImages
import TensorCore
import Text
import Training

extension CaptionMatcher {
  /// Trains on pairs of pictures and captions from any source.
  ///
  /// Pairs with identical captions are not counted as wrong answers to one another. There are no
  /// hard negatives, since arbitrary captions cannot be made wrong reliably. Captions with more
  /// tokens than the model reads are cut.
  ///
  /// Throws a `TrainingError`, a `CheckpointError` if the folder cannot be used, or what the source
  /// throws, such as a `DataError` if no pair can be read.
  public func train(
    _ recipe: CLIPRecipe, on source: some PairSource, redrawing: Redrawing? = nil,
    folder: TrainingFolder? = nil, terminal: Terminal = .standardError
  ) throws {
    let batches = Batches(source, batchSize: recipe.batch, seed: recipe.seed)
    try run(recipe, folder: folder, terminal: terminal) { step, random in
      let batch = try batches.batch(step)
      let same = batch.captions.enumerated().flatMap { i, caption in
        batch.captions.enumerated().map { j, other in i != j && caption == other ? UInt8(1) : 0 }
      }
      let n = batch.captions.count
      let pictures = redrawing?.redrawEverySecond(batch.pictures, using: &random)
      return (pictures ?? batch.pictures, batch.captions, Mask(shape: [n, n], same), n)
    }
  }
}
