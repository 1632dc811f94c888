// Attention to a few keys per query, in training and one token at a time.

import Kernels
import Vectors

/// Which keys each query of a sequence may attend to, in an order that makes them runs of
/// neighbours.
public typealias SparseKeys = Kernels.SparseKeys
/// Keys that are neighbours in the order of a `SparseKeys`.
public typealias KeyRun = Kernels.KeyRun

/// softmax(q kᵀ / √Dh) v for every head, where a query attends only to the keys that `sparse`
/// allows it.
///
/// Queries, keys and values lie side by side, and within each of them the heads: [B, T, 3 D] →
/// [B, T, D]. Other keys are not visited, forward or backward, so that the cost grows with the
/// number of allowed pairs.
public func sparseAttention(_ qkv: Tensor, heads: Int, _ sparse: SparseKeys) -> Tensor {
  sparseAttention(qkv, heads: heads, sparse, probabilities: nil)
}

/// The result of `sparseAttention`, [B, T, D], and the attention probabilities [B, h, T, T],
/// which carry no gradient.
public func sparseAttentionWithProbabilities(
  _ qkv: Tensor, heads: Int, _ sparse: SparseKeys
) -> (result: Tensor, probabilities: Tensor) {
  let tokens = qkv.shape[1]
  let probabilities = Tensor.zeros([qkv.shape[0], heads, tokens, tokens])
  return (sparseAttention(qkv, heads: heads, sparse, probabilities: probabilities), probabilities)
}

private func sparseAttention(
  _ qkv: Tensor, heads: Int, _ sparse: SparseKeys, probabilities: Tensor?
) -> Tensor {
  check(qkv, heads)
  let (batch, tokens, width) = (qkv.shape[0], qkv.shape[1], qkv.shape[2] / 3)
  precondition(
    tokens == sparse.queries && tokens == sparse.order.count,
    "sparse attention: \(tokens) tokens, but a pattern of \(sparse.queries)")
  let scale = 1 / Float(width / heads).squareRoot()
  let y = Tensor(uninitialized: [batch, tokens, width])
  let logSums = Tensor(uninitialized: [batch, heads, tokens])
  Kernels.sparseAttention(
    sparse, batch: batch, heads: heads, width: width / heads, scale: scale,
    query: view(qkv, 0, heads), key: view(qkv, 1, heads), value: view(qkv, 2, heads),
    output: view(y, heads), logSums: logSums.pointer, probabilities: probabilities?.pointer)
  return y.recorded(from: qkv) { dy in
    let gradient = Tensor(uninitialized: qkv.shape)
    sparseAttentionGradient(
      sparse, batch: batch, heads: heads, width: width / heads, scale: scale,
      query: view(qkv, 0, heads), key: view(qkv, 1, heads), value: view(qkv, 2, heads),
      output: view(y, heads), logSums: logSums.pointer, outputGradient: view(dy, heads),
      queryGradient: view(gradient, 0, heads), keyGradient: view(gradient, 1, heads),
      valueGradient: view(gradient, 2, heads))
    qkv.receive(gradient)
  }
}

/// The keys and values of the tokens so far, for decoding a token or a few at a time.
public final class AttentionCache {
  private let sparse: SparseKeys
  private let heads: Int
  private let layout: SlotLayout
  private let keys: Tensor
  private let values: Tensor
  /// B, the number of sequences.
  public let batch: Int
  /// The number of tokens that each sequence has so far.
  public private(set) var count = 0

  /// An empty cache for `batch` sequences of a pattern and of width D.
  public init(_ sparse: SparseKeys, batch: Int, heads: Int, width: Int) {
    precondition(width % heads == 0, "width \(width) does not divide into \(heads) heads")
    self.sparse = sparse
    self.batch = batch
    self.heads = heads
    layout = SlotLayout(slots: sparse.order.count, width: width / heads)
    keys = .zeros([batch, heads, layout.rowCount])
    values = .zeros([batch, heads, layout.rowCount])
  }

  /// A cache of `batch` sequences that begin with the tokens of `other`: each with those of the same
  /// number, or all with those of its only one.
  public convenience init(repeating other: AttentionCache, batch: Int) {
    precondition(
      [1, batch].contains(other.batch), "\(other.batch) sequences cannot become \(batch)")
    self.init(
      other.sparse, batch: batch, heads: other.heads, width: other.heads * other.layout.width)
    for (mine, its) in [(keys, other.keys), (values, other.values)] {
      for repetition in 0..<batch / other.batch {
        (mine.pointer + repetition * its.count).update(from: its.pointer, count: its.count)
      }
    }
    count = other.count
  }

  /// Adds n tokens, given as queries, keys and values [B, n, 3 D], and returns the results of
  /// their attention, [B, n, D], without history.
  public func attend(_ qkv: Tensor) -> Tensor {
    check(qkv, heads)
    let (n, width) = (qkv.shape[1], heads * layout.width)
    precondition(
      qkv.shape[0] == batch && qkv.shape[2] == 3 * width && count + n <= sparse.queries,
      "a cache of \(batch) sequences of width \(width) with \(sparse.queries - count) places left "
        + "cannot take \(qkv.shape)")
    let y = Tensor(uninitialized: [batch, n, width])
    let (query, key, value) = (view(qkv, 0, heads), view(qkv, 1, heads), view(qkv, 2, heads))
    cachedAttention(
      sparse, layout, batch: batch, heads: heads, tokens: count..<count + n,
      scale: 1 / Float(layout.width).squareRoot(), query: query, key: key, value: value,
      keys: keys.pointer, values: values.pointer, output: view(y, heads))
    count += n
    return y
  }
}

private func check(_ qkv: Tensor, _ heads: Int) {
  precondition(
    qkv.rank == 3 && heads > 0 && qkv.shape[2] % (3 * heads) == 0,
    "sparse attention: \(qkv.shape) is not [B, T, 3 D] with D a multiple of \(heads) heads")
}

/// The heads of one third of [B, T, 3 D].
private func view(_ qkv: Tensor, _ third: Int, _ heads: Int) -> HeadView {
  let width = qkv.shape[2] / 3
  return HeadView(
    qkv.pointer + third * width, batchStride: qkv.shape[1] * 3 * width,
    headStride: width / heads, rowStride: 3 * width)
}
