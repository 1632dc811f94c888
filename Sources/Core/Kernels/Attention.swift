// softmax(Q Kᵀ · scale) V and its gradient: PlainKernels/Attention.swift, one head of one sequence
// per task.
//
// Scores exist only for a block of queries at once. The gradient computes them again from the
// log-sum-exp of each row (Dao et al., "FlashAttention", 2022, use the same trick), so memory grows
// with T, not T². Keys after the last one that a block may see are not visited, and the products
// run in tiles (AttentionProduct.swift).

import Vectors

private let queriesPerBlock = 96

/// output = softmax(Q Kᵀ · scale) V, and per row the log-sum-exp of its scores [B, h, Tq].
///
/// With `probabilities` [B, h, Tq, Tk] the softmax itself is written there as well.
public func attention(
  _ s: AttentionProblem, query: HeadView, key: HeadView, value: HeadView, output: HeadView,
  logSums: UnsafeMutablePointer<Float>, probabilities: UnsafeMutablePointer<Float>? = nil
) {
  parallelFor(s.batch * s.heads) { unit in
    let (b, h) = (unit / s.heads, unit % s.heads)
    let keyPanels = Panels(
      key.head(b, h), key.rowStride, rows: s.keys, columns: s.width, .transposed)
    let valuePanels = Panels(
      value.head(b, h), value.rowStride, rows: s.keys, columns: s.valueWidth, .plain)
    let scores = Scratch((queriesPerBlock + Tile.rows) * s.keyStride, .garbage)
    defer {
      keyPanels.free()
      valuePanels.free()
      scores.free()
    }
    let queries = query.head(b, h)
    let target = output.head(b, h)
    for first in stride(from: 0, to: s.queries, by: queriesPerBlock) {
      let count = min(queriesPerBlock, s.queries - first)
      computeScores(s, queries, query.rowStride, keyPanels, first, count, scores.pointer)
      for i in 0..<count {
        let row = scores.pointer + i * s.keyStride
        let limit = s.limit(first + i)
        maskRow(s, row, limit, s.bytes(b, h).map { $0 + (first + i) * s.keys })
        let (top, total) = softmaxRow(limit, row, row)
        logSums[unit * s.queries + first + i] = total == 0 ? -.infinity : top + logarithm(total)
        (row + limit).update(repeating: 0, count: s.keyStride - limit)
        if let probabilities {
          (probabilities + (unit * s.queries + first + i) * s.keys).update(
            from: row, count: s.keys)
        }
      }
      multiplyProbabilities(
        rows: count, scores.pointer, s.keyStride, valuePanels,
        into: target + first * output.rowStride, output.rowStride,
        steps: { s.limit(first + $0) })
    }
  }
}

/// The gradients of `attention`, from its inputs, its output and its log-sum-exps.
///
/// With P the probabilities: dV = Pᵀ dO, dP = dO Vᵀ, dS = P · (dP - Σ dO · O) · scale,
/// dQ = dS K and dK = dSᵀ Q. The gradients are overwritten.
public func attentionGradient(
  _ s: AttentionProblem, query: HeadView, key: HeadView, value: HeadView, output: HeadView,
  logSums: UnsafePointer<Float>, outputGradient: HeadView, queryGradient: HeadView,
  keyGradient: HeadView, valueGradient: HeadView
) {
  parallelFor(s.batch * s.heads) { unit in
    let (b, h) = (unit / s.heads, unit % s.heads)
    let q = query.head(b, h)
    let dO = outputGradient.head(b, h)
    let head = HeadGradient(s, b, h, key: key, value: value)
    defer { head.free() }
    if s.queries == 0 {  // no query, no gradient: the loop below writes nothing
      for row in 0..<s.keys {
        (keyGradient.head(b, h) + row * keyGradient.rowStride).update(repeating: 0, count: s.width)
        (valueGradient.head(b, h) + row * valueGradient.rowStride).update(
          repeating: 0, count: s.valueWidth)
      }
    }
    for first in stride(from: 0, to: s.queries, by: queriesPerBlock) {
      let count = min(queriesPerBlock, s.queries - first)
      head.computeScoreGradients(
        first, count, q, query.rowStride, dO, outputGradient.rowStride,
        output: output.head(b, h), output.rowStride, logSums: logSums + unit * s.queries)
      multiplyProbabilities(
        rows: count, head.changes.pointer, s.keyStride, head.keyRows,
        into: queryGradient.head(b, h) + first * queryGradient.rowStride, queryGradient.rowStride,
        steps: { s.limit(first + $0) })
      let queryRows = Panels(
        q + first * query.rowStride, query.rowStride, rows: count, columns: s.width, .plain)
      let outputRows = Panels(
        dO + first * outputGradient.rowStride, outputGradient.rowStride, rows: count,
        columns: s.valueWidth, .plain)
      multiplyTransposed(
        s, first, count, head.scores.pointer, outputRows,
        into: valueGradient.head(b, h), valueGradient.rowStride)
      multiplyTransposed(
        s, first, count, head.changes.pointer, queryRows,
        into: keyGradient.head(b, h), keyGradient.rowStride)
      queryRows.free()
      outputRows.free()
    }
  }
}

/// What the backward pass of one head needs for every block of its queries.
private struct HeadGradient {
  let s: AttentionProblem
  let bytes: UnsafePointer<UInt8>?
  let keyColumns: Panels
  let keyRows: Panels
  let valueColumns: Panels
  /// P of a block of queries, [queries, keyStride].
  let scores: Scratch
  /// dP of a block, then dS, [queries, keyStride].
  let changes: Scratch

  init(_ s: AttentionProblem, _ b: Int, _ h: Int, key: HeadView, value: HeadView) {
    self.s = s
    bytes = s.bytes(b, h)
    let (k, v) = (key.head(b, h), value.head(b, h))
    keyColumns = Panels(k, key.rowStride, rows: s.keys, columns: s.width, .transposed)
    keyRows = Panels(k, key.rowStride, rows: s.keys, columns: s.width, .plain)
    valueColumns = Panels(v, value.rowStride, rows: s.keys, columns: s.valueWidth, .transposed)
    scores = Scratch((queriesPerBlock + Tile.rows) * s.keyStride, .garbage)
    changes = Scratch((queriesPerBlock + Tile.rows) * s.keyStride, .garbage)
  }

  func free() {
    keyColumns.free()
    keyRows.free()
    valueColumns.free()
    scores.free()
    changes.free()
  }

  /// P and dS of `count` queries from `first` on. `logSums` are those of this head's queries.
  func computeScoreGradients(
    _ first: Int, _ count: Int, _ q: UnsafePointer<Float>, _ qStride: Int,
    _ dO: UnsafePointer<Float>, _ dOStride: Int, output: UnsafePointer<Float>,
    _ outputStride: Int, logSums: UnsafePointer<Float>
  ) {
    computeScores(s, q, qStride, keyColumns, first, count, scores.pointer)
    multiplyScores(
      rows: count, dO + first * dOStride, dOStride, valueColumns, into: changes.pointer,
      s.keyStride, columns: { s.limit(first + $0) })
    for i in 0..<count {
      let row = first + i
      scoreGradientRow(
        s, scores.pointer + i * s.keyStride, changes.pointer + i * s.keyStride,
        limit: s.limit(row), bytes: bytes.map { $0 + row * s.keys }, logSum: logSums[row],
        mean: dot(s.valueWidth, output + row * outputStride, dO + row * dOStride))
    }
  }
}

// MARK: - Rows of scores

/// Scores of `count` queries from `first` on, unscaled, for the keys their tile may see.
private func computeScores(
  _ s: AttentionProblem, _ queries: UnsafePointer<Float>, _ rowStride: Int, _ keys: Panels,
  _ first: Int, _ count: Int, _ scores: UnsafeMutablePointer<Float>
) {
  multiplyScores(
    rows: count, queries + first * rowStride, rowStride, keys, into: scores, s.keyStride,
    columns: { s.limit(first + $0) })
}

/// Scales a row of scores and takes away the keys that a byte mask forbids.
private func maskRow(
  _ s: AttentionProblem, _ row: UnsafeMutablePointer<Float>, _ limit: Int,
  _ bytes: UnsafePointer<UInt8>?
) {
  let scale = s.scale
  @inline(__always)
  func multiply(_ i: Int, _ count: Int) {
    row.store16(i, first: count, row.load16(i, first: count) * scale)
  }
  forEachVector(limit, multiply)
  if let bytes {
    for i in 0..<limit where bytes[i] == 0 { row[i] = -.infinity }
  }
}

/// scores → P, changes (dP) → dS for one query; both are zero from `limit` on.
private func scoreGradientRow(
  _ s: AttentionProblem, _ scores: UnsafeMutablePointer<Float>,
  _ changes: UnsafeMutablePointer<Float>, limit: Int, bytes: UnsafePointer<UInt8>?,
  logSum: Float, mean: Float
) {
  maskRow(s, scores, limit, bytes)
  // A row without any key has no probabilities.
  let seen = logSum == -.infinity ? 0 : limit
  var i = 0
  while i < seen {
    let p = exp16(scores.load16(i) - logSum)
    scores.store16(i, p)
    changes.store16(i, p * (changes.load16(i) - mean) * s.scale)
    i += 16
  }
  (scores + seen).update(repeating: 0, count: s.keyStride - seen)
  (changes + seen).update(repeating: 0, count: s.keyStride - seen)
}
