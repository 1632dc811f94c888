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

  var function: ElementwiseFunction {
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
  private let naming: BlockNaming

  /// Attention of width D; the output projection starts smaller in deep models.
  ///
  /// `bias` is about queries, keys and values; the output always has one.
  public init(
    width: Int, heads: Int, bias: Bool = true, initializer: Initializer = .normal(0.02),
    outputInitializer: Initializer = .normal(0.02), naming: BlockNaming = .clip,
    _ random: inout Random
  ) {
    precondition(width % heads == 0, "width \(width) does not divide into \(heads) heads")
    query = Linear(width, width, bias: bias, initializer: initializer, &random)
    key = Linear(width, width, bias: bias, initializer: initializer, &random)
    value = Linear(width, width, bias: bias, initializer: initializer, &random)
    output = Linear(width, width, initializer: outputInitializer, &random)
    self.heads = heads
    self.naming = naming
  }

  /// The parameters.
  public var members: Members {
    ["q_proj": query, "k_proj": key, "v_proj": value, naming.output: output]
  }

  /// [B, T, D] → [B, T, D], plus `residual` if there is one.
  ///
  /// Notes `q`, `k`, `v` [B, h, T, Dh], `attn_probs` [B, h, T, T] and `attn_out` [B, T, D], the
  /// result before the residual is added.
  public func callAsFunction(
    _ x: Tensor, mask: AttentionMask = .none, adding residual: Tensor? = nil,
    trace: Trace.Scope? = nil
  ) -> Tensor {
    let (q, k, v) = (query(x), key(x), value(x))  // each [B, T, D]
    guard let trace else {
      let context = TensorCore.attention(q, k, v, heads: heads, mask: mask)  // [B, T, D]
      return output(context, adding: residual)
    }
    let (context, probabilities) = attentionWithProbabilities(q, k, v, heads: heads, mask: mask)
    for (name, tensor) in [("q", q), ("k", k), ("v", v)] { trace.note(name, splitHeads(tensor)) }
    trace.note("attn_probs", probabilities)
    let result = output(context)  // [B, T, D]
    trace.note("attn_out", result)
    return residual.map { result + $0 } ?? result
  }

  /// [B, T, h · Dh] → [B, h, T, Dh]
  private func splitHeads(_ x: Tensor) -> Tensor {
    let (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2])
    return x.reshaped([batch, tokens, heads, width / heads]).transposed(1, 2)
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
  ///
  /// Notes `fc1`, the values before the activation, and `mlp_out`, the result before the
  /// residual is added.
  public func callAsFunction(
    _ x: Tensor, adding residual: Tensor? = nil, trace: Trace.Scope? = nil
  ) -> Tensor {
    let hidden = first(x)  // [..., 4 D]
    guard let trace else { return second(hidden.map(activation.function), adding: residual) }
    trace.note("fc1", hidden)
    let result = second(hidden.map(activation.function))  // [..., D]
    trace.note("mlp_out", result)
    return residual.map { result + $0 } ?? result
  }
}

/// How the parts of a block are called in public checkpoints.
public enum BlockNaming: Sendable {
  /// As in Hugging Face's CLIP: `self_attn.out_proj`, `layer_norm1`, `layer_norm2`.
  case clip
  /// As in Hugging Face's ViT: `attention.o_proj`, `layernorm_before`, `layernorm_after`.
  case vit

  var attention: String { self == .clip ? "self_attn" : "attention" }
  var output: String { self == .clip ? "out_proj" : "o_proj" }
  var norm1: String { self == .clip ? "layer_norm1" : "layernorm_before" }
  var norm2: String { self == .clip ? "layer_norm2" : "layernorm_after" }
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
  private let naming: BlockNaming

  /// A block of width D with a feed-forward network of `hidden` values, 4 D if not given.
  ///
  /// Of `layers` blocks each adds its two results to the residual stream; their projections
  /// start 1/√(2 · layers) smaller, so that the stream keeps its size (GPT-2). `attentionBias`
  /// is about queries, keys and values.
  public init(
    width: Int, heads: Int, hidden: Int? = nil, layers: Int, activation: Activation = .gelu,
    attentionBias: Bool = true, epsilon: Float = 1e-5, naming: BlockNaming = .clip,
    _ random: inout Random
  ) {
    let small = Initializer.normal(0.02 / Float(2 * layers).squareRoot())
    norm1 = LayerNorm(width, epsilon: epsilon)
    attention = SelfAttention(
      width: width, heads: heads, bias: attentionBias, outputInitializer: small, naming: naming,
      &random)
    norm2 = LayerNorm(width, epsilon: epsilon)
    feedForward = FeedForward(
      width: width, hidden: hidden ?? 4 * width, activation: activation,
      outputInitializer: small, &random)
    self.naming = naming
  }

  /// The parameters.
  public var members: Members {
    [
      naming.norm1: norm1, naming.attention: attention, naming.norm2: norm2, "mlp": feedForward,
    ]
  }

  /// [B, T, D] → [B, T, D]
  ///
  /// Notes `ln1` and `ln2`, the normalised inputs of the two parts, and what these note.
  public func callAsFunction(
    _ x: Tensor, mask: AttentionMask = .none, trace: Trace.Scope? = nil
  ) -> Tensor {
    let normalised = norm1(x)  // [B, T, D]
    trace?.note("ln1", normalised)
    let y = attention(normalised, mask: mask, adding: x, trace: trace)  // [B, T, D]
    let normalisedAgain = norm2(y)  // [B, T, D]
    trace?.note("ln2", normalisedAgain)
    return feedForward(normalisedAgain, adding: y, trace: trace)
  }
}
