// A transformer in a checkpoint, alone or with its tokenizer.

import Checkpoints
import NeuralNetwork
import Text

extension ModelCard {
  /// The key of the note with the hash of the encoder whose codes a transformer was trained on, or
  /// a set of tokens consists of.
  public static let encoderHash = "encoder_sha256"
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
    let note = try checkpoint.note(Tokenizer.note)
    try checkpoint.checkCodes(of: encoderHash)
    let model = try DALLE(checkpoint)
    let size = model.configuration.textVocabulary
    self.init(
      model,
      try Tokenizer(
        note: note, of: checkpoint.card.notes, in: checkpoint.file.path, vocabularySize: size))
  }

  /// The card for a checkpoint of this transformer, which draws the codes of the encoder with this
  /// hash, with further notes.
  public func card(forCodesOf encoderHash: String, _ notes: [String: String] = [:]) -> ModelCard {
    ModelCard(
      kind: DALLE.kind, config: model.configuration,
      notes: notes.merging(tokenizer.notes) { $1 }
        .merging([ModelCard.encoderHash: encoderHash]) { $1 })
  }
}
