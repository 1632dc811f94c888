// How a discrete VAE is trained here: first without codes, then codes from data, then the
// evidence lower bound.

import DiscreteVAE
import NeuralNetwork

/// The settings of a run in four stages.
///
/// A codebook that starts from noise mostly stays unused: a few codes win everywhere before the
/// decoder has learnt to tell codes apart. So the networks first learn to pass on pictures
/// through a few continuous numbers per place; then k-means finds codes where these numbers
/// are; then Gumbel-softmax training goes on from there; at last the decoder alone learns to
/// make more of the codes.
public struct DVAERecipe: Codable, Equatable, Sendable {
  /// Numbers per place in the first stage, e.
  public var latents = 12
  /// The standard deviation of the noise on them.
  public var noise: Float = 0.2
  /// What the squares of the latents cost, so that noise cannot be outgrown.
  public var latentCost: Float = 0.01
  /// Steps of the first stage.
  public var warmUpSteps = 12_000
  /// The first stage's highest rate.
  public var warmUpRate: Float = 6e-3
  /// Pictures whose latents are clustered.
  public var clusterPictures = 1024
  /// Rounds of k-means.
  public var clusterRounds = 20
  /// How far apart k-means starts; 1 leaves more codes to flat backgrounds than the 2 that errors
  /// alone would ask for, and has half as many again in use at the same error.
  public var clusterSpread: Float = 1
  /// The mean entropy of the posterior, in nats, that the new codes start with.
  public var entropy: Float = 0.5
  /// Steps of the third stage.
  public var steps = 1500
  /// The third stage's highest rate.
  public var rate: Float = 5e-4
  /// Steps of the fourth stage.
  public var decoderSteps = 10_000
  /// The fourth stage's highest rate.
  public var decoderRate: Float = 3e-3
  /// B, pictures per step.
  public var batch = 16
  /// β of the bound, from and to (appendix A.2: 0 to 6.6).
  public var beta: [Float] = [0.5, 0.5]
  /// The temperature τ of the relaxation, from and to (appendix A.2: 1 to 1/16).
  public var temperature: [Float] = [0.25, 0.0625]
  /// Decides everything that is left to chance.
  public var seed: UInt64 = 1

  /// The recipe of the dVAE that comes with the book.
  public init() {}

  /// What a step of the third stage keeps of the mean of weights, which reaches back over a
  /// twentieth of the stage, or over 1,000 steps if that is less.
  var averageDecay: Float { max(0, 1 - 1 / min(1000, max(1, Float(steps) / 20))) }

  /// Batches whose latents are clustered.
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

  /// A rate that rises over 100 steps, then falls to a twentieth.
  static func schedule(_ rate: Float, steps: Int) -> Schedule {
    .riseAndFall(to: rate, steps: steps, rise: 100, fall: 20)
  }
}
