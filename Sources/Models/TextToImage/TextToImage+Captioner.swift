// A captioner as what chooses among candidates.

import CLIP
import Checkpoints
import DALLE
import DiscreteVAE
import TensorCore
import Text

extension TextToImage {
  /// Joins three models, the last of which says how probable the caption is for a picture (CogView,
  /// §3); transformer and captioner must have been trained on the dVAE's codes.
  public init(
    _ transformer: CaptionedDALLE, _ dvae: DiscreteVAE, _ captioner: CaptionScorer
  ) {
    self.init(transformer, dvae, nil) { (pictures, caption) throws(TextError) in
      let codes = dvae.encode(pictures)  // [n, h, w]
      let shape = [codes.shape[0], codes.shape[1] * codes.shape[2]]
      return try captioner.scores(IndexTensor(shape: shape, codes.values), caption)
    }
  }

  /// Joins a transformer, its dVAE, and the CLIP or the captioner of its codes that a checkpoint holds.
  ///
  /// Throws a `CheckpointError` or a `TextError` if it holds neither, or a captioner of other codes.
  public init(
    _ transformer: CaptionedDALLE, _ dvae: DiscreteVAE, rerankerIn checkpoint: Checkpoint
  ) throws {
    switch checkpoint.card.kind {
    case CaptionMatcher.kind: self.init(transformer, dvae, try CaptionMatcher(checkpoint))
    case Captioner.kind:
      self.init(
        transformer, dvae, try CaptionScorer(checkpoint, forCodesOf: dvae.encoderHash))
    default:
      throw CheckpointError.mismatch(
        file: checkpoint.file.path,
        reason: "holds a model of kind \"\(checkpoint.card.kind)\", expected "
          + "\"\(CaptionMatcher.kind)\" or \"\(Captioner.kind)\"")
    }
  }
}
