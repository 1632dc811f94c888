// A CLIP and the tokenizer it was trained with: all it takes to compare pictures and captions.

import Images
import NeuralNetwork
import TensorCore
import Text

/// Compares pictures with captions.
///
///     let matcher = try Pretrained.clip()
///     let scores = try matcher.similarities([picture], ["a red star", "a blue house"])  // [1, 2]
public struct CaptionMatcher: Module {
  /// Embeds pictures and tokens.
  public let clip: CLIP
  /// Splits captions into tokens.
  public let tokenizer: Tokenizer

  /// The kind that its checkpoints state.
  public static let kind = "clip"

  /// Joins a model and its tokenizer, whose vocabularies must be equally large.
  public init(_ clip: CLIP, _ tokenizer: Tokenizer) {
    precondition(
      clip.configuration.text.vocabulary == tokenizer.vocabularySize,
      "a CLIP of \(clip.configuration.text.vocabulary) tokens does not go with a tokenizer of "
        + "\(tokenizer.vocabularySize)")
    self.clip = clip
    self.tokenizer = tokenizer
  }

  /// The model's parameters, without a prefix.
  public var members: Members { ("", clip) }

  /// Captions → token ids [B, T].
  ///
  /// Throws a `TextError` if a caption has more tokens than the model reads, unless `truncate` is
  /// set.
  public func ids(_ captions: [String], truncate: Bool = false) throws(TextError) -> IndexTensor {
    let length = clip.configuration.text.context
    var ids: [Int32] = []
    for caption in captions {
      ids += try tokenizer.encode(caption, length: length, truncate: truncate)
    }
    return IndexTensor(shape: [captions.count, length], ids)
  }

  /// Captions → embeddings [B, E] of length 1, without gradient.
  ///
  /// Throws a `TextError` if a caption has more tokens than the model reads, unless `truncate` is
  /// set.
  public func embed(_ captions: [String], truncate: Bool = false) throws(TextError) -> Tensor {
    let ids = try ids(captions, truncate: truncate)  // [B, T]
    return inParts(of: 64, count: captions.count) { clip.embed(captions: ids.rows($0)) }
  }

  /// Pictures of the model's size → embeddings [B, E] of length 1, without gradient.
  public func embed(_ pictures: [Image]) -> Tensor {
    inParts(of: 64, count: pictures.count) {
      clip.embed(images: CLIP.normalised(Tensor(Array(pictures[$0]))))
    }
  }

  /// Pictures [B, 3, H, W] in 0 … 1 → embeddings [B, E] of length 1, without gradient.
  public func embed(_ pictures: Tensor) -> Tensor {
    inParts(of: 64, count: pictures.shape[0]) {
      clip.embed(images: CLIP.normalised(pictures.sliced(axis: 0, $0)))
    }
  }

  /// The cosines of pictures with captions, [pictures, captions] in -1 … 1.
  ///
  /// Throws a `TextError` if a caption has more tokens than the model reads, unless `truncate` is
  /// set.
  public func similarities(
    _ pictures: [Image], _ captions: [String], truncate: Bool = false
  ) throws(TextError) -> Tensor {
    matmul(embed(pictures), try embed(captions, truncate: truncate), transposeB: true)
  }
}
