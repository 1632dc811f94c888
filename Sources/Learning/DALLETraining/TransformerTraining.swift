// How a transformer learns pairs of captions and tokens.

import CaptionedImages
import Checkpoints
import DALLE
import Optimization
import TensorCore
import Text
import TokenizerTraining
import Training

extension Tokenizer {
  /// A byte-level tokenizer, as for GPT-2, trained on cleaned captions: the text tokens of a
  /// transformer's streams. A `minimumCount` of 1 makes a token of every word of a small set, so
  /// that its captions are not cut.
  public static func streams(
    _ captions: some Sequence<String>, vocabularySize: Int = 4096, minimumCount: Int = 2
  ) -> Tokenizer {
    trained(
      on: captions.lazy.map { cleaned($0) }, style: .byteLevel,
      vocabularySize: vocabularySize, minimumCount: minimumCount)
  }
}

extension CaptionedDALLE {
  /// An untrained transformer, with weights from the recipe's seed. The configuration's text
  /// vocabulary is that of the tokenizer.
  public init(_ recipe: DALLERecipe, _ configuration: DALLEConfiguration, _ tokenizer: Tokenizer) {
    var random = Random(seed: recipe.seed).split("transformer")
    self.init(DALLE(configuration, &random), tokenizer)
  }

  /// Trains on a token set. AdamW (0.9, 0.96) with decay 0.045 on matrices, gradients clipped at
  /// norm 4 and second moments at 5 (appendix B.2); or Muon in its place for the matrices inside of blocks,
  /// as the recipe says. The final weights are a moving average over the last steps.
  ///
  /// With a `folder` the run is kept there, and resumed if it has begun.
  ///
  /// Throws a `TrainingError`, a `CheckpointError` if folder or set cannot be used, or what the
  /// hook throws.
  public func train(
    _ recipe: DALLERecipe, on set: TokenSet, evaluation: DALLEEvaluation? = nil,
    hook: DALLETrainingHook? = nil, folder: TrainingFolder? = nil,
    terminal: Terminal = .standardError
  ) throws {
    let c = model.configuration
    try set.check(rows: c.rows, columns: c.columns, vocabulary: c.imageVocabulary)
    let trainer = Trainer(
      "transformer", model,
      recipe.optimizer.make(
        for: model, blocks: "transformer.layers.", joined: "query_key_value", decay: 0.045,
        betas: (0.9, 0.96), secondMomentLimit: 5),
      steps: recipe.steps, seed: recipe.seed, rate: recipe.schedule)
    let mean = MovingAverage(model, decay: recipe.averageDecay)
    trainer.average = mean
    trainer.gradientLimit = 4
    trainer.terminal = terminal
    trainer.folder = folder
    let share = trainer.ranks.share(of: recipe.batch)
    var order = EpochOrder(count: set.count, Random(seed: recipe.seed).split("order"))
    try trainer.run { step, random in
      let (text, image, read) = try batch(step, share, recipe, set, &order, &random)
      let loss = model.loss(of: model.hidden(text: text, image: read), text: text, image: image)
      loss.total.backward()
      var metrics = Metrics(
        loss: loss.total.item, ["text": loss.text.item, "image": loss.image.item])
      // The run will end with the average weights, so these are shown and measured.
      if let hook, (step + 1) % hook.interval == 0, mean.updates > 0 {
        mean.swap()
        defer { mean.swap() }
        try trainer.withWholeModel { try hook.body(step + 1, self) }
      }
      if let evaluation, (step + 1) % evaluation.interval == 0, mean.updates > 0 {
        mean.swap()
        let losses = evaluation.losses(model)
        mean.swap()
        metrics.add("validation_text", Float(losses.text))
        metrics.add("validation_image", Float(losses.image))
      }
      return metrics
    }
    mean.swap()
  }

  /// The text ids [b, T] and codes [b, N] of b of the rows of a step, and the codes that the model reads.
  /// Some captions are left out.
  private func batch(
    _ step: Int, _ share: Range<Int>, _ recipe: DALLERecipe, _ set: TokenSet,
    _ order: inout EpochOrder,
    _ random: inout Random
  ) throws -> (text: IndexTensor, image: IndexTensor, read: IndexTensor) {
    let c = model.configuration
    var (text, image, read): ([Int32], [Int32], [Int32]) = ([], [], [])
    for row in 0..<recipe.batch {
      let index = order.index(at: step * recipe.batch + row)
      let keepsCaption = random.uniform() >= recipe.captionDropout
      let caption = keepsCaption ? try set.caption(at: index) : ""
      let ids = try ids(caption, dropout: recipe.textDropout, using: &random)
      let codes = try set.codes(at: index)
      let noisy = recipe.noisy(codes, of: c.imageVocabulary, at: step, &random)
      // All ranks draw the same random numbers.
      guard share.contains(row) else { continue }
      text += ids
      image += codes
      read += noisy
    }
    let shape = [share.count, c.imageTokens]
    return (
      IndexTensor(shape: [share.count, c.textLength], text), IndexTensor(shape: shape, image),
      IndexTensor(shape: shape, read)
    )
  }
}
