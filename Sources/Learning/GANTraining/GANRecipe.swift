// How the rival is trained.

import DFGAN
import Optimization

/// The settings of a training of a DF-GAN.
public struct GANRecipe: Codable, Equatable, Sendable {
  /// The number of steps; in each, both networks take one.
  public var steps = 16_000
  /// B, pairs per step.
  public var batch = 16
  /// The highest learning rate of the generator.
  public var rate: Float = 4e-4
  /// The discriminator's learning rate over the generator's (DF-GAN: 4).
  public var discriminatorScale: Float = 2
  /// k, the weight of the gradient penalty (DF-GAN: 2).
  public var penalty: Float = 2
  /// p, the power of the gradient's norm in it (DF-GAN: 6).
  public var power: Float = 6
  /// The gradient penalty is computed in every n-th step, with n times its weight.
  public var penaltyInterval = 4
  /// The decay of the moving average of the generator's weights per step, which is what draws.
  public var averageDecay: Float = 0.999
  /// The random seed of weights, pairs and noise.
  public var seed: UInt64 = 1

  /// The recipe of `dalle train gan`.
  public init() {}
}
