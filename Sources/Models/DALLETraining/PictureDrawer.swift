// A transformer and the tokenizer it was trained with: all that is needed to draw tokens for a
// caption.

import Checkpoints
import DALLE
import DiscreteVAE
import Foundation
import NeuralNetwork
import TensorCore
import Text

/// Draws pictures, as tokens of a dVAE, for captions.
///
///     let drawer = try Pretrained.transformer()
///     let ids = try drawer.ids("a red star at night")
///     let codes = DALLEDecoder(drawer.model).draw(ids, candidates: 0..<8, seed: 1, options)
public struct PictureDrawer: Module {
  /// The model.
  public let model: DALLE
  /// What makes tokens of captions.
  public let tokenizer: Tokenizer

  /// The note of a checkpoint that holds the tokenizer as `tokenizer.json` says it.
  public static let tokenizerNote = "tokenizer"

  /// A model with its tokenizer, whose vocabulary it must know.
  public init(_ model: DALLE, _ tokenizer: Tokenizer) {
    precondition(
      model.configuration.textVocabulary == tokenizer.vocabularySize,
      "a transformer of \(model.configuration.textVocabulary) tokens does not go with a tokenizer "
        + "of \(tokenizer.vocabularySize)")
    self.model = model
    self.tokenizer = tokenizer
  }

  /// The drawer in a checkpoint, for the codes of a dVAE.
  ///
  /// Throws a `CheckpointError` or a `TextError` if it is not one, or learnt the tokens of
  /// another dVAE.
  public init(_ checkpoint: Checkpoint, for dvae: DiscreteVAE) throws {
    let (card, path) = (checkpoint.card, checkpoint.file.path)
    guard let json = card.notes[Self.tokenizerNote] else {
      throw CheckpointError.mismatch(file: path, reason: "holds no tokenizer beside its model")
    }
    guard let hash = card.notes[ModelCard.encoderHash] else {
      throw CheckpointError.mismatch(
        file: path, reason: "does not say whose codes it was trained on")
    }
    if hash != dvae.encoderHash {
      throw CheckpointError.mismatch(
        file: path,
        reason: "was trained on the codes of another dVAE (its encoder's hash is "
          + "\(hash.prefix(12))…) than the one given (\(dvae.encoderHash.prefix(12))…)")
    }
    let tokenizer = try Tokenizer(json: Data(json.utf8), named: path)
    let configuration = try checkpoint.config(DALLEConfiguration.self)
    guard configuration.textVocabulary == tokenizer.vocabularySize else {
      throw CheckpointError.mismatch(
        file: path,
        reason: "its model knows \(configuration.textVocabulary) text tokens, its tokenizer "
          + "\(tokenizer.vocabularySize)")
    }
    self.init(try DALLE(checkpoint), tokenizer)
  }

  /// The parameters of the model.
  public var members: Members { ["": model] }

  /// What a checkpoint says about this drawer of a dVAE's codes, with further notes.
  public func card(_ dvae: DiscreteVAE, _ notes: [String: String] = [:]) -> ModelCard {
    let tokenizer = String(decoding: tokenizer.json(), as: UTF8.self)
    return ModelCard(
      kind: DALLE.kind, config: model.configuration,
      notes: notes.merging([Self.tokenizerNote: tokenizer, ModelCard.encoderHash: dvae.encoderHash])
      { $1 })
  }

  /// A caption → text ids [T], 0 for padding. Capital letters do not count.
  ///
  /// Throws a `TextError` if it has more tokens than the model reads, unless `truncate` is set.
  public func ids(_ caption: String, truncate: Bool = false) throws(TextError) -> [Int32] {
    try tokenizer.encode(
      caption.lowercased(), length: model.configuration.textLength, truncate: truncate)
  }

  /// The same with BPE dropout, for training: too long a caption is cut.
  func ids(_ caption: String, dropout: Float, using random: inout Random) throws -> [Int32] {
    try tokenizer.encode(
      caption.lowercased(), length: model.configuration.textLength, truncate: true,
      dropout: dropout, using: &random)
  }
}
