// The three stages, one after the other.

import Checkpoints
import DiscreteVAE
import NeuralNetwork
import TensorCore
import Training

/// Draws a batch of pictures [B, C, H, W] in 0 … 1 for step `step`.
public typealias PictureBatches = (_ step: Int, inout Random) throws -> Tensor

/// A dVAE in training.
public struct DVAETraining {
  /// What is trained.
  public let dvae: DiscreteVAE
  /// The settings.
  public let recipe: DVAERecipe
  /// Where the run is kept, a folder with one for each stage; nil for nowhere.
  public var folder: String?
  /// Where progress is shown.
  public var terminal = Terminal.standardError

  /// A dVAE as `recipe` starts it.
  public init(_ configuration: DVAEConfiguration, _ recipe: DVAERecipe) {
    var random = Random(seed: recipe.seed).split("dvae")
    dvae = DiscreteVAE(configuration, &random)
    self.recipe = recipe
  }

  /// What a checkpoint says about the result.
  public var card: ModelCard {
    ModelCard(
      kind: DiscreteVAE.kind, config: dvae.configuration,
      notes: ["recipe": ModelCard(kind: "", config: recipe).config])
  }

  /// All three stages.
  ///
  /// Throws a `TrainingError`, a `CheckpointError` when the folder cannot be used, or what
  /// `pictures` throws.
  public func run(_ pictures: PictureBatches) throws {
    let continuous = try warmUp(pictures)
    try makeCodes(continuous, pictures)
    try trainBound(pictures)
  }

  /// The first stage: continuous latents.
  public func warmUp(_ pictures: PictureBatches) throws -> ContinuousAutoencoder {
    var random = Random(seed: recipe.seed).split("latents")
    let model = ContinuousAutoencoder(dvae, latents: recipe.latents, &random)
    let trainer = Trainer(
      "warm-up", model, Adam(model, rate: 0, betas: (0.9, 0.99)), steps: recipe.warmUpSteps,
      seed: recipe.seed, rate: DVAERecipe.schedule(recipe.warmUpRate, steps: recipe.warmUpSteps))
    configure(trainer, "warm-up")
    try trainer.run { step, random in
      let images = mapPixels(try pictures(step, &random)).channelsLast  // [B, H, W, C]
      let f = dvae.configuration.factor
      let shape = [images.shape[0], images.shape[1] / f, images.shape[2] / f, recipe.latents]
      let loss = model.loss(images, noise: .normal(shape, &random), recipe)
      loss.backward()
      return Metrics(loss: loss.item)
    }
    return model
  }

  /// The second stage: codes where the latents are.
  public func makeCodes(_ model: ContinuousAutoencoder, _ pictures: PictureBatches) throws {
    var random = Random(seed: recipe.seed).split("codes")
    var parts: [Tensor] = []
    for step in 0..<max(1, recipe.clusterPictures / recipe.batch) {
      let images = mapPixels(try pictures(step, &random)).channelsLast
      parts.append(withoutGradient { model.latents(images).reshaped(-1, recipe.latents) })
    }
    let points = concatenate(parts, axis: 0)  // [n, e]
    let clusters = Clusters(
      points, count: dvae.configuration.vocabulary, rounds: recipe.clusterRounds, using: &random)
    let sample = points.sliced(axis: 0, 0..<min(4096, points.shape[0]))
    model.fold(clusters.centres, deviation: deviation(sample, clusters.centres))
  }

  /// The third stage: the evidence lower bound. The dVAE ends with the mean of its weights over
  /// the last steps.
  public func trainBound(_ pictures: PictureBatches) throws {
    let trainer = Trainer(
      "bound", dvae, Adam(dvae, rate: 0, betas: (0.9, 0.999)), steps: recipe.steps,
      seed: recipe.seed, rate: DVAERecipe.schedule(recipe.rate, steps: recipe.steps))
    let mean = MovingAverage(dvae, decay: 0.999)
    trainer.average = mean
    configure(trainer, "bound")
    try trainer.run { step, random in
      let images = mapPixels(try pictures(step, &random)).channelsLast  // [B, H, W, C]
      let logits = dvae.encoder(images)  // [B, h, w, K]
      let codes = gumbelSoftmax(
        logits, noise: .gumbel(logits.shape, &random), temperature: recipe.temperature(step))
      let bound = EvidenceBound(images, dvae.decoder(codes), logits: logits)
      let loss = bound.loss(beta: recipe.beta(step))
      loss.backward()
      return Metrics(
        loss: loss.item,
        [
          "reconstruction": bound.reconstruction.mean().item, "kl": bound.divergences.mean().item,
        ])
    }
    mean.swap()
  }

  private func configure(_ trainer: Trainer, _ stage: String) {
    trainer.gradientLimit = 5
    trainer.terminal = terminal
    trainer.folder = folder.map { TrainingFolder("\($0)/\(stage)", card, every: 200, resume: true) }
  }

  /// The deviation at which the posterior over codes has the entropy that is asked for.
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
