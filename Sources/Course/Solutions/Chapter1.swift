import CourseKit
import TensorCore

/// Chapter 1: pictures as sequences, and attention.
///
/// Letters: B pictures, C channels, H and W rows and columns of pixels, P rows and columns of a
/// patch, N patches, T tokens, D width of a token, h heads, Dh width of a head, M numbers between
/// the layers of an MLP, K colours.
public enum Reference1: Chapter1Exercises {
  /// 1.1 Cuts pictures into square patches.
  ///
  /// images [B, C, H, W], where P divides H and W → [B, N, C·P·P] with N = H/P · W/P.
  /// Patches follow one another row by row over the grid; the numbers of a patch are ordered by
  /// channel, row, column.
  public static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    // BEGIN SOLUTION 1.1
    let (b, c) = (images.shape[0], images.shape[1])
    let (rows, columns) = (images.shape[2] / patch, images.shape[3] / patch)
    let cut = images.reshaped(b, c, rows, patch, columns, patch)  // [B, C, H/P, P, W/P, P]
    let ordered = cut.permuted(0, 2, 4, 1, 3, 5)  // [B, H/P, W/P, C, P, P]
    return ordered.reshaped(b, rows * columns, c * patch * patch)
    // END SOLUTION
  }

  /// 1.2 Puts pictures together again from their patches: the inverse of `patchify`.
  ///
  /// patches [B, rows·columns, C·P·P] → [B, C, rows·P, columns·P].
  public static func unpatchify(
    _ patches: Tensor, patch: Int, rows: Int, columns: Int
  ) throws -> Tensor {
    // BEGIN SOLUTION 1.2
    let b = patches.shape[0]
    let c = patches.shape[2] / (patch * patch)
    let grid = patches.reshaped(b, rows, columns, c, patch, patch)  // [B, H/P, W/P, C, P, P]
    let ordered = grid.permuted(0, 3, 1, 4, 2, 5)  // [B, C, H/P, P, W/P, P]
    return ordered.reshaped(b, c, rows * patch, columns * patch)
    // END SOLUTION
  }

  /// 1.3 Turns pictures into tokens by a convolution whose window is as large as its stride.
  ///
  /// images [B, C, H, W], weight [D, C, P, P], bias [D] → [B, N, D]: token n is
  /// bias + Σ weight · patch n, and tokens follow one another as patches do.
  /// `convolution2D` runs on [B, H, W, C]; `channelsLast` brings pictures there.
  public static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor {
    // BEGIN SOLUTION 1.3
    let patch = weight.shape[2]
    let map = convolution2D(
      images.channelsLast, weight, bias, stride: patch, padding: 0)  // [B, H/P, W/P, D]
    return map.reshaped(images.shape[0], map.shape[1] * map.shape[2], weight.shape[0])
    // END SOLUTION
  }

  /// 1.4 Fits learned position embeddings to a grid of another size.
  ///
  /// positions [1, 1 + rows·columns, D] → [1, 1 + rows'·columns', D]. The first row belongs to the
  /// class token and stays as it is. The others are a picture of D channels, row by row, and are
  /// resized bicubically: `resized(height:width:_:)` does this for [B, H, W, C].
  public static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    // BEGIN SOLUTION 1.4
    let (count, d) = (positions.shape[1], positions.shape[2])
    let first = positions.sliced(axis: 1, 0..<1)  // [1, 1, D]
    let picture = positions.sliced(axis: 1, 1..<count).reshaped(1, from.rows, from.columns, d)
    let fitted = picture.resized(height: to.rows, width: to.columns, .bicubic)
    return concatenate([first, fitted.reshaped(1, to.rows * to.columns, d)], axis: 1)
    // END SOLUTION
  }

  /// 1.5 Scaled dot-product attention: softmax(q kᵀ / √Dh) v, the softmax over the keys.
  ///
  /// query [B, Tq, Dh], key [B, Tk, Dh], value [B, Tk, Dv] → [B, Tq, Dv].
  /// Must stay finite when the scores are as large as 1,000.
  public static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    // BEGIN SOLUTION 1.5
    let scale = 1 / Float(query.shape[2]).squareRoot()
    let scores = matmul(query, key, transposeB: true) * scale  // [B, Tq, Tk]
    return matmul(scores.softmax(axis: 2), value)
    // END SOLUTION
  }

  /// 1.6 Layer normalisation: each token gets mean 0 and variance 1, then a gain and a bias.
  ///
  /// x [..., D], gain [D] and bias [D] → [..., D]: (x - mean) / √(variance + 10⁻⁵) · gain + bias,
  /// with mean and variance of the D numbers of a token, the variance with the divisor D. Without
  /// `layerNorm`, which is this.
  public static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    // BEGIN SOLUTION 1.6
    let centred = x - x.mean(axis: -1, keepingAxis: true)  // [..., D]
    let variance = centred.square().mean(axis: -1, keepingAxis: true)  // [..., 1]
    return centred / (variance + 1e-5).squareRoot() * gain + bias
    // END SOLUTION
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
    // BEGIN SOLUTION 1.7
    let normalised = layerNorm(x, weights.norm1.gain, weights.norm1.bias)  // [B, T, D]
    let (q, k) = (linear(normalised, weights.query), linear(normalised, weights.key))
    let v = linear(normalised, weights.value)  // [B, T, D], as q and k
    let y = x + linear(TensorCore.attention(q, k, v, heads: heads), weights.output)  // [B, T, D]
    let normalisedAgain = layerNorm(y, weights.norm2.gain, weights.norm2.bias)  // [B, T, D]
    return y + linear(linear(normalisedAgain, weights.first).gelu(), weights.second)
    // END SOLUTION
  }

  /// 1.8 Attention rollout: how much of each patch reaches the class token, which is token 0.
  ///
  /// probabilities: for each layer, the first layer first, [B, h, T, T] with rows of sum 1 →
  /// [B, T - 1]. In each layer average the heads, and let half of a token come from itself:
  /// ½A + ½I. Layers follow one another as matrices are multiplied, the last one leftmost. Take
  /// the class token's row without the class token, scaled to sum 1.
  public static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    // BEGIN SOLUTION 1.8
    let t = probabilities[0].shape[3]
    let identity = Tensor(shape: [t, t], (0..<t * t).map { $0 % (t + 1) == 0 ? 1 : 0 })
    var flow = identity.expanded([probabilities[0].shape[0], t, t])  // [B, T, T]
    for layer in probabilities {
      let mixed = layer.mean(axis: 1) * 0.5 + identity * 0.5  // [B, T, T]
      flow = matmul(mixed, flow)
    }
    let patches = flow.at(0, axis: 1).sliced(axis: 1, 1..<t)  // [B, T - 1]
    return patches / patches.sum(axis: 1, keepingAxis: true)
    // END SOLUTION
  }

  /// 1.9 Draws how each of the N patches of a picture is corrupted before the encoder sees them.
  ///
  /// Exactly N/2 patches (rounded down) are corrupted, all choices of them equally likely. The
  /// entry of a patch is nil if it is left alone. Of the corrupted ones, independently,
  /// 80 % become the mask token: N; 10 % the embedding of another patch: its number, never the
  /// patch's own; 10 % stay as they are but must still be predicted: the patch's own
  /// number.
  public static func corruption(patches: Int, using random: inout Random) throws -> [Int?] {
    // BEGIN SOLUTION 1.9
    var order = Array(0..<patches)
    random.shuffle(&order)
    var sources = [Int?](repeating: nil, count: patches)
    for place in order.prefix(patches / 2) {
      switch random.integer(below: 10) {
      case 0:
        let other = random.integer(below: patches - 1)
        sources[place] = other < place ? other : other + 1
      case 1: sources[place] = place
      default: sources[place] = patches
      }
    }
    return sources
    // END SOLUTION
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
    // BEGIN SOLUTION 1.10
    let labels = zip(colours.values, sources).map { $1 == nil ? -1 : $0 }  // B·N; -1 is left out
    return crossEntropy(logits.reshaped(labels.count, logits.shape[2]), IndexTensor(labels))
    // END SOLUTION
  }
}
