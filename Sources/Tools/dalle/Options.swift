// Options and helpers that several commands share.

import ArgumentParser
import Checkpoints
import Commands
import DALLE
import DiscreteVAE
import Files
import Foundation
import Pretrained
import Text
import TextToImage

/// How tokens are sampled.
struct SamplingFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Low values favour likely tokens, 1 samples the model as it is, 0 always takes the likeliest. (default: 0.7, or what the model's file says)"
  )
  var temperature: Float?
  @Option(parsing: .unconditional, help: "Sample from the k likeliest tokens only.")
  var topK: Int?
  @Option(
    parsing: .unconditional,
    help:
      "Sample from the likeliest tokens whose probabilities sum to p. (default: 0.95, or what the model's file says)"
  )
  var topP: Double?
  @Option(
    parsing: .unconditional,
    help:
      "Exclude this share of the codes, the least likely ones: 0 to 1. (default: none)"
  )
  var threshold: Double?
  @Option(
    parsing: .unconditional,
    help:
      "How much the caption counts: 1 as trained, above 1 more. (default: 2, or what the model's file says)"
  )
  var guidance: Float?

  /// The options for a model: what is not given is as its file says, or else as it is best for the bundled one.
  func options(for model: TextToImage) -> SamplingOptions {
    options(over: model.transformer.sampling ?? .usual)
  }

  private func options(over usual: SamplingOptions) -> SamplingOptions {
    SamplingOptions(
      temperature: temperature ?? usual.temperature, topK: topK ?? usual.topK,
      topP: topP ?? usual.topP, threshold: threshold ?? usual.threshold,
      guidance: guidance ?? usual.guidance)
  }

  func validate() throws {
    if let flaw = options(over: .usual).flaw { throw ValidationError(flaw) }
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
    if stickers.transformer.tokenizer.unknownWords(in: caption).isEmpty { return stickers }
    let emoji = try dalle(.emoji)
    let (choice, note) = Self.world(
      of: caption, stickers.transformer.tokenizer, emoji.transformer.tokenizer)
    if let note { complain("note: \(note)\n") }
    return choice == .emoji ? emoji : stickers
  }

  /// The world that knows more of a caption's words, and what has to be said of it.
  static func world(
    of caption: String, _ stickers: Tokenizer, _ emoji: Tokenizer
  ) -> (choice: WorldName, note: String?) {
    let unknown = stickers.unknownWords(in: caption).map(\.word)
    let others = emoji.unknownWords(in: caption).map(\.word)
    let deciding = unknown.filter { !others.contains($0) }.map { "\"\(printable($0))\"" }
    let words = deciding.joined(separator: ", ")
    if others.count < unknown.count {
      let note = "only the emoji models know \(words), so they draw"
      return (.emoji, "\(note); --world stickers has the others try")
    }
    if words.isEmpty { return (.stickers, nil) }
    return (.stickers, "the emoji models know \(words); --world emoji has them draw")
  }
}

/// A value as JSON for programs.
func jsonText(_ value: some Encodable) throws -> String {
  String(decoding: try prettyJSON(value), as: UTF8.self)
}
