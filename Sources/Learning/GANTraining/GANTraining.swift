// The game of generator and discriminator (DF-GAN §3.2).

import CLIP
import CaptionedImages
import Checkpoints
import DFGAN
import Foundation
import NeuralNetwork
import Optimization
import TensorCore
import Training

/// A training of a DF-GAN on captioned pictures.
public struct GANTraining {
  /// The settings.
  public let recipe: GANRecipe
  /// The generator, whose weights are a moving average after `run`, and the text tower, which is not
  /// trained.
  public let gan: CaptionedGAN
  /// The generator's opponent.
  public let discriminator: DFGANDiscriminator
  /// The folder of state and log; without one nothing is kept.
  public var folder: TrainingFolder?
  /// Where progress is shown.
  public var terminal = Terminal.standardError
  /// Makes of a caption one that is wrong in a single respect; nil if it cannot be. Without it, a
  /// picture's wrong caption is always that of the next.
  public var wrong: ((_ caption: String, _ random: inout Random) -> String?)?
  /// Measures of the averaged generator for the log, every so many steps.
  public var evaluation: (every: Int, measure: (CaptionedGAN) throws -> [(String, Float)])?

  /// Untrained networks with weights from the recipe's seed, which read the sentences of `matcher`.
  public init(_ c: DFGANConfiguration, _ recipe: GANRecipe, sentencesOf matcher: CaptionMatcher) {
    var random = Random(seed: recipe.seed).split("gan")
    self.recipe = recipe
    gan = CaptionedGAN(c, sentencesOf: matcher, &random)
    discriminator = DFGANDiscriminator(gan.generator.configuration, &random)
  }

  /// Both networks, for one optimiser.
  private struct Players: Module {
    let generator: DFGANGenerator
    let discriminator: DFGANDiscriminator

    var members: Members {
      ("generator", generator)
      ("discriminator", discriminator)
    }
  }

  /// Plays all steps. Adam has β = (0, 0.9), as in the paper. In a step both networks get their
  /// gradients first and then move together (in the paper the discriminator moves first).
  ///
  /// Throws a `TrainingError`, a `CheckpointError` if the folder cannot be used, or what the source
  /// throws.
  public func run(on source: some PairSource) throws {
    let players = Players(generator: gan.generator, discriminator: discriminator)
    let groups = [
      ParameterGroup(players.parameters.filter { $0.name.hasPrefix("generator.") }),
      ParameterGroup(
        players.parameters.filter { $0.name.hasPrefix("discriminator.") },
        rateScale: recipe.discriminatorScale),
    ]
    let trainer = Trainer(
      "gan", players, Adam(groups, rate: 0, betas: (0, 0.9)), steps: recipe.steps,
      seed: recipe.seed, rate: .riseAndFall(to: recipe.rate, steps: recipe.steps, fall: 10))
    let average = MovingAverage(gan.generator, decay: recipe.averageDecay)
    trainer.average = average
    trainer.folder = folder
    trainer.terminal = terminal
    let batches = Batches(source, batchSize: recipe.batch, seed: recipe.seed)
    try trainer.run { step, random in
      let batch = try batches.batch(step)
      let pictures = batch.pictures.channelsLast.affine(scale: 2, offset: -1)  // [B, H, W, 3]
      let wrong = batch.captions.indices.map { i in
        let next = batch.captions[(i + 1) % recipe.batch]
        // Every second one is hard to tell apart from the right one.
        return i % 2 == 0 ? self.wrong?(batch.captions[i], &random) ?? next : next
      }
      let both = try gan.sentences(batch.captions + wrong, truncate: true)  // [2B, D]
      let sentences = both.sliced(axis: 0, 0..<recipe.batch)  // [B, D]
      let others = both.sliced(axis: 0, recipe.batch..<2 * recipe.batch)  // [B, D]
      let noise = gan.generator.noise(recipe.batch, using: &random)
      let drawn = gan.generator(noise, sentences)  // [B, H, W, 3]
      var metrics = judge(pictures, drawn.detached, sentences, others)
      if step % recipe.penaltyInterval == 0 {
        metrics.add("penalty", punish(pictures, sentences))
      }
      let loss = discriminator(drawn, sentences, .frozen()).mean() * -1
      loss.backward()
      metrics.add("generator", loss.item)
      if let evaluation, (step + 1) % evaluation.every == 0, average.updates > 0 {
        average.swap()
        for (name, value) in try evaluation.measure(gan) { metrics.add(name, value) }
        average.swap()
      }
      return metrics
    }
    average.swap()
  }

  /// The discriminator's loss: real pictures with their captions should score above 1, drawn pictures,
  /// and real ones with other captions, below -1. Adds its gradient.
  private func judge(
    _ real: Tensor, _ drawn: Tensor, _ sentences: Tensor, _ others: Tensor
  ) -> Metrics {
    let b = recipe.batch
    let features = discriminator.features(concatenate([real, drawn], axis: 0))  // [2B, 4, 4, C]
    let (ofReal, ofDrawn) = (
      features.sliced(axis: 0, 0..<b), features.sliced(axis: 0, b..<2 * b)
    )
    let scores = discriminator.score(
      concatenate([ofReal, ofDrawn, ofReal], axis: 0),
      concatenate([sentences, sentences, others], axis: 0))  // [3B]
    let loss = matchingLoss(
      real: scores.sliced(axis: 0, 0..<b), drawn: scores.sliced(axis: 0, b..<2 * b),
      mismatched: scores.sliced(axis: 0, 2 * b..<3 * b))
    loss.backward()
    return Metrics(loss: loss.item)
  }

  /// Adds the gradient of the penalty at real pictures with their sentences, and returns the penalty.
  private func punish(_ pictures: Tensor, _ sentences: Tensor) -> Float {
    let n = Float(recipe.penaltyInterval)
    let penalty = gradientPenalty(
      at: [pictures, sentences], weight: n * recipe.penalty, power: recipe.power
    ) { discriminator($0[0], $0[1], $1) }
    return penalty / n
  }
}

/// The hinge loss of a discriminator that knows of matching (DF-GAN §3.2): for scores [B] of real
/// pictures with their captions, of drawn ones, and of real ones with other captions,
///
/// mean max(0, 1 - real) + ½ mean max(0, 1 + drawn) + ½ mean max(0, 1 + mismatched)
public func matchingLoss(real: Tensor, drawn: Tensor, mismatched: Tensor) -> Tensor {
  (1 - real).relu().mean()
    + ((1 + drawn).relu().mean() + (1 + mismatched).relu().mean()) * 0.5
}
