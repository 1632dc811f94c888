// The parts of the evidence lower bound: the likelihood of a picture, and the divergence of its
// codes from a uniform distribution.

import TensorCore

/// The distance that mapped pixels keep from 0 and 1 (DALL·E, appendix A.3).
private let margin: Float = 0.1

/// Pixels in 0 … 1 → 0.1 … 0.9, where the logit-Laplace distribution is well behaved. Any shape.
public func mapPixels(_ x: Tensor) -> Tensor {
  x.affine(scale: 1 - 2 * margin, offset: margin)
}

/// The inverse of `mapPixels`, clamped to 0 … 1. Any shape.
public func unmapPixels(_ x: Tensor) -> Tensor {
  x.affine(scale: 1 / (1 - 2 * margin), offset: -margin / (1 - 2 * margin)).clamped(0, 1)
}

/// The logarithm of the logit-Laplace density of x in (0, 1) (appendix A.3, eq. 3):
///
///     ln f(x | μ, b) = -ln 2 - ln b - ln x - ln(1 - x) - |logit x - μ| / b
///
/// `x`, `mean` μ and `logScale` ln b have the same shape, and so has the result. ln b is clamped to
/// `floor` from below, see `DVAEConfiguration.logScaleFloor`.
public func logitLaplace(
  _ x: Tensor, mean: Tensor, logScale: Tensor, floor: Float = -7
) -> Tensor {
  let logScale = logScale.clamped(floor, .greatestFiniteMagnitude)
  let distance = (x.logit() - mean).abs() * (logScale * -1).exp()
  let density = (distance + logScale + x.log() + (1 - x).log()) * -1
  return density - 0.693_147_18
}

/// For each place, how far the posterior softmax(logits) is from the uniform distribution:
/// Σ q (ln q + ln K), from 0 to ln K nats. Logits [..., K] → [...].
///
/// It is computed at temperature 1, whatever the temperature of the relaxation.
public func divergenceFromUniform(_ logits: Tensor) -> Tensor {
  let k = logits.shape[logits.rank - 1]
  let uniform = Tensor(Float(k)).log().item
  return checkpointedIfAsked {
    let logQ = logits.logSoftmax()  // [..., K]
    return (logQ.exp() * (logQ + uniform)).sum(axis: logits.rank - 1)  // [...]
  }
}

/// A sample of the Gumbel-softmax distribution (Jang et al., 2017; Maddison et al., 2017):
/// softmax((logits + noise) / τ) over the last axis, where the noise is standard Gumbel,
/// -ln(-ln u). Logits and noise [..., K] → [..., K].
///
/// With `isHard` the result is the one-hot vector of the largest entry, with the gradient of the
/// soft sample: the straight-through estimator.
public func gumbelSoftmax(
  _ logits: Tensor, noise: Tensor, temperature: Float, isHard: Bool = false
) -> Tensor {
  precondition(temperature > 0, "a temperature is above 0, got \(temperature)")
  let soft = checkpointedIfAsked {
    ((logits + noise) * (1 / temperature)).softmax()
  }  // [..., K]
  if !isHard { return soft }
  let hard = oneHot(
    soft.detached.argmax(axis: soft.rank - 1), classes: soft.shape[soft.rank - 1])
  return soft + (hard - soft.detached)
}

/// Ids [...] → one-hot vectors [..., classes].
public func oneHot(_ ids: IndexTensor, classes: Int) -> Tensor {
  var values = [Float](repeating: 0, count: ids.values.count * classes)
  for (row, id) in ids.values.enumerated() { values[row * classes + Int(id)] = 1 }
  return Tensor(shape: ids.shape + [classes], values)
}

/// The terms of the evidence lower bound of each picture, in nats.
public struct EvidenceBound {
  /// -ln p(x | z) of each picture, [B]
  public let reconstruction: Tensor
  /// KL(q(z | x) ‖ uniform) of each place, [B, h, w]
  public let divergence: Tensor
  /// The number of values of a picture, H·W·C.
  let values: Int

  /// The terms for mapped pictures [B, H, W, C], the decoder's statistics [B, H, W, 2·C] and the
  /// encoder's logits [B, h, w, K]. ln b is clamped to `floor` from below.
  public init(_ images: Tensor, _ statistics: Tensor, logits: Tensor, floor: Float = -7) {
    let c = images.shape[3]
    let density = logitLaplace(
      images, mean: statistics.sliced(axis: 3, 0..<c),
      logScale: statistics.sliced(axis: 3, c..<2 * c), floor: floor)  // [B, H, W, C]
    reconstruction = density.sum(axes: [1, 2, 3]) * -1
    divergence = divergenceFromUniform(logits)
    values = images.count / images.shape[0]
  }

  /// The divergence of each picture, [B]
  public var divergences: Tensor { divergence.sum(axes: [1, 2]) }

  /// The loss that training minimises, []: the mean over pictures of (reconstruction + β ·
  /// divergence), divided by the number of values of a picture (appendix A.2). At β = 1 it is the
  /// negative bound.
  public func loss(beta: Float) -> Tensor {
    (reconstruction + divergences * beta).mean() * (1 / Float(values))
  }
}
