// A generator with the text tower whose sentences it was trained on.

import CLIP
import Checkpoints
import NeuralNetwork
import TensorCore

/// Draws pictures for captions.
///
///     let gan = try Pretrained.rival()
///     let pictures = try gan.draw("a red star", count: 4, seed: 1)  // [4, 3, 64, 64]
public struct CaptionedGAN {
  /// Noise and sentences → pictures.
  public let generator: DFGANGenerator
  /// Its text tower turns captions into sentences; the rest of it is not used.
  public let matcher: CaptionMatcher

  /// Where the authors cut noise when they draw.
  public static let usualLimit: Float = 0.88

  /// Joins a generator and a CLIP, whose text tower must be as wide as the generator's sentences.
  public init(_ generator: DFGANGenerator, _ matcher: CaptionMatcher) {
    let (d, width) = (
      generator.configuration.sentence, matcher.clip.configuration.text.width
    )
    precondition(
      d == width, "a generator for sentences [\(d)] does not go with a CLIP's [\(width)]")
    (self.generator, self.matcher) = (generator, matcher)
  }

  /// Draws `count` pictures for a caption, [count, 3, H, W] in 0 … 1, without gradient. Each
  /// picture depends on its number and the seed only. Noise is cut at `limit`, nil for not at all.
  ///
  /// Throws a `TextError` if the caption has more tokens than the text tower reads.
  public func draw(
    _ caption: String, count: Int, seed: UInt64, limit: Float? = usualLimit
  ) throws -> Tensor {
    precondition(count > 0, "1 or more pictures are drawn, not \(count)")
    let sentence = try matcher.sentences([caption])  // [1, D]
    return pictures(sentence.expanded([count, sentence.shape[1]]), seed: seed, limit)
  }

  /// Draws one picture for each caption, [n, 3, H, W] in 0 … 1, without gradient. A picture depends on
  /// its caption, on its number from 0 on and on the seed.
  ///
  /// Throws a `TextError` if a caption has more tokens than the text tower reads.
  public func draw(
    oneForEach captions: [String], seed: UInt64, limit: Float? = usualLimit
  ) throws -> Tensor {
    precondition(!captions.isEmpty, "1 or more captions are drawn, not 0")
    return pictures(try matcher.sentences(captions), seed: seed, limit)
  }

  /// Sentences [n, D] → pictures [n, 3, H, W] in 0 … 1.
  private func pictures(_ sentences: Tensor, seed: UInt64, _ limit: Float?) -> Tensor {
    let random = Random(seed: seed).split("rival")
    return inParts(of: 32, count: sentences.shape[0]) { part in
      let noise = part.map { i in
        var random = random.split(i)
        return generator.noise(1, limit: limit, using: &random)
      }
      let pictures = generator(
        concatenate(noise, axis: 0), sentences.sliced(axis: 0, part))  // [n, H, W, 3]
      return pictures.affine(scale: 0.5, offset: 0.5).channelsFirst
    }
  }
}

extension CaptionMatcher {
  /// Captions → sentences [B, D], what the text tower says of them before its projection, without
  /// gradient.
  ///
  /// Throws a `TextError` if a caption has more tokens than the model reads, unless `truncate` is
  /// set.
  public func sentences(_ captions: [String], truncate: Bool = false) throws -> Tensor {
    let ids = try ids(captions, truncate: truncate)  // [B, T]
    return inParts(of: 64, count: captions.count) { clip.text(ids.rows($0)) }
  }

  /// The SHA-256 of the text tower's parameters.
  public var textHash: String {
    let numbers = clip.text.tensors.flatMap { $0.tensor.scalars }
    return numbers.withUnsafeBytes { SHA256.hex($0) }
  }
}

extension CaptionedGAN {
  /// The key of the note with the hash of the text tower that a generator was trained with.
  private static let textHash = "text_sha256"

  /// The generator in a checkpoint, which must have been trained on the sentences of this CLIP.
  ///
  /// Throws a `CheckpointError` if the file holds something else, or a generator for the sentences
  /// of another CLIP.
  public init(_ checkpoint: Checkpoint, sentencesOf matcher: CaptionMatcher) throws(CheckpointError)
  {
    let generator = try checkpoint.model { DFGANGenerator($0, &$1) }
    guard let hash = checkpoint.card.notes[Self.textHash] else {
      throw .mismatch(
        file: checkpoint.file.path, reason: "does not say with whose sentences it was trained")
    }
    let given = matcher.textHash
    guard hash == given else {
      throw .mismatch(
        file: checkpoint.file.path,
        reason: "was trained on the sentences of another CLIP (its text tower's hash is "
          + "\(hash.prefix(12))…) than the one given (\(given.prefix(12))…)")
    }
    self.init(generator, matcher)
  }

  /// The card for a checkpoint of this generator, with further notes.
  public func card(_ notes: [String: String] = [:]) -> ModelCard {
    ModelCard(
      kind: DFGANGenerator.kind, config: generator.configuration,
      notes: notes.merging([Self.textHash: matcher.textHash]) { $1 })
  }
}
