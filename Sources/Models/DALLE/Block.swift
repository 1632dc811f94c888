// A block of the transformer: sparse attention, then a feed-forward network.

import NeuralNetwork
import TensorCore

/// A pre-norm block: x + attention(norm(x)), then x + feedForward(norm(x)). Its parts are named
/// as in ruDALL-E's public checkpoints.
public struct DALLEBlock: Module {
  /// Before attention.
  public let norm1: LayerNorm
  /// D → 3 D: queries, keys and values side by side.
  public let queryKeyValue: Linear
  /// The projection of the heads' results.
  public let dense: Linear
  /// Before the feed-forward network.
  public let norm2: LayerNorm
  /// D → 4 D and back.
  public let first, second: Linear
  /// On what is added to the residual stream, in sandwich models.
  public let addition1, addition2: LayerNorm?
  /// h
  public let heads: Int

  init(_ c: DALLEConfiguration, _ random: inout Random) {
    let (usual, small) = (
      Initializer.normal(0.02), Initializer.normal(0.02 / Float(2 * c.layers).squareRoot())
    )
    heads = c.heads
    norm1 = LayerNorm(c.width)
    queryKeyValue = Linear(c.width, 3 * c.width, initializer: usual, &random)
    dense = Linear(c.width, c.width, initializer: small, &random)
    norm2 = LayerNorm(c.width)
    first = Linear(c.width, 4 * c.width, initializer: usual, &random)
    second = Linear(4 * c.width, c.width, initializer: small, &random)
    addition1 = c.isSandwich ? LayerNorm(c.width) : nil
    addition2 = c.isSandwich ? LayerNorm(c.width) : nil
  }

  /// The parameters.
  public var members: Members {
    [
      "input_layernorm": norm1, "attention.query_key_value": queryKeyValue,
      "attention.dense": dense, "post_attention_layernorm": norm2,
      "mlp.dense_h_to_4h": first, "mlp.dense_4h_to_h": second,
      "before_first_addition_layernorm": addition1,
      "before_second_addition_layernorm": addition2,
    ]
  }

  /// [B, S, D] → [B, S, D], each position seeing what `keys` allows it.
  ///
  /// Notes `ln1`, `qkv`, `attn_probs` [B, h, S, S], `context`, `attn_out`, `ln2`, `mlp_pre` and
  /// `mlp_out`, results before anything is added to them.
  public func callAsFunction(_ x: Tensor, _ keys: SparseKeys, trace: Trace.Scope? = nil) -> Tensor {
    let normalised = norm1(x)  // [B, S, D]
    let qkv = queryKeyValue(normalised)  // [B, S, 3 D]
    let context: Tensor  // [B, S, D]
    if let trace {
      let (result, probabilities) = sparseAttentionWithProbabilities(qkv, heads: heads, keys)
      context = result
      trace.note("ln1", normalised)
      trace.note("qkv", qkv)
      trace.note("attn_probs", probabilities)
      trace.note("context", context)
    } else {
      context = sparseAttention(qkv, heads: heads, keys)
    }
    let y = add(dense, context, addition1, to: x, "attn_out", trace)  // [B, S, D]
    let normalisedAgain = norm2(y)  // [B, S, D]
    let hidden = first(normalisedAgain)  // [B, S, 4 D]
    trace?.note("ln2", normalisedAgain)
    trace?.note("mlp_pre", hidden)
    return add(second, hidden.geluTanh(), addition2, to: y, "mlp_out", trace)
  }

  /// residual + layer(x), the latter normalised in sandwich models.
  private func add(
    _ layer: Linear, _ x: Tensor, _ norm: LayerNorm?, to residual: Tensor, _ name: String,
    _ trace: Trace.Scope?
  ) -> Tensor {
    if norm == nil && trace == nil { return layer(x, adding: residual) }
    let y = layer(x)
    trace?.note(name, y)
    return residual + (norm.map { $0(y) } ?? y)
  }
}
