// Layers: each is an operation of `TensorCore` and the parameters that belong to it.

import TensorCore

/// x Wᵀ + b: [..., inputs] → [..., outputs].
public struct Linear: Module {
  /// [outputs, inputs]
  public let weight: Tensor
  /// [outputs]
  public let bias: Tensor?

  /// A layer whose weights `initializer` draws, with a bias of zeros unless `bias` is false.
  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true,
    initializer: Initializer = .kaimingUniform, _ random: inout Random
  ) {
    weight = initializer([outputs, inputs], inputs: inputs, outputs: outputs, &random)
      .requiringGradient()
    self.bias = bias ? Tensor.zeros([outputs]).requiringGradient() : nil
  }

  /// `weight` and, if there is one, `bias`, as in PyTorch.
  public var members: Members {
    ("weight", weight)
    ("bias", bias)
  }

  /// x Wᵀ + b, plus `residual` [..., outputs] if there is one: [..., inputs] → [..., outputs].
  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    linear(x, weight, bias, adding: residual)
  }
}

/// A convolution of pictures, [B, H, W, C] → [B, H', W', O].
public struct Convolution2D: Module {
  /// [O, C, kernel, kernel]
  public let weight: Tensor
  /// [O]
  public let bias: Tensor?
  /// Distance between neighbouring windows.
  public let stride: Int
  /// Rows and columns of zeros around the picture.
  public let padding: Int

  /// A layer whose weights `initializer` draws, with a bias of zeros unless `bias` is false.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    bias: Bool = true, initializer: Initializer = .kaimingUniform, _ random: inout Random
  ) {
    let area = kernel * kernel
    weight = initializer(
      [outputs, inputs, kernel, kernel], inputs: inputs * area, outputs: outputs * area, &random
    ).requiringGradient()
    self.bias = bias ? Tensor.zeros([outputs]).requiringGradient() : nil
    self.stride = stride
    self.padding = padding
  }

  /// `weight` and, if there is one, `bias`, as in PyTorch.
  public var members: Members {
    ("weight", weight)
    ("bias", bias)
  }

  /// [B, H, W, C] → [B, H', W', O] with H' = (H + 2 · padding - kernel) / stride + 1.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    convolution2D(x, weight, bias, stride: stride, padding: padding)
  }
}

/// Layer normalisation over the last axis, [..., width] → [..., width].
public struct LayerNorm: Module {
  /// [width], ones at first
  public let weight: Tensor
  /// [width], zeros at first
  public let bias: Tensor
  /// Added to the variance before its root is taken.
  public let epsilon: Float

  /// A layer that at first only normalises.
  public init(_ width: Int, epsilon: Float = 1e-5) {
    weight = Tensor.ones([width]).requiringGradient()
    bias = Tensor.zeros([width]).requiringGradient()
    self.epsilon = epsilon
  }

  /// `weight` and `bias`, as in PyTorch.
  public var members: Members {
    ("weight", weight)
    ("bias", bias)
  }

  /// [..., width] → [..., width]
  public func callAsFunction(_ x: Tensor) -> Tensor {
    layerNorm(x, weight, bias, epsilon: epsilon)
  }
}

/// Group normalisation of pictures, [B, H, W, C] → [B, H, W, C].
public struct GroupNorm: Module {
  /// [channels], ones at first
  public let weight: Tensor
  /// [channels], zeros at first
  public let bias: Tensor
  /// The number of groups that the channels form.
  public let groups: Int

  /// A layer that at first only normalises.
  public init(groups: Int, channels: Int) {
    weight = Tensor.ones([channels]).requiringGradient()
    bias = Tensor.zeros([channels]).requiringGradient()
    self.groups = groups
  }

  /// `weight` and `bias`, as in PyTorch.
  public var members: Members {
    ("weight", weight)
    ("bias", bias)
  }

  /// [B, H, W, C] → [B, H, W, C]
  public func callAsFunction(_ x: Tensor) -> Tensor { groupNorm(x, groups: groups, weight, bias) }
}

/// A table of vectors by id, ids [...] → [..., width].
public struct Embedding: Module {
  /// [count, width]
  public let weight: Tensor

  /// A table of numbers from a normal distribution.
  public init(_ count: Int, _ width: Int, deviation: Float = 0.02, _ random: inout Random) {
    weight = Tensor.normal([count, width], deviation: deviation, &random).requiringGradient()
  }

  /// `weight`, as in PyTorch.
  public var members: Members { ("weight", weight) }

  /// The vectors of some ids in 0 ..< count: [...] → [..., width].
  public func callAsFunction(_ ids: IndexTensor) -> Tensor { embedding(weight, ids) }
}
