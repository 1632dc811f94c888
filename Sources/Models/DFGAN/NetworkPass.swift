// Three ways to run the same network: as usual, with constant weights, or along a tangent.

import NeuralNetwork
import TensorCore

/// How the layers of a network compute in one pass.
///
///     let pass = NetworkPass()
///     let y = network(x, pass)                     // notes what its functions saw
///     let jv = network(v, pass.alongTangent())     // J · v, the derivative of y as x moves along v
///
/// J · v is a result like any other: `backward()` takes its gradient to the weights. That is all a
/// penalty on gradients needs, see `gradientPenalty`.
public final class NetworkPass {
  private enum Way {
    case values, frozen, tangent
  }

  private let way: Way
  /// The functions of the network and what they saw, in order.
  private var seen: [(function: ElementwiseFunction, x: Tensor)] = []
  private var next = 0

  private init(_ way: Way) { self.way = way }

  /// An ordinary pass.
  public convenience init() { self.init(.values) }

  /// An ordinary pass in which weights are constants: gradients reach only the input.
  public static func frozen() -> NetworkPass { NetworkPass(.frozen) }

  /// A pass for J · v at the input of this one.
  public func alongTangent() -> NetworkPass {
    let tangent = NetworkPass(.tangent)
    tangent.seen = seen
    return tangent
  }

  /// Whether the network consists of linear pieces: while no number inside crosses 0, J is constant.
  public var isLinearInPieces: Bool {
    seen.allSatisfy { if case .leakyRelu = $0.function { true } else { false } }
  }

  /// A weight, which is a constant if this pass is frozen.
  public func weight(_ tensor: Tensor) -> Tensor { way == .frozen ? tensor.detached : tensor }

  /// A bias: none along a tangent, because a constant has the derivative 0.
  private func bias(_ tensor: Tensor?) -> Tensor? { way == .tangent ? nil : tensor.map(weight) }

  /// A convolution, [B, H, W, C] → [B, H', W', O].
  public func convolve(_ layer: Convolution2D, _ x: Tensor) -> Tensor {
    convolution2D(
      x, weight(layer.weight), bias(layer.bias), stride: layer.stride, padding: layer.padding)
  }

  /// A linear layer, [..., inputs] → [..., outputs].
  public func multiply(_ layer: Linear, _ x: Tensor) -> Tensor {
    linear(x, weight(layer.weight), bias(layer.bias))
  }

  /// A leaky ReLU or a tanh of every value; along a tangent its slope where the pass before was,
  /// times x.
  public func apply(_ f: ElementwiseFunction, _ x: Tensor) -> Tensor {
    guard way == .tangent else {
      seen.append((f, x))
      return x.map(f)
    }
    precondition(next < seen.count, "a tangent has more functions than its pass, \(seen.count)")
    defer { next += 1 }
    let place = seen[next].x
    switch f {
    case .leakyRelu: return place.derivative(of: f, along: x)
    // Its slope depends on where it is, and that on the weights.
    case .tanh: return x * (1 - place.tanh().square())
    default: preconditionFailure("a tangent of \(f) is not known")
    }
  }
}
