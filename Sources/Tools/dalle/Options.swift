// What several commands are told, and what they all need.

import ArgumentParser
import CLIP
import CLIPTraining
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import Foundation
import Pretrained
import TextToImage

/// How tokens are drawn.
struct SamplingFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Low keeps to what is likely, 1 is the model as it is, 0 always the likeliest.")
  var temperature = SamplingOptions.usual.temperature
  @Option(parsing: .unconditional, help: "Only the k likeliest tokens are drawn.")
  var topK: Int?
  @Option(
    parsing: .unconditional,
    help: "Only the likeliest tokens whose probabilities reach p are drawn.")
  var topP = SamplingOptions.usual.topP ?? 1
  @Option(
    parsing: .unconditional,
    help:
      "The share of the codes that is never drawn, the least likely ones: 0 to 1. (default: none)"
  )
  var threshold: Double?
  @Option(
    parsing: .unconditional,
    help: "How much the caption counts: 1 as trained, more for more.")
  var guidance = SamplingOptions.usual.guidance

  var options: SamplingOptions {
    SamplingOptions(
      temperature: temperature, topK: topK, topP: topP, threshold: threshold, guidance: guidance)
  }

  func validate() throws {
    if let flaw = options.flaw { throw ValidationError(flaw) }
  }
}

/// Which models are used.
struct ModelFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder with transformer.safetensors, dvae.safetensors and clip.safetensors, as dalle train all writes it, instead of the models that come along.",
      valueName: "folder"))
  var models: String?

  func dalle() throws -> TextToImage {
    guard let models else { return try Pretrained.dalle() }
    let dvae = try DiscreteVAE(
      Checkpoint("\(models)/dvae.safetensors", kind: DiscreteVAE.kind))
    return try TextToImage(
      CaptionedDALLE(
        Checkpoint("\(models)/transformer.safetensors", kind: DALLE.kind),
        forCodesOf: dvae.encoderHash), dvae,
      CaptionMatcher(Checkpoint("\(models)/clip.safetensors", kind: CaptionMatcher.kind)))
  }
}

/// A value as JSON for programs.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
