// Training on the reader's own pairs.

import CLIP
import CaptionedImages
import TensorCore
import Text
import Training

extension CaptionMatcher {
  /// Trains on pairs of pictures and captions from any source.
  ///
  /// A caption is not counted as a wrong answer to a picture that it may be true of, see
  /// `Batch.isExcluded`. There are no hard negatives, since arbitrary captions cannot be made wrong
  /// reliably. Captions with more tokens than the model reads are cut.
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
      let pictures = redrawing?.redrawEverySecond(batch.pictures, using: &random)
      return (
        pictures ?? batch.pictures, batch.captions, batch.isExcluded, batch.captions.count
      )
    }
  }
}

extension Batch {
  /// Whether the batch has two pairs that CLIP must tell apart. Without, its loss is 0.
  public var hasContrast: Bool {
    let n = captions.count
    return isExcluded.bytes.reduce(0) { $0 + Int($1) } < n * n - n
  }

  /// The captions that may be true of another's picture, [B, B]: those of pairs that have the same
  /// number (a picture with several captions can come twice into a batch, at the end of an epoch and
  /// at the beginning of the next), the same caption, or the same pixels.
  var isExcluded: Mask {
    let n = captions.count
    let pixels = (0..<n).map { pictures.at($0, axis: 0).scalars.hashValue }
    func isSame(_ i: Int, _ j: Int) -> Bool {
      indices[i] == indices[j] || captions[i] == captions[j] || pixels[i] == pixels[j]
    }
    var bytes = [UInt8](repeating: 0, count: n * n)  // [B, B]
    for i in 0..<n {
      for j in 0..<n where i != j && isSame(i, j) { bytes[i * n + j] = 1 }
    }
    return Mask(shape: [n, n], bytes)
  }
}
