// The first three stages, and the run through all four.

import CaptionedImages
import Checkpoints
import DiscreteVAE
import Optimization
import TensorCore
import Training

/// Returns batch number `step` of pictures, [B, C, H, W] in 0 … 1.
public typealias PictureBatches = (_ step: Int) throws -> Tensor

/// A resumable training of a dVAE in four stages.
public struct DVAETraining {
  /// The dVAE that the first three stages train. Its decoder is as deep as its encoder.
  public let dvae: DiscreteVAE
  /// The sizes of the result.
  public let configuration: DVAEConfiguration
  /// The settings of all stages, which are noted in the checkpoint.
  public let recipe: DVAERecipe
  /// The folder of the run, with a subfolder for each stage; nil if nothing should be kept.
  public var folder: String?
  /// Whether to continue from the state in the folder, if there is one.
  public var resume = false
  /// Where progress is shown.
  public var terminal = Terminal.standardError
  /// What the user chose, for a resumed run to compare.
  public var options = RunOptions([:])
  /// Pictures [n, C, H, W] in 0 … 1 on which the model is measured during training, and the steps
  /// between two measurements, which go into the log.
  public var evaluation: (pictures: Tensor, every: Int)?

  private let data: String

  /// The stages that are kept, by the names of their folders, in order.
  public static let stages = ["warm-up", "bound", "decoder"]

  /// A training of a new dVAE, with weights from the recipe's seed. Its checkpoint notes `data`,
  /// the name of the training data.
  public init(
    _ configuration: DVAEConfiguration, _ recipe: DVAERecipe, data: String = "stickers"
  ) {
    var random = Random(seed: recipe.seed).split("dvae")
    var start = configuration
    start.decoderBlocks = nil
    dvae = DiscreteVAE(start, &random)
    self.configuration = configuration
    self.recipe = recipe
    self.data = data
  }

  /// The bytes that the whole run writes, about: a state of each stage, a new one beside the largest,
  /// and the model.
  public var sizeOnDisk: Int {
    var random = Random(seed: 0)
    let numbers = DiscreteVAE(configuration, &random).parameterCount
    // Weights, two running averages and, in the third stage, the mean of weights.
    return 4 * numbers * (3 + 4 + 3 + 4 + 1)
      + 300 * (recipe.warmUpSteps + recipe.steps + recipe.decoderSteps)
  }

  /// The card for a checkpoint of the result.
  public var card: ModelCard {
    ModelCard(
      kind: DiscreteVAE.kind, config: configuration,
      notes: ["recipe": ModelCard(kind: "", config: recipe).config, "data": data])
  }

  /// Runs all stages on the pictures of a source, which are made on a thread of their own. Returns
  /// the trained dVAE.
  ///
  /// Throws a `TrainingError`, a `CheckpointError` if the folder cannot be used, or what the source
  /// throws.
  public func run(on source: some PairSource) throws -> DiscreteVAE {
    let batches = Batches(source, batchSize: recipe.batch, seed: recipe.seed)
    return try run { try batches.batch($0).pictures }
  }

  /// Runs all stages and returns the trained dVAE. Each stage continues with the pictures after
  /// those of the previous one.
  ///
  /// Throws a `TrainingError`, a `CheckpointError` if the folder cannot be used, or what `pictures`
  /// throws.
  public func run(_ pictures: PictureBatches) throws -> DiscreteVAE {
    let continuous = try warmUp(pictures)
    if !hasBegun("bound") { try makeCodes(continuous, pictures) }
    try trainBound(pictures)
    return try trainDecoder(pictures)
  }

  /// The first stage: continuous latents. Returns the networks with the layers around the latents.
  ///
  /// Throws a `TrainingError`, a `CheckpointError` if the folder cannot be used, or what `pictures`
  /// throws.
  public func warmUp(_ pictures: PictureBatches) throws -> ContinuousAutoencoder {
    var random = Random(seed: recipe.seed).split("latents")
    let model = ContinuousAutoencoder(dvae, latents: recipe.latents, &random)
    let trainer = Trainer(
      "warm-up", model, recipe.makeOptimizer(for: model, betas: (0.9, 0.99)),
      steps: recipe.warmUpSteps,
      seed: recipe.seed, rate: DVAERecipe.schedule(recipe.warmUpRate, steps: recipe.warmUpSteps))
    configure(trainer, "warm-up")
    try trainer.run { step, random in
      let batch = try pictures(step)  // [B, C, H, W]
      let images = mapPixels(trainer.share(of: batch)).channelsLast  // [b, H, W, C]
      let f = dvae.configuration.factor
      let shape = [batch.shape[0], images.shape[1] / f, images.shape[2] / f, recipe.latents]
      let noise = trainer.share(of: .normal(shape, &random))  // [b, h, w, e]
      let loss = model.loss(images, noise: noise, recipe)
      loss.backward()
      var metrics = Metrics(loss: loss.item)
      if let evaluation, (step + 1) % evaluation.every == 0 {
        metrics.add("psnr", Float(model.psnr(evaluation.pictures)))
      }
      return metrics
    }
    return model
  }

  /// The second stage: turns clusters of latents into codes. It has no state of its own: a run that
  /// is stopped in it begins it again.
  ///
  /// Throws what `pictures` throws, or a `TrainingError` if the user stops a run with a folder.
  public func makeCodes(_ model: ContinuousAutoencoder, _ pictures: PictureBatches) throws {
    let steps = recipe.clusterSteps + recipe.clusterRounds
    let progress = ProgressBar("codes", total: steps, unit: "round", to: terminal)
    defer { progress.end() }
    func note(_ done: Int, _ isStopping: () -> Bool) throws {
      progress.update(done, "")
      if let folder, isStopping() {
        throw TrainingError.interrupted(
          done: done, steps: steps, unit: "round",
          state: "\(folder)/warm-up/training.safetensors")
      }
    }
    if folder == nil { return try makeCodes(model, pictures) { try note($0) { false } } }
    try stoppable { isStopping in
      try makeCodes(model, pictures) { try note($0, isStopping) }
    }
  }

  /// `progress` is called with the number of batches that became latents, and then of rounds.
  private func makeCodes(
    _ model: ContinuousAutoencoder, _ pictures: PictureBatches, progress: (Int) throws -> Void
  ) throws {
    var random = Random(seed: recipe.seed).split("codes")
    let points = try concatenate(
      (0..<recipe.clusterSteps).map { step in
        try progress(step)
        let images = mapPixels(try pictures(recipe.warmUpSteps + step)).channelsLast
        return withoutGradient { model.latents(images).reshaped(-1, recipe.latents) }
      }, axis: 0)  // [n, e]
    let clusters = try Clusters(
      points, count: dvae.configuration.vocabulary, rounds: recipe.clusterRounds,
      spread: recipe.clusterSpread, using: &random
    ) { try progress(recipe.clusterSteps + $0) }
    let sample = points.sliced(axis: 0, 0..<min(4096, points.shape[0]))
    model.fold(clusters.centres, deviation: deviation(sample, clusters.centres))
  }

  /// The third stage: the evidence lower bound. The final weights are a moving average over the
  /// last steps.
  ///
  /// Throws a `TrainingError`, a `CheckpointError` if the folder cannot be used, or what `pictures`
  /// throws.
  public func trainBound(_ pictures: PictureBatches) throws {
    let trainer = Trainer(
      "bound", dvae, recipe.makeOptimizer(for: dvae, betas: (0.9, 0.999)), steps: recipe.steps,
      seed: recipe.seed, rate: DVAERecipe.schedule(recipe.rate, steps: recipe.steps))
    let mean = MovingAverage(dvae, decay: recipe.averageDecay)
    trainer.average = mean
    configure(trainer, "bound")
    let first = recipe.warmUpSteps + recipe.clusterSteps
    try trainer.run { step, random in
      let batch = try pictures(first + step)  // [B, C, H, W]
      let images = mapPixels(trainer.share(of: batch)).channelsLast  // [b, H, W, C]
      let logits = dvae.encoder(images)  // [b, h, w, K]
      let temperature = recipe.temperature(step)
      let noise = Tensor.gumbel([batch.shape[0]] + logits.shape.dropFirst(), &random)
      let codes = gumbelSoftmax(
        logits, noise: trainer.share(of: noise), temperature: temperature)
      let bound = dvae.bound(images, codes, logits: logits)
      let loss = bound.loss(beta: recipe.beta(step))
      loss.backward()
      var metrics = Metrics(
        loss: loss.item,
        [
          "reconstruction": bound.reconstruction.mean().item, "kl": bound.divergences.mean().item,
        ])
      if let evaluation, (step + 1) % evaluation.every == 0, mean.updates > 0 {
        mean.swap()
        var chance = Random(seed: recipe.seed).split("evaluation")
        let report = dvae.report(evaluation.pictures, temperature: temperature, using: &chance)
        report.add(to: &metrics)
        mean.swap()
      }
      return metrics
    }
    mean.swap()
  }

  func configure(_ trainer: Trainer, _ stage: String) {
    trainer.gradientLimit = 5
    trainer.terminal = terminal
    trainer.folder = folder.map {
      TrainingFolder("\($0)/\(stage)", card, every: 200, resume: resume, options: options)
    }
  }

  /// Whether the run can continue from a saved state of a stage.
  private func hasBegun(_ stage: String) -> Bool {
    resume && (folder.map { TrainingFolder.hasBegun("\($0)/\(stage)") } ?? false)
  }

  /// The deviation at which the posterior over codes, for points [n, e] and centres [K, e], has the
  /// recipe's entropy.
  private func deviation(_ points: Tensor, _ centres: Tensor) -> Float {
    let norms = centres.square().sum(axis: 1) * 0.5  // [K]
    let scores = matmul(points, centres, transposeB: true) - norms  // [n, K]
    var (low, high): (Float, Float) = (1e-3, 1e3)
    for _ in 0..<40 {
      let s = (low * high).squareRoot()
      let logQ = (scores * (1 / (s * s))).logSoftmax()
      let entropy = (logQ.exp() * logQ).sum(axis: 1).mean().item * -1
      if entropy < recipe.entropy { low = s } else { high = s }
    }
    return (low * high).squareRoot()
  }
}
