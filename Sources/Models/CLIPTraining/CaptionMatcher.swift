// A CLIP and the tokenizer it was trained with: all that is needed to compare pictures and
// captions.

import CLIP
import Checkpoints
import Foundation
import Images
import NeuralNetwork
import TensorCore
import Text

/// Compares pictures with captions.
///
///     let matcher = try Pretrained.clip()
///     let scores = try matcher.similarities([picture], ["a red star", "a blue house"])  // [1, 2]
public struct CaptionMatcher: Module {
  /// The model.
  public let clip: CLIP
  /// What makes tokens of captions.
  public let tokenizer: Tokenizer

  /// The kind of its checkpoints.
  public static let kind = "clip"
  /// The note of a checkpoint that holds the tokenizer as `tokenizer.json` says it.
  public static let tokenizerNote = "tokenizer"

  /// A model with its tokenizer, whose vocabulary it must know.
  public init(_ clip: CLIP, _ tokenizer: Tokenizer) {
    precondition(
      clip.configuration.text.vocabulary == tokenizer.vocabularySize,
      "a CLIP of \(clip.configuration.text.vocabulary) tokens does not go with a tokenizer of "
        + "\(tokenizer.vocabularySize)")
    self.clip = clip
    self.tokenizer = tokenizer
  }

  /// The matcher in a checkpoint.
  ///
  /// Throws a `CheckpointError` or a `TextError` if it is not one.
  public init(_ checkpoint: Checkpoint) throws {
    guard let json = checkpoint.card.notes[Self.tokenizerNote] else {
      throw CheckpointError.mismatch(
        file: checkpoint.file.path, reason: "holds no tokenizer beside its CLIP")
    }
    let tokenizer = try Tokenizer(json: Data(json.utf8), named: checkpoint.file.path)
    let configuration = try checkpoint.config(CLIPConfiguration.self)
    guard configuration.text.vocabulary == tokenizer.vocabularySize else {
      throw CheckpointError.mismatch(
        file: checkpoint.file.path,
        reason: "its CLIP knows \(configuration.text.vocabulary) tokens, its tokenizer "
          + "\(tokenizer.vocabularySize)")
    }
    try checkpoint.file.check(parameters: configuration.parameterCount)
    var random = Random(seed: 0)
    self.init(CLIP(configuration, &random), tokenizer)
    try checkpoint.load(into: clip)
  }

  /// The parameters of the model.
  public var members: Members { ["": clip] }

  /// What a checkpoint says about this matcher, with further notes.
  public func card(_ notes: [String: String]) -> ModelCard {
    let tokenizer = String(decoding: tokenizer.json(), as: UTF8.self)
    return ModelCard(
      kind: Self.kind, config: clip.configuration,
      notes: notes.merging([Self.tokenizerNote: tokenizer]) { $1 })
  }

  /// Captions → token ids [B, T].
  ///
  /// Throws a `TextError` if one has more tokens than the model reads, unless `truncate` is set.
  public func ids(_ captions: [String], truncate: Bool = false) throws(TextError) -> IndexTensor {
    let length = clip.configuration.text.context
    var ids: [Int32] = []
    for caption in captions {
      ids += try tokenizer.encode(caption, length: length, truncate: truncate)
    }
    return IndexTensor(shape: [captions.count, length], ids)
  }

  /// Captions → embeddings [B, E] of length 1, without gradient.
  public func embed(_ captions: [String], truncate: Bool = false) throws(TextError) -> Tensor {
    let ids = try ids(captions, truncate: truncate)
    let t = ids.shape[1]
    return inParts(captions.count) { rows in
      let part = Array(ids.values[rows.lowerBound * t..<rows.upperBound * t])
      return clip.embed(captions: IndexTensor(shape: [rows.count, t], part))
    }
  }

  /// Pictures of the model's size → embeddings [B, E] of length 1, without gradient.
  public func embed(_ pictures: [Image]) -> Tensor {
    inParts(pictures.count) { clip.embed(images: CLIP.normalised(Tensor(Array(pictures[$0])))) }
  }

  /// Pictures [B, 3, H, W] in 0 … 1 → embeddings [B, E] of length 1, without gradient.
  public func embed(_ pictures: Tensor) -> Tensor {
    inParts(pictures.shape[0]) {
      clip.embed(images: CLIP.normalised(pictures.sliced(axis: 0, $0)))
    }
  }

  /// The cosines of pictures with captions, [pictures, captions] in -1 … 1.
  public func similarities(_ pictures: [Image], _ captions: [String]) throws(TextError) -> Tensor {
    matmul(embed(pictures), try embed(captions), transposeB: true)
  }

  private func inParts(_ count: Int, _ body: (Range<Int>) -> Tensor) -> Tensor {
    precondition(count > 0, "there is nothing to embed")
    let parts = stride(from: 0, to: count, by: 64).map { start in
      withoutGradient { body(start..<min(start + 64, count)) }
    }
    return concatenate(parts, axis: 0)
  }
}
