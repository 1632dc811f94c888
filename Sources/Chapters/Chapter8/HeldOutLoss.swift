// The image loss on pictures that are learnt, and on others.

import DALLE
import DALLETraining

/// Both in nats per token, of averaged weights and whole captions.
struct HeldOutLoss: Codable {
  /// The steps that were made.
  let steps: Int
  let learnt, others: Double

  /// Measures a model in the middle of a run in a folder, on up to 128 pictures of each kind.
  init(after steps: Int, of transformer: CaptionedDALLE, in folder: String) throws {
    func loss(_ name: String) throws -> Double {
      let set = try TokenSet("\(folder)/\(name).safetensors")
      return try DALLEEvaluation(set, transformer, count: 128, every: 1)
        .losses(transformer.model).image
    }
    self.steps = steps
    (learnt, others) = (try loss("tokens"), try loss("validation"))
  }
}
