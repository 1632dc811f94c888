// The convolution of all parts, a module with two tensors.

import NeuralNetwork
import TensorCore

/// A convolution that keeps the size of the picture, with OpenAI's names and initial weights.
public struct DVAEConvolution: Module {
  /// [O, C, k, k]
  public let w: Tensor
  /// [O]
  public let b: Tensor

  /// Weights are normal with variance 1 / (C·k²), the bias starts at 0.
  init(_ inputs: Int, _ outputs: Int, kernel: Int, _ random: inout Random) {
    let deviation = 1 / Float(inputs * kernel * kernel).squareRoot()
    w = Tensor.normal([outputs, inputs, kernel, kernel], deviation: deviation, &random)
      .requiringGradient()
    b = Tensor.zeros([outputs]).requiringGradient()
  }

  /// `w` and `b`, OpenAI's names.
  public var members: Members {
    ("w", w)
    ("b", b)
  }

  /// [B, H, W, C] → [B, H, W, O]
  public func callAsFunction(_ x: Tensor) -> Tensor {
    convolution2D(x, w, b, padding: w.shape[2] / 2)
  }
}
