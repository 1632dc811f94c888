// Attention to the few positions that a sparse pattern allows (DALL·E, appendix B.1).

import NeuralNetwork
import TensorCore

/// Multi-head self-attention that visits only the keys of its pattern. Queries, keys and values
/// come from one projection, named as in ruDALL-E's public checkpoints.
public struct SparseSelfAttention: AttentionLayer {
  /// D → 3 D: queries, keys and values side by side
  public let queryKeyValue: Linear
  /// The projection of the heads' results, D → D
  public let output: Linear
  /// h, which must divide D.
  public let heads: Int

  /// Untrained attention for tokens of width D.
  public init(width: Int, heads: Int, outputInitializer: Initializer, _ random: inout Random) {
    queryKeyValue = Linear(width, 3 * width, initializer: .normal(0.02), &random)
    output = Linear(width, width, initializer: outputInitializer, &random)
    self.heads = heads
  }

  /// The two projections, under ruDALL-E's names.
  public var members: Members {
    ("query_key_value", queryKeyValue)
    ("dense", output)
  }

  /// [B, S, D] → [B, S, D], plus `residual` if given; each position sees what `keys` allows.
  ///
  /// Notes `qkv` [B, S, 3 D], `attn_probs` [B, h, S, S], `context` and `attn_out` [B, S, D], the
  /// result before the residual is added.
  public func callAsFunction(
    _ x: Tensor, _ keys: SparseKeys, adding residual: Tensor? = nil, trace: Trace.Scope? = nil
  ) -> Tensor {
    let qkv = queryKeyValue(x)  // [B, S, 3 D]
    if let trace { return noted(qkv, keys, adding: residual, trace) }
    let context = sparseAttention(qkv, heads: heads, keys)  // [B, S, D]
    return output(context, adding: residual)
  }

  private func noted(
    _ qkv: Tensor, _ keys: SparseKeys, adding residual: Tensor?, _ trace: Trace.Scope
  ) -> Tensor {
    let (context, probabilities) = sparseAttentionWithProbabilities(qkv, heads: heads, keys)
    let result = output(context)  // [B, S, D]
    trace.note("qkv", qkv)
    trace.note("attn_probs", probabilities)
    trace.note("context", context)
    trace.note("attn_out", result)
    return residual.map { $0 + result } ?? result
  }
}

/// A block of the transformer: sparse attention, then a feed-forward network.
public typealias SparseBlock = TransformerBlock<SparseSelfAttention>

extension TransformerBlock<SparseSelfAttention> {
  /// A block of the sizes of a configuration.
  init(_ c: DALLEConfiguration, _ random: inout Random) {
    let small = Initializer.residual(layers: c.layers)
    let attention = SparseSelfAttention(
      width: c.width, heads: c.heads, outputInitializer: small, &random)
    self.init(
      attention, width: c.width, hidden: 4 * c.width, activation: .geluTanh,
      outputInitializer: small, isSandwich: c.isSandwich, naming: .ruDALLE, &random)
  }
}
