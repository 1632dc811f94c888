// Your room: write between BEGIN YOUR CODE and END YOUR CODE, in place of the `throw`.
// `make grade EX=1.1` grades, `make hint EX=1.1` helps, and
// chapters/exercises.md says how it all works.

import CourseKit
import TensorCore

/// Chapter 1: pictures as sequences, and attention.
///
/// Letters: B pictures, C channels, H and W rows and columns of pixels, P rows and columns of a
/// patch, N patches, T tokens, D width of a token, h heads, Dh width of a head, M numbers between
/// the layers of an MLP, K colours.
public enum YourChapter1: Chapter1Exercises {
  /// 1.1 Cuts pictures into square patches.
  ///
  /// images [B, C, H, W], where P divides H and W → [B, N, C·P·P] with N = H/P · W/P.
  /// Patches follow one another row by row over the grid; the numbers of a patch are ordered by
  /// channel, row, column.
  public static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    // BEGIN YOUR CODE 1.1
    throw NotAttempted("1.1")
    // END YOUR CODE
  }

  /// 1.2 Puts pictures together again from their patches: the inverse of `patchify`.
  ///
  /// patches [B, rows·columns, C·P·P] → [B, C, rows·P, columns·P].
  public static func unpatchify(
    _ patches: Tensor, patch: Int, rows: Int, columns: Int
  ) throws -> Tensor {
    // BEGIN YOUR CODE 1.2
    throw NotAttempted("1.2")
    // END YOUR CODE
  }

  /// 1.3 Turns pictures into tokens by a convolution whose window is as large as its stride.
  ///
  /// images [B, C, H, W], weight [D, C, P, P], bias [D] → [B, N, D]: token n is
  /// bias + Σ weight · patch n, and tokens follow one another as patches do.
  /// `convolution2D` runs on [B, H, W, C]; `channelsLast` brings pictures there.
  public static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor {
    // BEGIN YOUR CODE 1.3
    throw NotAttempted("1.3")
    // END YOUR CODE
  }

  /// 1.4 Fits learned position embeddings to a grid of another size.
  ///
  /// positions [1, 1 + rows·columns, D] → [1, 1 + rows'·columns', D]. The first row belongs to the
  /// class token and stays as it is. The others are a picture of D channels, row by row, and are
  /// resized bicubically: `resized(height:width:_:)` does this for [B, H, W, C].
  public static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    // BEGIN YOUR CODE 1.4
    throw NotAttempted("1.4")
    // END YOUR CODE
  }

  /// 1.5 Scaled dot-product attention: softmax(q kᵀ / √Dh) v, the softmax over the keys.
  ///
  /// query [B, Tq, Dh], key [B, Tk, Dh], value [B, Tk, Dv] → [B, Tq, Dv].
  /// Must stay finite when the scores are as large as 1,000.
  public static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    // BEGIN YOUR CODE 1.5
    throw NotAttempted("1.5")
    // END YOUR CODE
  }

  /// 1.6 Layer normalisation: each token gets mean 0 and variance 1, then a gain and a bias.
  ///
  /// x [..., D], gain [D] and bias [D] → [..., D]: (x - mean) / √(variance + 10⁻⁵) · gain + bias,
  /// with mean and variance of the D numbers of a token, the variance with the divisor D. Without
  /// `layerNorm`, which is this.
  public static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    // BEGIN YOUR CODE 1.6
    throw NotAttempted("1.6")
    // END YOUR CODE
  }

  /// 1.7 A transformer block: tokens look at one another, and then each is treated alone.
  ///
  /// x [B, T, D] → [B, T, D]: y = x + attention(norm1(x)), and then y + mlp(norm2(y)). A norm is
  /// `layerNorm` with its `gain` and `bias`, [D] each. `query`, `key`, `value` and `output` are
  /// [D, D]: the first three make queries, keys and values of normalised tokens, with h heads side
  /// by side in D, and `output` mixes what the heads found. The MLP is `first` [M, D], GELU,
  /// `second` [D, M]. `linear(x, w)` multiplies tokens by a matrix, and
  /// `TensorCore.attention(q, k, v, heads: heads)` does the heads; `attention` alone is 1.5's.
  public static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    // BEGIN YOUR CODE 1.7
    throw NotAttempted("1.7")
    // END YOUR CODE
  }

  /// 1.8 Attention rollout: how much of each patch reaches the class token, which is token 0.
  ///
  /// probabilities: for each layer, the first layer first, [B, h, T, T] with rows of sum 1 →
  /// [B, T - 1]. In each layer average the heads, and let half of a token come from itself:
  /// ½A + ½I. Layers follow one another as matrices are multiplied, the last one leftmost. Take
  /// the class token's row without the class token, scaled to sum 1.
  public static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    // BEGIN YOUR CODE 1.8
    throw NotAttempted("1.8")
    // END YOUR CODE
  }

  /// 1.9 Draws how each of the N patches of a picture is corrupted before the encoder sees them.
  ///
  /// Exactly N/2 patches (rounded down) are corrupted, all choices of them equally likely. The
  /// entry of a patch is nil if it is left alone. Of the corrupted ones, independently,
  /// 80 % become the mask token: N; 10 % the embedding of another patch: its number, never the
  /// patch's own; 10 % stay as they are but must still be predicted: the patch's own
  /// number.
  public static func corruption(patches: Int, using random: inout Random) throws -> [Int?] {
    // BEGIN YOUR CODE 1.9
    throw NotAttempted("1.9")
    // END YOUR CODE
  }

  /// 1.10 The loss of guessing colours: the mean cross-entropy over corrupted patches only.
  ///
  /// logits [B, N, K], the right colours [B, N], each below K, and sources, B·N entries as 1.9
  /// draws them, one picture after another → []: the mean of -ln softmax(logits)[colour] over all
  /// patches that are corrupted, in nats; at least one is. Must be made of tensor operations, so
  /// that the gradient flows.
  public static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    // BEGIN YOUR CODE 1.10
    throw NotAttempted("1.10")
    // END YOUR CODE
  }
}
