// The loop that trains every CLIP.

import CLIP
import Checkpoints
import DALLETraining
import Optimization
import StickerWorld
import TensorCore
import Text
import TokenizerTraining
import Training
import VisionTransformer

extension CaptionMatcher {
  /// An untrained matcher for stickers, with weights from the recipe's seed. With an `encoder` the
  /// image tower starts from the weights of chapter 1's vision transformer.
  public init(_ recipe: CLIPRecipe, encoder: ViTEncoder? = nil) {
    self.init(recipe, .stickers())
    if let encoder { clip.vision.start(from: encoder) }
  }

  /// An untrained matcher of the same size for captions of other pictures, with a tokenizer of up
  /// to 4,096 tokens trained on them, words that occur once included.
  public init(_ recipe: CLIPRecipe, captions: some Sequence<String>) {
    self.init(recipe, .matching(captions))
  }

  /// An untrained matcher of the same size with any tokenizer.
  package init(_ recipe: CLIPRecipe, _ tokenizer: Tokenizer) {
    var random = Random(seed: recipe.seed).split("clip")
    self.init(CLIP(.stickers(vocabulary: tokenizer.vocabularySize), &random), tokenizer)
  }

  /// Trains on pairs of the train split, each seen once. AdamW (0.9, 0.98), or Muon in its place inside
  /// of blocks, with decay 0.1 on matrices, gradients clipped at norm 1, the scale at most 100 (CLIP §2.5).
  ///
  /// With a `folder` the run is kept there, and resumed if it has begun. With a `redrawing`, half
  /// of the pictures are redrawn. With `drawings`, half of the scenes are theirs: the dVAE
  /// reconstructs their real pictures, and the drawings are added as wrong answers.
  ///
  /// Every 250 steps, and at the end, the log has the loss on 512 pairs of the validation split.
  ///
  /// Throws a `TrainingError`, a `CheckpointError` if the folder or the drawings cannot be used, or
  /// a `CaptionError` if the caption of a drawing describes no scene.
  public func train(
    _ recipe: CLIPRecipe, redrawing: Redrawing? = nil, drawings: Drawings? = nil,
    folder: TrainingFolder? = nil, terminal: Terminal = .standardError
  ) throws {
    let validation = ValidationPairs()
    try run(
      recipe, folder: folder, terminal: terminal, validation: { try validation.loss(of: self) }
    ) { _, random in
      let drawn = try drawings?.choose(recipe.batch / 2, using: &random)
      let batch = StickerBatch(
        .train, count: recipe.batch, hardNegatives: recipe.hardNegatives,
        prefersPairs: recipe.prefersPairs, drawn: drawn?.scenes ?? [], using: &random)
      let fresh = recipe.batch - (drawn?.scenes.count ?? 0)
      var pictures = batch.pictures.sliced(axis: 0, 0..<fresh)
      if let redrawing { pictures = redrawing.redrawEverySecond(pictures, using: &random) }
      if let drawings, let drawn {
        let rivals = batch.pictures.sliced(axis: 0, fresh..<recipe.batch)
        pictures = concatenate(
          [pictures, drawings.reconstructed(rivals), drawn.pictures], axis: 0)  // [n + k, 3, H, W]
      }
      return (pictures, batch.captions, batch.isExcluded, recipe.batch)
    }
  }

  /// The loop of every run. `batch` returns pictures [n + k, 3, H, W] in 0 … 1, of which the last k
  /// are never right, captions, the mask of excluded captions, and n. `validation` returns a loss
  /// for the log.
  func run(
    _ recipe: CLIPRecipe, folder: TrainingFolder?, terminal: Terminal,
    validation: (() throws -> Float)? = nil,
    batch: (_ step: Int, inout Random) throws -> (Tensor, [String], Mask, pairs: Int)
  ) throws {
    let trainer = Trainer(
      "clip", clip,
      recipe.optimizer.make(for: clip, blocks: ".layers.", decay: 0.1, betas: (0.9, 0.98)),
      steps: recipe.steps, seed: recipe.seed,
      rate: .riseAndFall(to: recipe.rate, steps: recipe.steps))
    trainer.gradientLimit = 1
    trainer.terminal = terminal
    trainer.folder = folder
    try trainer.run { step, random in
      clip.clampLogitScale()
      let (pictures, captions, isExcluded, pairs) = try batch(step, &random)
      let loss = try clip.backward(
        CLIP.normalised(pictures), ids(captions, truncate: true), pairs: pairs,
        excluding: isExcluded, on: trainer.ranks)
      var metrics = Metrics(loss: loss, ["scale": clip.logitScale.exp().item])
      if let validation, (step + 1) % 250 == 0 || step + 1 == recipe.steps {
        metrics.add("validation", try validation())
      }
      return metrics
    }
    clip.clampLogitScale()
  }
}
