// The checkpoints that come with the book.

import CLIPTraining
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import Foundation
import StickerClassifier
import TextToImage

/// The models that this repository trained, ready to use.
///
///     let classifier = try Pretrained.classifier()
public enum Pretrained {
  /// Where the checkpoint `name`.safetensors is.
  public static func path(_ name: String) -> String {
    Bundle.module.bundlePath + "/Resources/\(name).safetensors"
  }

  /// The vision transformer of chapter 1, which tells thing, colour and background of single
  /// stickers at 64×64.
  ///
  /// Throws a `CheckpointError` if its file is damaged.
  public static func classifier() throws(CheckpointError) -> StickerClassifier {
    try StickerClassifier(Checkpoint(path("vit"), kind: StickerClassifier.kind))
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
  public static func transformer() throws -> PictureDrawer {
    try PictureDrawer(
      Checkpoint(path("transformer"), kind: DALLE.kind), for: dVAE())
  }

  /// The complete DALL·E of chapter 5.
  ///
  /// Throws an error if one of its files is damaged, or if they do not belong together.
  public static func dalle() throws -> TextToImage {
    try TextToImage(transformer(), dVAE(), reranker())
  }
}

extension SamplingOptions {
  /// What suits the models that come along.
  public static let usual = SamplingOptions(temperature: 0.7, topP: 0.95, guidance: 2)
}
