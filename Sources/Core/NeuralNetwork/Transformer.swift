// The transformer block that every model of the book is built from: a layer of attention, in
// which positions exchange information, and a feed-forward network within each position.

import TensorCore

/// A layer in which the positions of a sequence attend to one another.
public protocol AttentionLayer: Module {
  /// What says which keys a query may see.
  associatedtype Pattern

  /// [B, T, D] → [B, T, D], plus `residual` [B, T, D] if there is one.
  ///
  /// Notes at least `attn_probs` [B, h, T, T] and `attn_out` [B, T, D], the result before the
  /// residual is added.
  func callAsFunction(
    _ x: Tensor, _ pattern: Pattern, adding residual: Tensor?, trace: Trace.Scope?
  ) -> Tensor
}

/// A pre-norm transformer block: x + attention(norm(x)), then x + feedForward(norm(x)).
public struct TransformerBlock<Attention: AttentionLayer>: Module {
  /// Before attention.
  public let norm1: LayerNorm
  /// Between positions.
  public let attention: Attention
  /// Before the feed-forward network.
  public let norm2: LayerNorm
  /// Within each position.
  public let feedForward: FeedForward
  /// Norms of the two results before they are added to the residual stream, in models with a
  /// "sandwich" of norms (CogView, §2.3); nil in all others.
  public let resultNorm1, resultNorm2: LayerNorm?
  fileprivate let naming: BlockNaming

  /// A block of width D around an attention layer, with a feed-forward network of `hidden` values.
  ///
  /// - Parameter outputInitializer: Draws the projection of the feed-forward network's result;
  ///   see `Initializer.residual`.
  public init(
    _ attention: Attention, width: Int, hidden: Int, activation: Activation,
    outputInitializer: Initializer, epsilon: Float = 1e-5, isSandwich: Bool = false,
    naming: BlockNaming, _ random: inout Random
  ) {
    norm1 = LayerNorm(width, epsilon: epsilon)
    self.attention = attention
    norm2 = LayerNorm(width, epsilon: epsilon)
    feedForward = FeedForward(
      width: width, hidden: hidden, activation: activation,
      outputInitializer: outputInitializer, naming: naming, &random)
    resultNorm1 = isSandwich ? LayerNorm(width, epsilon: epsilon) : nil
    resultNorm2 = isSandwich ? LayerNorm(width, epsilon: epsilon) : nil
    self.naming = naming
  }

  /// Norms, attention and feed-forward network, under the names of `BlockNaming`.
  public var members: Members {
    (naming.norm1, norm1)
    (naming.attention, attention)
    (naming.norm2, norm2)
    ("mlp", feedForward)
    ("before_first_addition_layernorm", resultNorm1)
    ("before_second_addition_layernorm", resultNorm2)
  }

  /// [B, T, D] → [B, T, D], each position attending to those that `pattern` allows.
  ///
  /// Notes `ln1` and `ln2`, the normalised inputs of the two parts, and what these note. A block
  /// without a trace is checkpointed where `withCheckpointedBlocks` asks for it.
  public func callAsFunction(
    _ x: Tensor, _ pattern: Attention.Pattern, trace: Trace.Scope? = nil
  ) -> Tensor {
    // What a trace shows must be kept.
    trace == nil
      ? asBlock(x) { result($0, pattern, trace: nil) } : result(x, pattern, trace: trace)
  }

  private func result(
    _ x: Tensor, _ pattern: Attention.Pattern, trace: Trace.Scope?
  ) -> Tensor {
    let normalised = norm1(x)  // [B, T, D]
    trace?.note("ln1", normalised)
    let y = add(to: x, resultNorm1) {
      attention(normalised, pattern, adding: $0, trace: trace)
    }  // [B, T, D]
    let normalisedAgain = norm2(y)  // [B, T, D]
    trace?.note("ln2", normalisedAgain)
    return add(to: y, resultNorm2) { feedForward(normalisedAgain, adding: $0, trace: trace) }
  }

  /// The same block around another attention layer, for instance one that a reader has written.
  public func replacingAttention<Other: AttentionLayer>(
    with attention: Other
  ) -> TransformerBlock<Other> {
    TransformerBlock<Other>(attention, self)
  }

  /// `attention` among the other parts of `block`.
  fileprivate init<Other>(_ attention: Attention, _ block: TransformerBlock<Other>) {
    norm1 = block.norm1
    self.attention = attention
    norm2 = block.norm2
    feedForward = block.feedForward
    resultNorm1 = block.resultNorm1
    resultNorm2 = block.resultNorm2
    naming = block.naming
  }

  /// residual + norm(result), where a layer without a norm adds the residual itself.
  private func add(
    to residual: Tensor, _ norm: LayerNorm?, _ layer: (_ adding: Tensor?) -> Tensor
  ) -> Tensor {
    guard let norm else { return layer(residual) }
    return residual + norm(layer(nil))
  }
}

/// A block of dense attention, as the vision transformer and both towers of CLIP have them.
public typealias DenseBlock = TransformerBlock<SelfAttention>

extension TransformerBlock<SelfAttention> {
  /// A block of width D with a feed-forward network of `hidden` values, 4 D if not given.
  ///
  /// Of `layers` blocks each adds its two results to the residual stream, so their projections
  /// start smaller; see `Initializer.residual`. `attentionBias` is about queries, keys and values.
  public init(
    width: Int, heads: Int, hidden: Int? = nil, layers: Int, activation: Activation = .gelu,
    attentionBias: Bool = true, epsilon: Float = 1e-5, naming: BlockNaming = .clip,
    _ random: inout Random
  ) {
    let small = Initializer.residual(layers: layers)
    let attention = SelfAttention(
      width: width, heads: heads, bias: attentionBias, outputInitializer: small, naming: naming,
      &random)
    self.init(
      attention, width: width, hidden: hidden ?? 4 * width, activation: activation,
      outputInitializer: small, epsilon: epsilon, naming: naming, &random)
  }

  /// [B, T, D] → [B, T, D], see the general form.
  public func callAsFunction(
    _ x: Tensor, mask: AttentionMask = .none, trace: Trace.Scope? = nil
  ) -> Tensor {
    self(x, mask, trace: trace)
  }
}

extension Initializer {
  /// What projects a result into the residual stream: of deviation 0.02/√(2 L), so that the stream
  /// keeps its size although L blocks add two results each (GPT-2, §2.3).
  public static func residual(layers: Int) -> Initializer {
    .normal(0.02 / Float(2 * layers).squareRoot())
  }
}

/// How public checkpoints name the parts of a block.
public enum BlockNaming: Sendable {
  /// As in Hugging Face's CLIP.
  case clip
  /// As in Hugging Face's ViT.
  case vit
  /// As in ruDALL-E.
  case ruDALLE

  var attention: String { self == .clip ? "self_attn" : "attention" }
  var output: String { self == .clip ? "out_proj" : "o_proj" }
  var norm1: String {
    switch self {
    case .clip: "layer_norm1"
    case .vit: "layernorm_before"
    case .ruDALLE: "input_layernorm"
    }
  }
  var norm2: String {
    switch self {
    case .clip: "layer_norm2"
    case .vit: "layernorm_after"
    case .ruDALLE: "post_attention_layernorm"
    }
  }
  var hidden: (first: String, second: String, trace: String) {
    self == .ruDALLE
      ? ("dense_h_to_4h", "dense_4h_to_h", "mlp_pre") : ("fc1", "fc2", "fc1")
  }
}
