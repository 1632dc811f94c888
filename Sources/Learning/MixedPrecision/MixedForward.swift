// The transformer of `DALLE` with resblocks in 16 bits. What the paper keeps in 32 bits (appendix D,
// second guideline) keeps them here: embeddings, the head and its logits, gains and biases.

import DALLE
import NeuralNetwork
import NumberFormats
import TensorCore

/// How the resblocks of one pass calculate. A model of L blocks has 2 L resblocks: the attention and
/// the feed-forward network of block 0, those of block 1, and so on.
struct MixedPass {
  /// Of all resblocks; nil for 32 bits.
  let format: FloatFormat?
  /// Of the 2 L resblocks.
  let scales: [Scale]
  /// For each resblock, or empty.
  var probes: [ResblockProbe] = []
  /// Sees every number that has been rounded, for tests.
  var onResult: ((Tensor) -> Void)?

  fileprivate func arithmetic(_ resblock: Int) -> Arithmetic {
    Arithmetic(
      format: format, probe: probes.isEmpty ? nil : probes[resblock], onResult: onResult)
  }
}

extension DALLE {
  /// Captions [B, T] and codes [B, N] → the losses, [] each, in nats per token: as the model's own, but
  /// with resblocks in another format.
  func losses(text: IndexTensor, image: IndexTensor, _ pass: MixedPass) -> DALLELoss {
    let c = configuration
    precondition(
      c.convention == .paper && !c.isSandwich,
      "resblocks in 16 bits are those of the paper, without a sandwich of norms")
    precondition(
      pass.scales.count == 2 * c.layers,
      "\(c.layers) blocks have \(2 * c.layers) scales, not \(pass.scales.count)")
    let tokens = concatenate([embed(text: stream(text)), embed(image: image)], axis: 1)
    var x = tokens.sliced(axis: 1, 0..<c.positions)  // [B, S, D]
    for (i, block) in blocks.enumerated() {
      let (first, second) = (pass.arithmetic(2 * i), pass.arithmetic(2 * i + 1))
      x = first.adding(to: x, scale: pass.scales[2 * i]) {
        block.attention(first.cast(block.norm1($0)), keys[i], first)
      }  // [B, S, D]
      x = second.adding(to: x, scale: pass.scales[2 * i + 1]) {
        block.feedForward(second.cast(block.norm2($0)), second)
      }  // [B, S, D]
    }
    return loss(of: x, text: text, image: image)
  }
}

extension SparseSelfAttention {
  /// [B, S, D] → [B, S, D], each result rounded. Attention itself is one operation: its scores and
  /// probabilities are never stored, so they keep 32 bits.
  fileprivate func callAsFunction(
    _ x: Tensor, _ keys: SparseKeys, _ arithmetic: Arithmetic
  ) -> Tensor {
    let qkv = arithmetic.linear(x, queryKeyValue)  // [B, S, 3 D]
    let context = arithmetic.cast(sparseAttention(qkv, heads: heads, keys))  // [B, S, D]
    return arithmetic.linear(context, output)
  }
}

extension FeedForward {
  /// [B, S, D] → [B, S, D], each result rounded.
  fileprivate func callAsFunction(_ x: Tensor, _ arithmetic: Arithmetic) -> Tensor {
    let hidden = arithmetic.cast(activation(arithmetic.linear(x, first)))  // [B, S, 4 D]
    return arithmetic.linear(hidden, second)
  }
}

extension Arithmetic {
  /// x Wᵀ + b, [..., K] → [..., N]: the weight and its gradient are rounded, the bias is not.
  fileprivate func linear(_ x: Tensor, _ layer: Linear) -> Tensor {
    cast(TensorCore.linear(x, cast(layer.weight, isWeight: true), layer.bias))
  }
}
