// Attention of a sequence to itself, every query to every key unless a mask says otherwise.

import TensorCore

/// Multi-head self-attention with separate projections to queries, keys and values (Vaswani et
/// al., 2017, §3.2.2).
public struct SelfAttention: AttentionLayer {
  /// Projections [D, D] to queries, keys and values.
  public let query, key, value: Linear
  /// The projection of the heads' results, [D, D].
  public let output: Linear
  /// h, which share the width.
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

  /// The four projections, under Hugging Face's names.
  public var members: Members {
    ("q_proj", query)
    ("k_proj", key)
    ("v_proj", value)
    (naming.output, output)
  }

  /// [B, T, D] → [B, T, D], plus `residual` [B, T, D] if there is one.
  ///
  /// Notes `q`, `k`, `v` [B, h, T, Dh], `attn_probs` [B, h, T, T] and `attn_out` [B, T, D], the
  /// result before the residual is added.
  public func callAsFunction(
    _ x: Tensor, _ mask: AttentionMask = .none, adding residual: Tensor? = nil,
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
