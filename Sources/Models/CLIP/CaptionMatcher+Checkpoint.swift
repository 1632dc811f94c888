// A CLIP and its tokenizer in one checkpoint.

import Checkpoints
import NeuralNetwork
import Text

extension CaptionMatcher {
  /// The matcher in a checkpoint.
  ///
  /// Throws a `CheckpointError` or a `TextError` if it is not one.
  public init(_ checkpoint: Checkpoint) throws {
    let note = try checkpoint.note(Tokenizer.note)
    let clip: CLIP = try checkpoint.model { CLIP($0, &$1) }
    let size = clip.configuration.text.vocabulary
    let path = checkpoint.file.path
    self.init(
      clip,
      try Tokenizer(note: note, of: checkpoint.card.notes, in: path, vocabularySize: size))
  }

  /// The card for a checkpoint of this matcher, with further notes.
  public func card(_ notes: [String: String]) -> ModelCard {
    ModelCard(
      kind: Self.kind, config: clip.configuration, notes: notes.merging(tokenizer.notes) { $1 })
  }
}
