// What training everything will take, estimated from a few steps.

import BookModels
import CLIP
import CLIPTraining
import CaptionedImages
import DALLE
import DALLETraining
import DVAETraining
import DiscreteVAE
import Files
import Foundation
import TensorCore
import Text
import Training

/// Sizes, memory and time of `dalle train all`.
struct TrainingPlan {
  private let recipes: TrainAll.Recipes
  private let pairs: any PairSource
  private let tokenizers: (transformer: Tokenizer, clip: Tokenizer)

  init(
    _ recipes: TrainAll.Recipes, _ pairs: any PairSource, _ transformer: Tokenizer,
    _ clip: Tokenizer
  ) {
    self.recipes = recipes
    self.pairs = pairs
    tokenizers = (transformer, clip)
  }

  /// Tries two steps of each model and prints the plan. Returns the bytes that the run will write,
  /// about.
  func show() throws -> Int {
    let rows = [
      try dvae(), try transformer(), try recipes.reranker == .clip ? clip() : captioner(),
    ]
    try announce("plan".left(16) + "numbers".right(12) + "steps".right(8) + "time".right(13))
    var total = 0.0
    for row in rows {
      try announce(
        row.name.left(16) + "\(row.numbers)".right(12) + "\(row.steps)".right(8)
          + clock(row.seconds).right(13))
      total += row.seconds
    }
    let bytes = bytes(rows)
    try announce(
      "about \(clock(total)) on this machine, at most \(peakMemory() >> 20) MB of memory and "
        + "\((bytes + 999_999) / 1_000_000) MB on the disk; "
        + "\(recipes.transformer.pictures) pictures become tokens")
    return bytes
  }

  private typealias Row = (name: String, numbers: Int, steps: Int, seconds: Double)

  /// What stays on the disk: the state of each stage, models, tokens, logs; and for a moment a new
  /// state, or the part of the tokens, beside the old.
  private func bytes(_ rows: [Row]) -> Int {
    let (transformer, reranker) = (rows[1].numbers, rows[2].numbers)
    // Weights, two running averages, the mean of weights; the model twice.
    let states = 4 * (4 * transformer + 3 * reranker) + 4 * 2 * (transformer + reranker)
    let grid = recipes.dvaeSizes
    let codes = (64 / grid.factor) * (64 / grid.factor)
    let tokens = 2 * recipes.transformer.pictures * (4 * codes + 64)
    let logs = 300 * (recipes.transformer.steps + rows[2].steps)
    return DVAETraining(recipes.dvaeSizes, recipes.dvae).sizeOnDisk + states + tokens + logs
      + 4 * 4 * transformer
  }

  /// The progress of these few steps is not shown.
  private static var silent: Terminal {
    Terminal(redraws: false, colours: false, columns: { 80 }, write: { _ in })
  }

  /// Batches of `size` pictures, as a training reads them.
  private func pictures(_ size: Int) -> PictureBatches {
    let batches = Batches(pairs, batchSize: size, seed: 1)
    return { try batches.batch($0).pictures }
  }

  private func dvae() throws -> Row {
    var recipe = recipes.dvae
    (recipe.warmUpSteps, recipe.steps, recipe.decoderSteps) = (2, 2, 2)
    var training = DVAETraining(recipes.dvaeSizes, recipe)
    training.terminal = Self.silent
    let pictures = pictures(recipe.batch)
    let warmUp = try seconds { _ = try training.warmUp(pictures) } / 2
    let bound = try seconds { try training.trainBound(pictures) } / 2
    var numbers = 0
    let decoder = try seconds { numbers = try training.trainDecoder(pictures).parameterCount } / 2
    let plan = recipes.dvae
    return (
      "dVAE", numbers, plan.warmUpSteps + plan.steps + plan.decoderSteps,
      warmUp * Double(plan.warmUpSteps) + bound * Double(plan.steps)
        + decoder * Double(plan.decoderSteps)
    )
  }

  private func transformer() throws -> Row {
    var recipe = recipes.transformer
    (recipe.steps, recipe.pictures) = (2, recipe.batch)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var random = Random(seed: 0)
    let dvae = DiscreteVAE(recipes.dvaeSizes, &random)
    var run = DALLERun(recipe, dvae, folder: folder)
    run.terminal = Self.silent
    run.configuration = recipes.transformerSizes
    run.options = RunOptions([:], precision: .current)
    let model = try run.run(on: pairs, called: "plan", tokenizers.transformer)
    let card = model.card(forCodesOf: dvae.encoderHash)
    let steps = try TrainingFolder(folder, card, every: 1, resume: true).logged("seconds")
    // Before the steps, pictures become tokens.
    let batch = try pictures(recipe.batch)(0)
    let tokens = seconds { _ = dvae.encode(batch) } / Double(recipe.batch)
    return (
      "transformer", model.parameterCount, recipes.transformer.steps,
      Double(steps.last?.value ?? 0) * Double(recipes.transformer.steps)
        + tokens * Double(recipes.transformer.pictures)
    )
  }

  private func clip() throws -> Row {
    let matcher = CaptionMatcher(recipes.clip, tokenizers.clip)
    var recipe = recipes.clip
    recipe.steps = 2
    let time = try seconds {
      var random = Random(seed: 0)
      let redrawing = Redrawing(DiscreteVAE(recipes.dvaeSizes, &random))
      try matcher.train(recipe, on: pairs, redrawing: redrawing, terminal: Self.silent)
    }
    return (
      "CLIP", matcher.parameterCount, recipes.clip.steps, time / 2 * Double(recipes.clip.steps)
    )
  }

  private func captioner() throws -> Row {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: file) }
    var random = Random(seed: 0)
    let dvae = DiscreteVAE(recipes.dvaeSizes, &random)
    try TokenSet.make(
      pairs, called: "plan", count: recipes.captioner.batch, dvae, seed: 0, to: file)
    let set = try TokenSet(file)
    var recipe = recipes.captioner
    recipe.steps = 2
    let captioner = CaptionScorer(
      recipe, set, vocabulary: recipes.dvaeSizes.vocabulary, tokenizers.transformer)
    let time = try seconds { try captioner.train(recipe, on: set, terminal: Self.silent) }
    return (
      "captioner", captioner.parameterCount, recipes.captioner.steps,
      time / 2 * Double(recipes.captioner.steps)
    )
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }
}
