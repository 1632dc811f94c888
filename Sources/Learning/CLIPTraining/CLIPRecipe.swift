// The settings of a contrastive run, and the model and the tokenizer for stickers.

import CLIP
import Optimization
import StickerWorld
import TensorCore
import Text
import VisionTransformer

/// The settings of a contrastive run.
public struct CLIPRecipe: Equatable, Sendable {
  /// The number of optimiser steps.
  public var steps: Int
  /// n, pictures per step.
  public var batch: Int
  /// The highest learning rate.
  public var rate: Float
  /// Whether each picture comes with captions that are nearly right.
  public var hardNegatives: Bool
  /// Whether pairs of stickers are more frequent than in the data set: of two scenes, a pair is
  /// preferred. Only pairs teach which colour belongs to which thing, and which sticker is where.
  public var prefersPairs: Bool
  /// What turns gradients into steps.
  public var optimizer: OptimizerChoice
  /// The random seed of weights, pictures and captions.
  public var seed: UInt64

  /// A recipe; the defaults are the first half of the run that made the CLIP of the book.
  public init(
    steps: Int = 4000, batch: Int = 64, rate: Float = 8e-4, hardNegatives: Bool = true,
    prefersPairs: Bool = false, optimizer: OptimizerChoice = .adamW, seed: UInt64 = 1
  ) {
    self.steps = steps
    self.batch = batch
    self.rate = rate
    self.hardNegatives = hardNegatives
    self.prefersPairs = prefersPairs
    self.optimizer = optimizer
    self.seed = seed
  }

  /// The second half of that run, which starts from the result of the first.
  public static func binding(seed: UInt64 = 1) -> CLIPRecipe {
    CLIPRecipe(rate: 6e-4, prefersPairs: true, seed: seed)
  }

  /// The settings, as notes for a checkpoint.
  public var notes: [String: String] {
    [
      "steps": "\(steps)", "batch": "\(batch)", "rate": "\(rate)", "seed": "\(seed)",
      "hard_negatives": "\(hardNegatives)", "prefers_pairs": "\(prefersPairs)",
      "optimizer": optimizer.rawValue,
    ]
  }
}

extension CLIPConfiguration {
  /// The model that chapter 2 trains on stickers, for `vocabulary` tokens.
  public static func stickers(vocabulary: Int) -> CLIPConfiguration {
    CLIPConfiguration(
      text: Text(vocabulary: vocabulary, context: 20, width: 128, layers: 3, heads: 4),
      vision: ViTConfiguration(
        imageSize: 64, patch: 8, width: 128, layers: 6, heads: 4, activation: .quickGelu,
        epsilon: 1e-5),
      projection: 128)
  }
}

extension Tokenizer {
  /// A tokenizer in CLIP's style for captions of any pictures: up to 4,096 tokens, words that occur
  /// once included.
  public static func matching(_ captions: some Sequence<String>) -> Tokenizer {
    trained(on: captions, style: .clip, vocabularySize: 4096, minimumCount: 1)
  }

  /// A tokenizer in CLIP's style, trained on 4,000 captions of sticker world.
  public static func stickers(seed: UInt64 = 1) -> Tokenizer {
    var random = Random(seed: seed)
    let captions = (0..<4000).map {
      let scene = StickerWorld.sample(.train, seed: seed, index: $0).scene
      return Detail.random(for: scene, using: &random).caption(of: scene, using: &random).caption
    }
    return trained(on: captions, style: .clip, vocabularySize: 704)
  }
}
