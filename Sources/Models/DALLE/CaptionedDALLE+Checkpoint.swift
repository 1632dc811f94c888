// A transformer in a checkpoint, alone or with its tokenizer.

import Checkpoints
import Foundation
import NeuralNetwork
import Text

extension ModelCard {
  /// The key of the note with the hash of the encoder whose codes a transformer was trained on, or
  /// a set of tokens consists of.
  public static let encoderHash = "encoder_sha256"

  /// The card of a model of captions and of the codes of the encoder with this hash, with its tokenizer
  /// and further notes.
  init(
    kind: String, config: some Encodable, _ tokenizer: Tokenizer, forCodesOf encoderHash: String,
    _ notes: [String: String]
  ) {
    self.init(
      kind: kind, config: config,
      notes: notes.merging(tokenizer.notes) { $1 }
        .merging([Self.encoderHash: encoderHash]) { $1 })
  }
}

extension Checkpoint {
  /// Throws a `CheckpointError` unless its model was trained on the codes of the encoder with this hash.
  func checkCodes(of encoderHash: String) throws(CheckpointError) {
    guard let hash = card.notes[ModelCard.encoderHash] else {
      throw .mismatch(file: file.path, reason: "does not say whose codes it was trained on")
    }
    if hash != encoderHash {
      throw .mismatch(
        file: file.path,
        reason: "was trained on the codes of another dVAE (its encoder's hash is "
          + "\(hash.prefix(12))…) than the one given (\(encoderHash.prefix(12))…)")
    }
  }

  /// The tokenizer of its model, which knows `count` words.
  ///
  /// Throws a `CheckpointError` or a `TextError` if there is none, or one of another size.
  func tokenizer(ofSize count: Int) throws -> Tokenizer {
    try Tokenizer(
      note: note(Tokenizer.note), of: card.notes, in: file.path, vocabularySize: count)
  }

  /// How the codes of its transformer are best drawn; nil if it does not say.
  ///
  /// Throws a `CheckpointError` if it says something else.
  func sampling() throws(CheckpointError) -> SamplingOptions? {
    guard let text = card.notes[SamplingOptions.note] else { return nil }
    let options = try? JSONDecoder().decode(SamplingOptions.self, from: Data(text.utf8))
    guard let options, options.flaw == nil else {
      throw .mismatch(
        file: file.path,
        reason: "its note \"\(SamplingOptions.note)\" does not say how codes are drawn: "
          + text.prefix(60))
    }
    return options
  }
}

extension SamplingOptions {
  /// The key of the note with how a transformer's codes are best drawn.
  static let note = "sampling"
}

extension DALLE {
  /// A model from its checkpoint.
  ///
  /// Throws a `CheckpointError` if the file holds something else.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    self = try checkpoint.model { DALLE($0, &$1) }
  }
}

extension CaptionedDALLE {
  /// The transformer in a checkpoint, which must have been trained on the codes of the encoder with
  /// this hash.
  ///
  /// Throws a `CheckpointError` or a `TextError` if the checkpoint holds something else, or a
  /// transformer for the codes of another encoder.
  public init(_ checkpoint: Checkpoint, forCodesOf encoderHash: String) throws {
    try checkpoint.checkCodes(of: encoderHash)
    let model = try DALLE(checkpoint)
    self.init(model, try checkpoint.tokenizer(ofSize: model.configuration.textVocabulary))
    sampling = try checkpoint.sampling()
  }

  /// The card for a checkpoint of this transformer, which draws the codes of the encoder with this
  /// hash, with further notes.
  public func card(forCodesOf encoderHash: String, _ notes: [String: String] = [:]) -> ModelCard {
    var notes = notes
    if let sampling { notes[SamplingOptions.note] = ModelCard(kind: "", config: sampling).config }
    return ModelCard(
      kind: DALLE.kind, config: model.configuration, tokenizer, forCodesOf: encoderHash, notes)
  }
}
