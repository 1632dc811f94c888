// How a discrete VAE is trained here: without codes, with codes from clustering, by the evidence
// lower bound, and finally the decoder alone.

import DiscreteVAE
import NeuralNetwork
import Optimization

/// The settings of a run in four stages.
///
/// Most of a randomly initialised codebook stays unused: a few codes win everywhere before the
/// decoder has learnt to tell codes apart. So the networks first learn to pass pictures through a
/// few continuous numbers per place; then k-means turns clusters of these numbers into codes; then
/// Gumbel-softmax training continues from there; finally the decoder alone learns to make better
/// pictures from the codes.
public struct DVAERecipe: Codable, Equatable, Sendable {
  /// e, the numbers per place in the first stage.
  public var latents = 12
  /// The standard deviation of the noise added to them.
  public var noise: Float = 0.2
  /// The weight of the latents' squares in the loss, so that they cannot outgrow the noise.
  public var latentCost: Float = 0.01
  /// The number of steps of the first stage.
  public var warmUpSteps = 12_000
  /// The highest learning rate of the first stage.
  public var warmUpRate: Float = 6e-3
  /// The number of pictures whose latents are clustered.
  public var clusterPictures = 1024
  /// The number of rounds of k-means.
  public var clusterRounds = 20
  /// The spread of the initial centres of k-means. Compared with 2, which leads to the smallest
  /// distortion, 1 gives more codes to flat backgrounds and keeps half as many again in use at the
  /// same error.
  public var clusterSpread: Float = 1
  /// The mean entropy of the posterior over the new codes, in nats.
  public var entropy: Float = 0.5
  /// The number of steps of the third stage.
  public var steps = 1500
  /// The highest learning rate of the third stage.
  public var rate: Float = 5e-4
  /// The number of steps of the fourth stage.
  public var decoderSteps = 10_000
  /// The highest learning rate of the fourth stage.
  public var decoderRate: Float = 3e-3
  /// B, pictures per step.
  public var batch = 16
  /// The first and the last β of the bound (appendix A.2: 0 and 6.6).
  public var beta: [Float] = [0.5, 0.5]
  /// The first and the last temperature τ of the relaxation (appendix A.2: 1 and 1/16).
  public var temperature: [Float] = [0.25, 0.0625]
  /// What turns gradients into steps, in all stages.
  public var optimizer = OptimizerChoice.adamW
  /// The random seed of weights, pictures and noise.
  public var seed: UInt64 = 1

  /// The recipe of the bundled dVAE.
  public init() {}

  /// The recipe for the emoji world, with larger squares and four times as many codes.
  public static let emoji: DVAERecipe = {
    var recipe = DVAERecipe()
    (recipe.latents, recipe.clusterPictures, recipe.optimizer) = (24, 6144, .muon)
    (recipe.warmUpSteps, recipe.steps, recipe.decoderSteps) = (3000, 300, 6000)
    return recipe
  }()

  /// The decay per step of the moving average of weights in the third stage. The average reaches
  /// back over a twentieth of the stage, or over 1,000 steps if that is less.
  var averageDecay: Float { max(0, 1 - 1 / min(1000, max(1, Float(steps) / 20))) }

  /// The number of batches whose latents are clustered.
  var clusterSteps: Int { max(1, clusterPictures / batch) }

  /// β at a step of the third stage: half a cosine over the first eighth.
  func beta(_ step: Int) -> Float {
    Float(Schedule.cosine(from: Double(beta[0]), to: Double(beta[1]), steps: steps / 8)(step))
  }

  /// τ at a step of the third stage: half a cosine over the first three quarters.
  func temperature(_ step: Int) -> Float {
    let schedule = Schedule.cosine(
      from: Double(temperature[0]), to: Double(temperature[1]), steps: steps * 3 / 4)
    return Float(schedule(step))
  }

  /// The optimiser of a stage. Kernels of residual paths are matrices [O, C · k · k] to Muon.
  func makeOptimizer(for model: some Module, betas: (Float, Float)) -> any Optimizer {
    optimizer.make(for: model, blocks: ".res_path.", decay: 0, betas: betas)
  }

  /// A rate that rises over 100 steps, then falls to a twentieth.
  static func schedule(_ rate: Float, steps: Int) -> Schedule {
    .riseAndFall(to: rate, steps: steps, rise: 100, fall: 20)
  }
}
