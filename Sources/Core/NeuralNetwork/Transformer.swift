// The transformer block that every model of the book is built from.

import TensorCore

/// The function between the two layers of a feed-forward network.
public enum Activation: String, Codable, Sendable {
  /// GELU with the exact normal distribution (ViT).
  case gelu
  /// GELU by tanh (GPT, ruDALL-E).
  case geluTanh = "gelu_tanh"
  /// x σ(1.702 x) (CLIP).
  case quickGelu = "quick_gelu"

  var function: Function {
    switch self {
    case .gelu: .gelu
    case .geluTanh: .geluTanh
    case .quickGelu: .quickGelu
    }
  }
}

/// Attention of a sequence to itself, with several heads.
public struct SelfAttention: Module {
  /// Projections [D, D] to queries, keys and values.
  public let query, key, value: Linear
  /// The projection of the heads' results.
  public let output: Linear
  /// How many heads share the width.
  public let heads: Int

  /// Attention of width D; the output projection starts smaller in deep models.
  public init(
    width: Int, heads: Int, initializer: Initializer = .normal(0.02),
    outputInitializer: Initializer = .normal(0.02), _ random: inout Random
  ) {
    precondition(width % heads == 0, "width \(width) does not divide into \(heads) heads")
    query = Linear(width, width, initializer: initializer, &random)
    key = Linear(width, width, initializer: initializer, &random)
    value = Linear(width, width, initializer: initializer, &random)
    output = Linear(width, width, initializer: outputInitializer, &random)
    self.heads = heads
  }

  /// The parameters.
  public var members: Members {
    ["q_proj": query, "k_proj": key, "v_proj": value, "out_proj": output]
  }

  /// [B, T, D] → [B, T, D], plus `residual` if there is one.
  public func callAsFunction(
    _ x: Tensor, mask: AttentionMask = .none, adding residual: Tensor? = nil
  ) -> Tensor {
    let context = attention(query(x), key(x), value(x), heads: heads, mask: mask)  // [B, T, D]
    return output(context, adding: residual)
  }
}

/// Two layers with a function between them.
public struct FeedForward: Module {
  /// D → 4 D
  public let first: Linear
  /// 4 D → D
  public let second: Linear
  /// What lies between.
  public let activation: Activation

  /// A network of width D with `hidden` values in the middle.
  public init(
    width: Int, hidden: Int, activation: Activation = .gelu,
    initializer: Initializer = .normal(0.02), outputInitializer: Initializer = .normal(0.02),
    _ random: inout Random
  ) {
    first = Linear(width, hidden, initializer: initializer, &random)
    second = Linear(hidden, width, initializer: outputInitializer, &random)
    self.activation = activation
  }

  /// The parameters.
  public var members: Members { ["fc1": first, "fc2": second] }

  /// [..., D] → [..., D], plus `residual` if there is one.
  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    second(first(x).map(activation.function), adding: residual)
  }
}

/// A pre-norm transformer block: x + attention(norm(x)), then x + feedForward(norm(x)).
public struct TransformerBlock: Module {
  /// Before attention.
  public let norm1: LayerNorm
  /// Between positions.
  public let attention: SelfAttention
  /// Before the feed-forward network.
  public let norm2: LayerNorm
  /// Within each position.
  public let feedForward: FeedForward

  /// A block of width D with a feed-forward network of 4 D.
  ///
  /// Of `layers` blocks each adds its two results to the residual stream; their projections
  /// start 1/√(2 · layers) smaller, so that the stream keeps its size (GPT-2).
  public init(
    width: Int, heads: Int, layers: Int, activation: Activation = .gelu,
    epsilon: Float = 1e-5, _ random: inout Random
  ) {
    let small = Initializer.normal(0.02 / Float(2 * layers).squareRoot())
    norm1 = LayerNorm(width, epsilon: epsilon)
    attention = SelfAttention(width: width, heads: heads, outputInitializer: small, &random)
    norm2 = LayerNorm(width, epsilon: epsilon)
    feedForward = FeedForward(
      width: width, hidden: 4 * width, activation: activation, outputInitializer: small, &random)
  }

  /// The parameters.
  public var members: Members {
    ["layer_norm1": norm1, "self_attn": attention, "layer_norm2": norm2, "mlp": feedForward]
  }

  /// [B, T, D] → [B, T, D]
  public func callAsFunction(_ x: Tensor, mask: AttentionMask = .none) -> Tensor {
    let x = attention(norm1(x), mask: mask, adding: x)
    return feedForward(norm2(x), adding: x)
  }
}
