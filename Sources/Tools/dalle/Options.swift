// Options and helpers that several commands share.

import ArgumentParser
import Checkpoints
import Commands
import DALLE
import DiscreteVAE
import Files
import Foundation
import Pretrained
import TextToImage

/// How tokens are sampled.
struct SamplingFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Low values favour likely tokens, 1 samples the model as it is, 0 always takes the likeliest."
  )
  var temperature = SamplingOptions.usual.temperature
  @Option(parsing: .unconditional, help: "Sample from the k likeliest tokens only.")
  var topK: Int?
  @Option(
    parsing: .unconditional,
    help: "Sample from the likeliest tokens whose probabilities sum to p.")
  var topP = SamplingOptions.usual.topP ?? 1
  @Option(
    parsing: .unconditional,
    help:
      "Exclude this share of the codes, the least likely ones: 0 to 1. (default: none)"
  )
  var threshold: Double?
  @Option(
    parsing: .unconditional,
    help: "How much the caption counts: 1 as trained, above 1 more.")
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
      "A folder with transformer.safetensors, dvae.safetensors and reranker.safetensors or else clip.safetensors, as dalle train all and make models write it, instead of the bundled models.",
      valueName: "folder"))
  var models: String?

  /// The models that draw: those in the folder, or else the bundled ones of a world.
  func dalle(_ world: WorldName = .stickers) throws -> TextToImage {
    guard let models else {
      return world == .emoji ? try Pretrained.emoji() : try Pretrained.dalle()
    }
    let dvae = try DiscreteVAE(
      Checkpoint("\(models)/dvae.safetensors", kind: DiscreteVAE.kind))
    // A CLIP that was trained for drawn pictures chooses better among them; so does a captioner.
    let reranker = "\(models)/reranker.safetensors"
    let hasReranker = FileManager.default.fileExists(atPath: reranker)
    let chooser = hasReranker ? reranker : "\(models)/clip.safetensors"
    return try TextToImage(
      CaptionedDALLE(
        Checkpoint("\(models)/transformer.safetensors", kind: DALLE.kind),
        forCodesOf: dvae.encoderHash), dvae,
      rerankerIn: Checkpoint(chooser))
  }
}

extension ModelFlags {
  /// The models that draw a caption. Without a choice of a world it is the one that knows more of the
  /// caption's words, which is said if that is not the stickers'.
  func dalle(_ world: WorldName?, for caption: String) throws -> TextToImage {
    if models != nil || world != nil { return try dalle(world ?? .stickers) }
    let stickers = try dalle(.stickers)
    let unknown = stickers.transformer.tokenizer.unknownWords(in: caption).map(\.word)
    if unknown.isEmpty { return stickers }
    let emoji = try dalle(.emoji)
    let others = emoji.transformer.tokenizer.unknownWords(in: caption).map(\.word)
    guard others.count < unknown.count else { return stickers }
    let deciding = unknown.filter { !others.contains($0) }.map { "\"\(printable($0))\"" }
    complain(
      "note: \(deciding.joined(separator: ", ")): only the emoji models know that, so they draw; "
        + "--world chooses\n")
    return emoji
  }
}

/// A value as JSON for programs.
func jsonText(_ value: some Encodable) throws -> String {
  String(decoding: try prettyJSON(value), as: UTF8.self)
}
