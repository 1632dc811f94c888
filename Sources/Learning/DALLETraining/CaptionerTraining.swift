// How a captioner learns to predict captions from codes.

import CaptionedImages
import Checkpoints
import DALLE
import Optimization
import TensorCore
import Text
import Training

/// The settings of a captioner's run.
public struct CaptionerRecipe: Codable, Equatable, Sendable {
  /// The number of optimiser steps.
  public var steps = 5000
  /// B, pairs per step.
  public var batch = 16
  /// The highest learning rate.
  public var rate: Float = 3e-3
  /// The largest share of codes, 0 … 1, in whose place the captioner reads random ones; the share is
  /// drawn anew for each picture. What a transformer draws has flaws, too.
  public var codeNoise: Float = 0.2
  /// What turns gradients into steps.
  public var optimizer = OptimizerChoice.muon
  /// The random seed of weights and training.
  public var seed: UInt64 = 1

  /// A recipe with Muon; or with another optimiser, and half of the rate.
  public init(_ optimizer: OptimizerChoice? = nil) {
    guard let optimizer, optimizer != self.optimizer else { return }
    (self.optimizer, rate) = (optimizer, rate / 2)
  }
}

extension CaptionScorer {
  /// An untrained captioner for the pictures of a set and with the words of a transformer, with weights
  /// from the recipe's seed.
  public init(_ recipe: CaptionerRecipe, _ set: TokenSet, wordsOf transformer: CaptionedDALLE) {
    let c = transformer.model.configuration
    self.init(
      recipe, set, vocabulary: c.imageVocabulary, transformer.tokenizer, length: c.textLength)
  }

  /// An untrained captioner for the pictures of a set, of so many codes and words, with weights from the
  /// recipe's seed.
  public init(
    _ recipe: CaptionerRecipe, _ set: TokenSet, vocabulary: Int, _ tokenizer: Tokenizer,
    length: Int = 20
  ) {
    var random = Random(seed: recipe.seed).split("captioner")
    let sizes = CaptionerConfiguration(
      textVocabulary: tokenizer.vocabularySize, textLength: length, imageVocabulary: vocabulary,
      rows: set.rows, columns: set.columns)
    self.init(Captioner(sizes, &random), tokenizer)
  }

  /// Trains on a token set, as the transformer does: Adam (0.9, 0.96) or Muon with decay 0.045 on
  /// matrices, gradients clipped at norm 4.
  ///
  /// With a `folder` the run is kept there, and resumed if it has begun.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` if folder or set cannot be used.
  public func train(
    _ recipe: CaptionerRecipe, on set: TokenSet, folder: TrainingFolder? = nil,
    terminal: Terminal = .standardError
  ) throws {
    let c = model.configuration
    try set.check(rows: c.rows, columns: c.columns, vocabulary: c.imageVocabulary)
    let trainer = Trainer(
      "captioner", model,
      recipe.optimizer.make(for: model, blocks: "layers.", decay: 0.045, betas: (0.9, 0.96)),
      steps: recipe.steps, seed: recipe.seed,
      rate: .riseAndFall(to: recipe.rate, steps: recipe.steps, rise: 100, fall: 50))
    trainer.gradientLimit = 4
    trainer.terminal = terminal
    trainer.folder = folder
    let share = trainer.ranks.share(of: recipe.batch)
    var order = EpochOrder(count: set.count, Random(seed: recipe.seed).split("order"))
    try trainer.run { step, random in
      let (image, text) = try batch(step, share, recipe, set, &order, &random)
      let loss = model(image: image, text: text)
      loss.backward()
      return Metrics(loss: loss.item, [:])
    }
  }

  /// The codes [b, N] as the model reads them, and the text ids [b, T], of b of the rows of a step.
  private func batch(
    _ step: Int, _ share: Range<Int>, _ recipe: CaptionerRecipe, _ set: TokenSet,
    _ order: inout EpochOrder, _ random: inout Random
  ) throws -> (image: IndexTensor, text: IndexTensor) {
    let c = model.configuration
    var (image, text): ([Int32], [Int32]) = ([], [])
    for row in 0..<recipe.batch {
      let index = order.index(at: step * recipe.batch + row)
      let noise = random.uniform() * recipe.codeNoise
      let codes = try set.codes(at: index).map {
        random.uniform() < noise ? Int32(random.integer(below: c.imageVocabulary)) : $0
      }
      // All ranks draw the same random numbers.
      guard share.contains(row) else { continue }
      image += codes
      text += try ids(set.caption(at: index))
    }
    return (
      IndexTensor(shape: [share.count, c.rows * c.columns], image),
      IndexTensor(shape: [share.count, c.textLength], text)
    )
  }
}
