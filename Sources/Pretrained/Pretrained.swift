// The checkpoints bundled with the book.

import CLIP
import Checkpoints
import DALLE
import DFGAN
import DiscreteVAE
import Files
import TextToImage
import VisionTransformer

/// The models that this repository trained, ready to use.
///
///     let classifier = try Pretrained.classifier()
public enum Pretrained {
  /// The path of the checkpoint `name`.safetensors.
  ///
  /// Throws a `CheckpointError` if it is neither beside the program nor in the sources.
  public static func path(_ name: String) throws(CheckpointError) -> String {
    do {
      return try bundledFile("Resources/\(name).safetensors", of: "Pretrained")
    } catch {
      throw CheckpointError(error)
    }
  }

  /// The vision transformer of chapter 1, which recognises thing, colour and background of single
  /// stickers in pictures [B, 3, 64, 64].
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func classifier() throws(CheckpointError) -> AttributeClassifier {
    try AttributeClassifier(Checkpoint(path("vit"), kind: AttributeClassifier.kind))
  }

  /// The CLIP of chapter 2, which measures how well captions match sticker pictures
  /// [B, 3, 64, 64].
  ///
  /// Throws a `CheckpointError` or a `TextError` if its file is damaged.
  public static func clip() throws -> CaptionMatcher {
    try matcher("clip")
  }

  /// The CLIP of chapter 5, which chooses among drawn pictures: chapter 2's, trained further on
  /// pictures of which half went through the dVAE, then together with the transformer's drawings.
  ///
  /// Throws a `CheckpointError` or a `TextError` if its file is damaged.
  public static func reranker() throws -> CaptionMatcher {
    try matcher("reranker")
  }

  /// The discrete VAE of chapter 3: pictures [B, 3, 64, 64] ↔ codes [B, 16, 16].
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func dVAE() throws(CheckpointError) -> DiscreteVAE {
    try dVAE("dvae")
  }

  /// The transformer of chapter 4, which draws the dVAE's tokens for captions.
  ///
  /// Throws a `CheckpointError` or a `TextError` if its file or the dVAE's is damaged, or if they
  /// do not belong together.
  public static func transformer() throws -> CaptionedDALLE {
    try transformer("transformer", forCodesOf: dVAE())
  }

  /// The complete DALL·E of chapter 5.
  ///
  /// Throws a `CheckpointError` or a `TextError` if one of its files is damaged, or if they do not
  /// belong together.
  public static func dalle() throws -> TextToImage {
    let dvae = try dVAE()
    return try TextToImage(transformer("transformer", forCodesOf: dvae), dvae, reranker())
  }

  /// How many things the emoji models know, the first of `EmojiThing.all`.
  public static let emojiThings = 100

  /// The complete DALL·E that draws things of an emoji font. It does not need the font.
  ///
  /// Throws a `CheckpointError` or a `TextError` if one of its files is damaged, or if they do not
  /// belong together.
  public static func emoji() throws -> TextToImage {
    let dvae = try emojiDVAE()
    return try TextToImage(
      transformer("emoji-transformer", forCodesOf: dvae), dvae,
      rerankerIn: Checkpoint(path("emoji-reranker")))
  }

  /// The discrete VAE of the emoji world: pictures [B, 3, 64, 64] ↔ codes [B, 8, 8].
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func emojiDVAE() throws(CheckpointError) -> DiscreteVAE { try dVAE("emoji-dvae") }

  /// The checkpoint of the network that reads pictures of emoji, for `EmojiNet(_:)`.
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func emojiJudge() throws(CheckpointError) -> Checkpoint {
    try Checkpoint(path("emoji-judge"))
  }

  /// The DF-GAN that chapter 5 compares the book's DALL·E with.
  ///
  /// Throws a `CheckpointError` or a `TextError` if its file is damaged.
  public static func rival() throws -> CaptionedGAN {
    try CaptionedGAN(Checkpoint(path("rival"), kind: CaptionedGAN.kind))
  }

  /// The checkpoint of the five referees who compare the two, for `Panel(_:)`.
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func panel() throws(CheckpointError) -> Checkpoint { try Checkpoint(path("panel")) }

  /// The checkpoint of the judge that reads sticker pictures, for `JudgeNet(_:)`. Drawing does not
  /// need the judge's module, so this one does not import it.
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func judge() throws(CheckpointError) -> Checkpoint { try Checkpoint(path("judge")) }
}

extension Pretrained {
  private static func dVAE(_ name: String) throws(CheckpointError) -> DiscreteVAE {
    try DiscreteVAE(Checkpoint(path(name), kind: DiscreteVAE.kind))
  }

  private static func transformer(
    _ name: String, forCodesOf dvae: DiscreteVAE
  ) throws -> CaptionedDALLE {
    try CaptionedDALLE(Checkpoint(path(name), kind: DALLE.kind), forCodesOf: dvae.encoderHash)
  }

  private static func matcher(_ name: String) throws -> CaptionMatcher {
    try CaptionMatcher(Checkpoint(path(name), kind: CaptionMatcher.kind))
  }
}

extension SamplingOptions {
  /// The options that work best with the bundled models: temperature 0.7, top-p 0.95, guidance 2.
  public static let usual = SamplingOptions(temperature: 0.7, topP: 0.95, guidance: 2)
}
