// The first stage: the dVAE's networks with a few continuous numbers instead of codes.

import DiscreteVAE
import NeuralNetwork
import TensorCore

/// A dVAE whose two 1×1 convolutions around the codes are replaced by narrow linear layers.
///
/// The other layers are those of the dVAE, not copies.
public struct ContinuousAutoencoder: Module {
  /// The dVAE whose networks are trained.
  public let dvae: DiscreteVAE
  /// Features D → e latents
  public let toLatents: Linear
  /// e latents → the decoder's embedding of a code
  public let fromLatents: Linear

  /// New narrow layers around the networks of `dvae`.
  public init(_ dvae: DiscreteVAE, latents: Int, _ random: inout Random) {
    let c = dvae.configuration
    self.dvae = dvae
    toLatents = Linear(c.hidden << (c.groups - 1), latents, &random)
    fromLatents = Linear(latents, c.initial, &random)
  }

  /// The parameters that this stage trains; the two 1×1 convolutions around the codes are not among
  /// them.
  public var members: Members {
    ("encoder.input", dvae.encoder.input)
    ("encoder.groups", dvae.encoder.groups)
    ("decoder.groups", dvae.decoder.groups)
    ("decoder.output", dvae.decoder.output)
    ("to_latents", toLatents)
    ("from_latents", fromLatents)
  }

  /// Mapped pictures [B, H, W, C] → latents [B, h, w, e].
  public func latents(_ images: Tensor) -> Tensor { toLatents(dvae.encoder.features(images)) }

  /// Latents [B, h, w, e] → statistics [B, H, W, 2·C].
  public func statistics(_ latents: Tensor) -> Tensor {
    dvae.decoder.statistics(embedded: fromLatents(latents))
  }

  /// The loss of the first stage, [], per value of the mapped pictures [B, H, W, C]: 15 times the
  /// squared error of the mean, plus the cost of the latents. `noise` is [B, h, w, e].
  func loss(_ images: Tensor, noise: Tensor, _ recipe: DVAERecipe) -> Tensor {
    let latents = latents(images)  // [B, h, w, e]
    let statistics = statistics(latents + noise * recipe.noise)  // [B, H, W, 2·C]
    let mean = statistics.sliced(axis: 3, 0..<images.shape[3]).sigmoid()
    let error = meanSquaredError(mean, images) * 15
    let cost = latents.square().sum() * (recipe.latentCost / 2 / Float(images.count))
    return error + cost
  }

  /// Turns continuous latents into codes: code k stands for the latent vector c_k in `centres` [K,
  /// e].
  ///
  /// The encoder's logits become (c_k·z - |c_k|²/2) / s², the log-probabilities of codes that are
  /// normally distributed around their centres with deviation s, up to a common term. The decoder's
  /// embedding of code k becomes that of c_k. Both are folded into the dVAE's own 1×1 convolutions.
  public func fold(_ centres: Tensor, deviation s: Float) {
    let k = centres.shape[0]
    let scaled = centres.detached * (1 / (s * s))  // [K, e]
    let norms = (centres.detached.square().sum(axis: 1)) * (0.5 / (s * s))  // [K]
    let bias = toLatents.bias ?? .zeros([centres.shape[1]])
    withoutGradient {
      let weight = matmul(scaled, toLatents.weight)  // [K, D]
      let offset = matmul(scaled, bias.reshaped(-1, 1)).reshaped(k) - norms  // [K]
      let codebook = matmul(fromLatents.weight, centres.detached, transposeB: true)  // [initial, K]
      dvae.encoder.output.w.assign(weight.reshaped(dvae.encoder.output.w.shape))
      dvae.encoder.output.b.assign(offset)
      dvae.decoder.input.w.assign(codebook.reshaped(dvae.decoder.input.w.shape))
      dvae.decoder.input.b.assign(fromLatents.bias ?? .zeros([dvae.configuration.initial]))
    }
  }
}
