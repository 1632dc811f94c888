// A transformer and the tokenizer it was trained with: all it takes to draw tokens for a caption.

import Checkpoints
import NeuralNetwork
import TensorCore
import Text

/// Draws pictures for captions, as codes of a dVAE.
///
///     let transformer = try Pretrained.transformer()
///     let codes = try transformer.draw(
///       "a red star at night", candidates: 0..<8, seed: 1, options)  // [8, N]
public struct CaptionedDALLE: Module {
  /// Predicts the tokens of captions and pictures.
  public let model: DALLE
  /// Splits captions into tokens.
  public let tokenizer: Tokenizer
  /// How its codes are best drawn, if its training says so.
  public var sampling: SamplingOptions?

  /// Joins a model and its tokenizer, whose vocabularies must be equally large.
  public init(_ model: DALLE, _ tokenizer: Tokenizer) {
    precondition(
      model.configuration.textVocabulary == tokenizer.vocabularySize,
      "a transformer of \(model.configuration.textVocabulary) tokens does not go with a tokenizer "
        + "of \(tokenizer.vocabularySize)")
    self.model = model
    self.tokenizer = tokenizer
  }

  /// The model's parameters, without a prefix.
  public var members: Members { ("", model) }

  /// A caption → text ids [T], 0 for padding, after `cleaned`: case and gaps do not count.
  ///
  /// Throws a `TextError` if it has more tokens than the model reads, unless `truncate` is set.
  public func ids(_ caption: String, truncate: Bool = false) throws(TextError) -> [Int32] {
    try tokenizer.encode(
      cleaned(caption), length: model.configuration.textLength, truncate: truncate)
  }

  /// A caption → text ids [T], with BPE dropout for training. A caption that dropout makes too long is read
  /// without it, since it would lose its end; one that is too long anyway is cut.
  ///
  /// Throws a `TextError` if the caption cannot be encoded.
  public func ids(
    _ caption: String, dropout: Float, using random: inout Random
  ) throws(TextError) -> [Int32] {
    let text = cleaned(caption)
    let length = model.configuration.textLength
    do throws(TextError) {
      return try tokenizer.encode(text, length: length, dropout: dropout, using: &random)
    } catch {
      return try tokenizer.encode(text, length: length, truncate: true)
    }
  }

  /// Draws candidates for a caption.
  ///
  /// - Parameters:
  ///   - candidates: The numbers of the pictures. Picture i of a seed is the same whatever others
  ///     are drawn with it, and on any number of threads.
  ///   - given: The codes that all pictures begin with.
  ///   - truncate: Whether to cut a caption that is too long.
  ///   - decoder: The model's packed weights, which a caller that draws often can keep.
  ///   - progress: Called with the number of tokens that each picture has so far.
  /// - Returns: Codes [candidates, N].
  /// - Throws: A `TextError` if the caption has more tokens than the model reads.
  public func draw(
    _ caption: String, candidates: Range<Int>, seed: UInt64, _ options: SamplingOptions,
    given: [Int32] = [], truncate: Bool = false, decoder: DALLEDecoder? = nil,
    progress: (_ tokens: Int) -> Void = { _ in }
  ) throws(TextError) -> IndexTensor {
    let ids = try ids(caption, truncate: truncate)  // [T]
    return (decoder ?? DALLEDecoder(model)).draw(
      ids, candidates: candidates, seed: seed, options, given: given, progress: progress)
  }

  /// Draws one picture for each of several captions, all at once.
  ///
  /// - Parameter random: A generator for each caption.
  /// - Returns: Codes [captions, N].
  /// - Throws: A `TextError` if a caption has more tokens than the model reads.
  public func draw(
    _ captions: [String], random: [Random], _ options: SamplingOptions,
    decoder: DALLEDecoder? = nil
  ) throws(TextError) -> IndexTensor {
    precondition(
      captions.count == random.count && !captions.isEmpty,
      "\(captions.count) captions need as many random generators, got \(random.count)")
    var text: [Int32] = []
    for caption in captions { text += try ids(caption) }
    let shape = [captions.count, model.configuration.textLength]
    var drawing = TokenDrawing(
      decoder ?? DALLEDecoder(model), text: IndexTensor(shape: shape, text), random: random, options
    )
    return drawing.finish()
  }
}
