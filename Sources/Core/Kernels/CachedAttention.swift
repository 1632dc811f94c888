// Sparse attention for tokens that arrive one after the other, as in drawing: the last rows of
// PlainKernels/Attention.swift. Keys and values of earlier tokens are kept in slots, so that a new
// token costs one row, not a whole sequence. Keys lie [slots, width] here: a single query reads
// each of them once, in one go.

import Vectors

/// softmax(Q Kᵀ · scale) V for new tokens, which see those before them.
///
/// `keys` and `values` [B, h, layout.rowCount] take in those of the new `tokens`; queries, keys,
/// values and outputs are rows [B, h, n, width] of the n new tokens.
public func cachedAttention(
  _ sparse: SparseKeys, _ layout: SlotLayout, batch: Int, heads: Int, tokens: Range<Int>,
  scale: Float, query: HeadView, key: HeadView, value: HeadView,
  keys: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>, output: HeadView
) {
  let width = layout.width
  parallelFor(batch * heads, grain: max(1, 2048 / (tokens.count * (sparse.most + 1)))) { units in
    let room = sparse.most + SlotLayout.overhang
    var memory = Scratch(room + 2 * layout.rowStride, .zeros)
    defer { memory.free() }
    let scores = memory.take(room)
    let (x, y) = (memory.take(layout.rowStride), memory.take(layout.rowStride))
    for unit in units {
      let (b, h) = (unit / heads, unit % heads)
      let (keys, values) = (keys + unit * layout.rowCount, values + unit * layout.rowCount)
      for (i, token) in tokens.enumerated() {
        layout.put(row: key.head(b, h) + i * key.rowStride, sparse.slots[token], keys)
        layout.put(row: value.head(b, h) + i * value.rowStride, sparse.slots[token], values)
      }
      for (i, token) in tokens.enumerated() {
        let source = query.head(b, h) + i * query.rowStride
        for d in 0..<width { x[d] = source[d] * scale }
        let runs = sparse.runs(of: token)
        layout.score(runs, x, rows: keys, into: scores)
        _ = softmaxRow(keyCount(runs), scores, scores)
        layout.mix(runs, scores, rows: values, into: y)
        (output.head(b, h) + i * output.rowStride).update(from: y, count: width)
      }
    }
  }
}
