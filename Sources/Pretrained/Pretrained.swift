// The checkpoints that come with the book.

import Checkpoints
import Foundation
import StickerClassifier

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
}
