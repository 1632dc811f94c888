import TensorCore

/// How the weights of a layer are drawn at first.
public enum Initializer: Sendable {
  /// Normal with a fixed standard deviation.
  case normal(Float)
  /// Normal, drawn again beyond two standard deviations.
  case truncatedNormal(Float)
  /// Uniform in ±1/√inputs: PyTorch's default (He et al., 2015, with slope √5).
  case kaimingUniform
  /// Normal with deviation √(2 / inputs), for layers before a ReLU (He et al., 2015).
  case kaimingNormal
  /// Zeros.
  case zeros

  /// Draws weights of a shape. `inputs` is the number of values that each result sums over,
  /// `outputs` the number of results that each value contributes to.
  public func callAsFunction(
    _ shape: [Int], inputs: Int, outputs: Int, _ random: inout Random
  ) -> Tensor {
    switch self {
    case .normal(let deviation):
      return .normal(shape, deviation: deviation, &random)
    case .truncatedNormal(let deviation):
      return Tensor(
        shape: shape,
        (0..<shape.reduce(1, *)).map { _ in
          while true {
            let z = random.normal()
            if abs(z) <= 2 { return z * deviation }
          }
        })
    case .kaimingUniform:
      let bound = 1 / Float(max(inputs, 1)).squareRoot()
      return .uniform(shape, -bound, bound, &random)
    case .kaimingNormal:
      return .normal(shape, deviation: (2 / Float(max(inputs, 1))).squareRoot(), &random)
    case .zeros:
      return .zeros(shape)
    }
  }
}
