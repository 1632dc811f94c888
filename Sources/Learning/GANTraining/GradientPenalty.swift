// A penalty on a discriminator's gradient with respect to its inputs. Its own gradient is a second
// derivative, which is found here by first ones.

import DFGAN
import Foundation
import TensorCore

/// DF-GAN's matching-aware gradient penalty, k · mean ‖∇ D‖ᵖ, of a network at some inputs (DF-GAN
/// §3.3; there k = 2 and p = 6). The norm is that of the gradients with respect to all inputs
/// together. Adds the gradient of the penalty to that of the network's weights, and returns the penalty.
///
/// Let g = ∇ₓ D(x) for a single x, and φ(g) = k ‖g‖ᵖ. By the chain rule the gradient of φ(g) with
/// respect to the weights is that of v·g with v = φ'(g) = k p ‖g‖ᵖ⁻² g held constant. And v·g = J v,
/// the derivative of D as x moves along v, which a second pass computes forwards: its gradient is an
/// ordinary one. (The signs inside of leaky ReLUs are constant almost everywhere.)
///
/// - Parameters:
///   - inputs: The inputs at which the gradient is punished, [B, …] each.
///   - weight: k
///   - power: p, 2 or more.
///   - network: The network: inputs and a pass → one number for each of B, [B] or [B, 1].
@discardableResult
public func gradientPenalty(
  at inputs: [Tensor], weight: Float, power: Float,
  _ network: (_ inputs: [Tensor], _ pass: NetworkPass) -> Tensor
) -> Float {
  let batch = inputs[0].shape[0]
  let pass = NetworkPass.frozen()
  let points = inputs.map { $0.detached.requiringGradient() }
  network(points, pass).sum().backward()
  let gradients = points.map { $0.gradient ?? .zeros($0.shape) }  // g

  let squares = gradients.map { $0.square().reshaped(batch, -1).sum(axis: 1).scalars }
  let norms = (0..<batch).map { i in squares.reduce(0) { $0 + $1[i] }.squareRoot() }  // ‖g‖
  let scales = norms.map { weight * power * pow($0, power - 2) / Float(batch) }
  let directions = gradients.map { gradient in  // v, of the mean over the batch
    let perCase = Tensor(shape: [batch] + gradient.shape.dropFirst().map { _ in 1 }, scales)
    return gradient * perCase
  }
  // Slopes that depend on the weights need a pass that remembers how.
  let values = pass.isLinearInPieces ? pass : NetworkPass()
  if values !== pass { _ = network(inputs, values) }
  network(directions, values.alongTangent()).sum().backward()
  return weight * norms.reduce(0) { $0 + pow($1, power) } / Float(batch)
}
