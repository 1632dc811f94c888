// The checkpoints bundled with the book.

import CLIP
import Checkpoints
import DALLE
import DiscreteVAE
import Foundation
import TextToImage
import VisionTransformer

/// The models that this repository trained, ready to use.
///
///     let classifier = try Pretrained.classifier()
public enum Pretrained {
  /// The path of the checkpoint `name`.safetensors.
  public static func path(_ name: String) -> String {
    Bundle.module.bundlePath + "/Resources/\(name).safetensors"
  }

  /// The vision transformer of chapter 1, which tells thing, colour and background of single
  /// stickers at 64×64.
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func classifier() throws(CheckpointError) -> AttributeClassifier {
    try AttributeClassifier(Checkpoint(path("vit"), kind: AttributeClassifier.kind))
  }

  /// The CLIP of chapter 2, which tells how well a caption fits a sticker picture of 64×64.
  ///
  /// Throws an error if its file is damaged.
  public static func clip() throws -> CaptionMatcher {
    try CaptionMatcher(Checkpoint(path("clip"), kind: CaptionMatcher.kind))
  }

  /// The CLIP of chapter 5, which chooses among drawn pictures: chapter 2's, trained on with
  /// pictures of which half went through the dVAE, then beside what the transformer draws.
  ///
  /// Throws an error if its file is damaged.
  public static func reranker() throws -> CaptionMatcher {
    try CaptionMatcher(Checkpoint(path("reranker"), kind: CaptionMatcher.kind))
  }

  /// The discrete VAE of chapter 3: 64×64 pixels of stickers become 16×16 tokens.
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func dVAE() throws(CheckpointError) -> DiscreteVAE {
    try DiscreteVAE(Checkpoint(path("dvae"), kind: DiscreteVAE.kind))
  }

  /// The transformer of chapter 4, which draws the dVAE's tokens for captions.
  ///
  /// Throws an error if its file or the dVAE's is damaged, or if they do not belong together.
  public static func transformer() throws -> CaptionedDALLE {
    try transformer(forCodesOf: dVAE())
  }

  private static func transformer(forCodesOf dvae: DiscreteVAE) throws -> CaptionedDALLE {
    try CaptionedDALLE(
      Checkpoint(path("transformer"), kind: DALLE.kind), forCodesOf: dvae.encoderHash)
  }

  /// The complete DALL·E of chapter 5.
  ///
  /// Throws an error if one of its files is damaged, or if they do not belong together.
  public static func dalle() throws -> TextToImage {
    let dvae = try dVAE()
    return try TextToImage(transformer(forCodesOf: dvae), dvae, reranker())
  }

  /// The checkpoint of the judge that tells what a sticker picture shows: `JudgeNet` reads it.
  /// Drawing does not need that module, so this one does not import it.
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func judge() throws(CheckpointError) -> Checkpoint { try Checkpoint(path("judge")) }
}

extension SamplingOptions {
  /// What suits the bundled models.
  public static let usual = SamplingOptions(temperature: 0.7, topP: 0.95, guidance: 2)
}
