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

extension CaptionMatcher {
  /// Trains on pairs that have hard negatives: captions that are wrong in one respect. A caption that is
  /// true of a picture, by chance or not, is not counted as a wrong answer to it. Every 250 steps, and at
  /// the end, the log has the loss on 512 pairs of `validation`.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` if the folder cannot be used.
  public func train<Pairs: ContrastedPairs>(
    _ recipe: CLIPRecipe, contrasting source: Pairs, validation: Pairs,
    redrawing: Redrawing? = nil, folder: TrainingFolder? = nil,
    terminal: Terminal = .standardError
  ) throws {
    var measuring = Random(seed: 3)
    let measured = (0..<8).map { ContrastedBatch(validation, $0 * 64..<$0 * 64 + 64, &measuring) }
    try run(
      recipe, folder: folder, terminal: terminal,
      validation: {
        let losses = try withoutGradient { try measured.map { try $0.loss(of: self) } }
        return losses.reduce(0, +) / Float(losses.count)
      }
    ) { step, random in
      let first = step * recipe.batch
      let batch = ContrastedBatch(source, first..<first + recipe.batch, &random)
      let pictures = redrawing?.redrawEverySecond(batch.pictures, using: &random)
      return (pictures ?? batch.pictures, batch.captions, batch.isExcluded, recipe.batch)
    }
  }
}

/// Pictures, captions of them, and captions that are nearly right.
private struct ContrastedBatch {
  /// [n, 3, H, W] in 0 … 1
  let pictures: Tensor
  /// n captions, followed by hard negatives.
  let captions: [String]
  /// The captions that are true of another's picture, [n, m].
  let isExcluded: Mask

  init(_ source: some ContrastedPairs, _ range: Range<Int>, _ random: inout Random) {
    let chance = Random(seed: random.next())
    let pairs = parallelMap(range) { index in
      var random = chance.split(index)
      return source.contrast(at: index, using: &random)
    }
    let texts = pairs.map { $0.captions[0] } + pairs.flatMap { $0.captions.dropFirst() }
    let rows = parallelMap(range) { index in
      let isTrue = source.isTrue(of: index)
      return texts.enumerated().map { j, text -> UInt8 in
        j != index - range.lowerBound && isTrue(text.says) ? 1 : 0
      }
    }
    pictures = Tensor(pairs.map(\.picture))
    captions = texts.map(\.text)
    isExcluded = Mask(shape: [range.count, texts.count], rows.flatMap { $0 })
  }

  /// The contrastive loss, in nats.
  func loss(of matcher: CaptionMatcher) throws -> Float {
    let logits = similarityLogits(
      matcher.clip.embed(images: CLIP.normalised(pictures)),
      matcher.clip.embed(captions: try matcher.ids(captions, truncate: true)),
      logitScale: matcher.clip.logitScale)  // [n, m]
    return contrastiveLoss(logits, pairs: pictures.shape[0], excluding: isExcluded).item
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
