// A captioner and its tokenizer: all it takes to say how well codes fit a caption.

import Checkpoints
import NeuralNetwork
import TensorCore
import Text

/// Says how probable a caption is for pictures that are codes of a dVAE.
public struct CaptionScorer: Module {
  /// Predicts captions from codes.
  public let model: Captioner
  /// Splits captions into tokens.
  public let tokenizer: Tokenizer

  /// Joins a model and its tokenizer, whose vocabularies must be equally large.
  public init(_ model: Captioner, _ tokenizer: Tokenizer) {
    precondition(
      model.configuration.textVocabulary == tokenizer.vocabularySize,
      "a captioner of \(model.configuration.textVocabulary) tokens does not go with a tokenizer of "
        + "\(tokenizer.vocabularySize)")
    self.model = model
    self.tokenizer = tokenizer
  }

  /// The captioner in a checkpoint, which must have been trained on the codes of the encoder with this
  /// hash.
  ///
  /// Throws a `CheckpointError` or a `TextError` if the checkpoint holds something else, or a captioner
  /// for the codes of another encoder.
  public init(_ checkpoint: Checkpoint, forCodesOf encoderHash: String) throws {
    try checkpoint.checkCodes(of: encoderHash)
    let model = try Captioner(checkpoint)
    self.init(model, try checkpoint.tokenizer(ofSize: model.configuration.textVocabulary))
  }

  /// The model's parameters, without a prefix.
  public var members: Members { ("", model) }

  /// The card for a checkpoint of this captioner of the codes of the encoder with this hash, with
  /// further notes.
  public func card(forCodesOf encoderHash: String, _ notes: [String: String] = [:]) -> ModelCard {
    ModelCard(
      kind: Captioner.kind, config: model.configuration, tokenizer, forCodesOf: encoderHash, notes)
  }

  /// A caption → text ids [T], 0 for padding, after `cleaned`: case and gaps do not count. A caption
  /// that is too long is cut.
  ///
  /// Throws a `TextError` if the caption cannot be encoded.
  public func ids(_ caption: String) throws(TextError) -> [Int32] {
    try tokenizer.encode(
      cleaned(caption), length: model.configuration.textLength, truncate: true)
  }

  /// Codes [n, N] of pictures → log p(caption | picture) of each, in nats.
  ///
  /// Throws a `TextError` if the caption cannot be encoded.
  public func scores(_ codes: IndexTensor, _ caption: String) throws(TextError) -> [Float] {
    let ids = try ids(caption)
    return (0..<codes.shape[0]).parts(of: 64).flatMap { part in
      let text = [[Int32]](repeating: ids, count: part.count).flatMap { $0 }
      return model.logLikelihoods(
        image: codes.rows(part), text: IndexTensor(shape: [part.count, ids.count], text))
    }
  }
}
