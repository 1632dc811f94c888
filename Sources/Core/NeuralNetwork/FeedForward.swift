// What a transformer block does within each position: two layers with a nonlinearity between.

import TensorCore

/// The nonlinearity of a feed-forward network.
public enum Activation: String, Codable, Sendable {
  /// GELU with the exact normal distribution (ViT).
  case gelu
  /// GELU by tanh (GPT, ruDALL-E).
  case geluTanh = "gelu_tanh"
  /// x σ(1.702 x) (CLIP).
  case quickGelu = "quick_gelu"

  /// The activation of a name in a configuration; nil if it is none of ours. Hugging Face's
  /// transformers has several names for the same function, up to the last bit of a float.
  public init?(name: String) {
    switch name {
    case "gelu", "gelu_python": self = .gelu
    case "gelu_tanh", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate":
      self = .geluTanh
    case "quick_gelu": self = .quickGelu
    default: return nil
    }
  }

  /// The nonlinearity of every number: [...] → [...].
  public func callAsFunction(_ x: Tensor) -> Tensor { x.map(function) }

  private var function: ElementwiseFunction {
    switch self {
    case .gelu: .gelu
    case .geluTanh: .geluTanh
    case .quickGelu: .quickGelu
    }
  }
}

/// second(activation(first(x))): D → 4 D → D (Vaswani et al., 2017, §3.3).
public struct FeedForward: Module {
  /// D → 4 D
  public let first: Linear
  /// 4 D → D
  public let second: Linear
  /// Between the two.
  public let activation: Activation
  private let naming: BlockNaming

  /// A network of width D with `hidden` values in the middle.
  public init(
    width: Int, hidden: Int, activation: Activation = .gelu,
    initializer: Initializer = .normal(0.02), outputInitializer: Initializer = .normal(0.02),
    naming: BlockNaming = .clip, _ random: inout Random
  ) {
    first = Linear(width, hidden, initializer: initializer, &random)
    second = Linear(hidden, width, initializer: outputInitializer, &random)
    self.activation = activation
    self.naming = naming
  }

  /// The two layers, `fc1` and `fc2` in Hugging Face's models.
  public var members: Members {
    (naming.hidden.first, first)
    (naming.hidden.second, second)
  }

  /// [..., D] → [..., D], plus `residual` if there is one.
  ///
  /// Notes `fc1` (`mlp_pre` under ruDALL-E's names), the values before the activation, and
  /// `mlp_out`, the result before the residual is added.
  public func callAsFunction(
    _ x: Tensor, adding residual: Tensor? = nil, trace: Trace.Scope? = nil
  ) -> Tensor {
    let hidden = first(x)  // [..., 4 D]
    guard let trace else { return second(activation(hidden), adding: residual) }
    trace.note(naming.hidden.trace, hidden)
    let result = second(activation(hidden))  // [..., D]
    trace.note("mlp_out", result)
    return residual.map { result + $0 } ?? result
  }
}
