// softmax(Q Kᵀ · scale) V and its gradient, one head of one sequence at a time.
//
// Scores exist only for a block of queries at once. The gradient computes them again from
// the log-sum-exp of each row (Dao et al., "FlashAttention", 2022, use the same trick), so
// memory grows with T, not T². Keys after the last one a block may see are not visited.

import Vectors

/// Rows of one head inside a bigger array: row t of head h of sequence b starts at
/// `pointer[b · batchStride + h · headStride + t · rowStride]`.
public struct HeadView {
  /// Row 0 of head 0 of sequence 0.
  public var pointer: UnsafeMutablePointer<Float>
  /// Distance between sequences.
  public var batchStride: Int
  /// Distance between heads.
  public var headStride: Int
  /// Distance between rows.
  public var rowStride: Int

  /// Heads that are there already.
  public init(
    _ pointer: UnsafeMutablePointer<Float>, batchStride: Int, headStride: Int, rowStride: Int
  ) {
    self.pointer = pointer
    self.batchStride = batchStride
    self.headStride = headStride
    self.rowStride = rowStride
  }

  func head(_ batch: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
    pointer + batch * batchStride + head * headStride
  }
}

/// Which keys a query may attend to.
public enum KeyMask {
  /// All of them.
  case none
  /// Query i of Tq sees the keys up to i + Tk - Tq.
  case causal
  /// Bytes [Tq, Tk] per sequence and head, with strides; 1 = may attend.
  case bytes(UnsafePointer<UInt8>, batchStride: Int, headStride: Int)
}

/// Sizes of an attention.
public struct AttentionShape {
  /// Sequences.
  public var batch: Int
  /// Heads of each sequence.
  public var heads: Int
  /// Queries of each head, Tq.
  public var queries: Int
  /// Keys of each head, Tk.
  public var keys: Int
  /// Width of a head's queries and keys.
  public var width: Int
  /// Width of a head's values.
  public var valueWidth: Int
  /// Scores are multiplied by this.
  public var scale: Float
  /// Which keys a query may attend to.
  public var mask: KeyMask

  /// The sizes of an attention.
  public init(
    batch: Int, heads: Int, queries: Int, keys: Int, width: Int, valueWidth: Int,
    scale: Float, mask: KeyMask
  ) {
    self.batch = batch
    self.heads = heads
    self.queries = queries
    self.keys = keys
    self.width = width
    self.valueWidth = valueWidth
    self.scale = scale
    self.mask = mask
  }

  var keyStride: Int { (keys + 15) / 16 * 16 }

  /// Keys that query i may see, at most.
  func limit(_ query: Int) -> Int {
    if case .causal = mask { return max(0, min(keys, query + 1 + keys - queries)) }
    return keys
  }

  /// The first query that may see key k.
  func firstQuery(_ key: Int) -> Int {
    if case .causal = mask { return max(0, key - (keys - queries)) }
    return 0
  }

  func bytes(_ batch: Int, _ head: Int) -> UnsafePointer<UInt8>? {
    if case .bytes(let pointer, let batchStride, let headStride) = mask {
      return pointer + batch * batchStride + head * headStride
    }
    return nil
  }
}

private let queriesPerBlock = 96

/// output = softmax(Q Kᵀ · scale) V, and per row the log-sum-exp of its scores [B, h, Tq].
///
/// With `probabilities` [B, h, Tq, Tk] the softmax itself is written there as well.
public func attention(
  _ s: AttentionShape, query: HeadView, key: HeadView, value: HeadView, output: HeadView,
  logSums: UnsafeMutablePointer<Float>, probabilities: UnsafeMutablePointer<Float>? = nil
) {
  parallelFor(s.batch * s.heads) { unit in
    let (b, h) = (unit / s.heads, unit % s.heads)
    let keyPanels = Panels(
      key.head(b, h), key.rowStride, rows: s.keys, columns: s.width, .transposed)
    let valuePanels = Panels(
      value.head(b, h), value.rowStride, rows: s.keys, columns: s.valueWidth, .plain)
    let scores = Scratch((queriesPerBlock + 6) * s.keyStride)
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
      multiply(
        rows: count, scores.pointer, s.keyStride, valuePanels,
        into: target + first * output.rowStride,
        output.rowStride, steps: { s.limit(first + $0) }, start: .zero)
    }
  }
}

/// The gradients of `attention`, from its inputs, its output and its log-sum-exps.
///
/// With P the probabilities: dV = Pᵀ dO, dP = dO Vᵀ, dS = P · (dP - Σ dO · O) · scale,
/// dQ = dS K and dK = dSᵀ Q. The gradients are overwritten.
public func attentionGradient(
  _ s: AttentionShape, query: HeadView, key: HeadView, value: HeadView, output: HeadView,
  logSums: UnsafePointer<Float>, outputGradient: HeadView, queryGradient: HeadView,
  keyGradient: HeadView, valueGradient: HeadView
) {
  parallelFor(s.batch * s.heads) { unit in
    let (b, h) = (unit / s.heads, unit % s.heads)
    let (q, k, v) = (query.head(b, h), key.head(b, h), value.head(b, h))
    let (o, dO) = (output.head(b, h), outputGradient.head(b, h))
    let keyColumns = Panels(k, key.rowStride, rows: s.keys, columns: s.width, .transposed)
    let keyRows = Panels(k, key.rowStride, rows: s.keys, columns: s.width, .plain)
    let valueColumns = Panels(v, value.rowStride, rows: s.keys, columns: s.valueWidth, .transposed)
    let scores = Scratch((queriesPerBlock + 6) * s.keyStride)
    let changes = Scratch((queriesPerBlock + 6) * s.keyStride)
    defer {
      keyColumns.free()
      keyRows.free()
      valueColumns.free()
      scores.free()
      changes.free()
    }
    for first in stride(from: 0, to: s.queries, by: queriesPerBlock) {
      let count = min(queriesPerBlock, s.queries - first)
      let (block, dBlock) = (q + first * query.rowStride, dO + first * outputGradient.rowStride)
      computeScores(s, q, query.rowStride, keyColumns, first, count, scores.pointer)
      multiply(
        rows: count, dBlock, outputGradient.rowStride, valueColumns, into: changes.pointer,
        s.keyStride, steps: { _ in s.valueWidth }, start: .zero,
        columnLimit: { s.limit(first + $0) })
      for i in 0..<count {
        let row = first + i
        scoreGradientRow(
          s, scores.pointer + i * s.keyStride, changes.pointer + i * s.keyStride,
          limit: s.limit(row), bytes: s.bytes(b, h).map { $0 + row * s.keys },
          logSum: logSums[unit * s.queries + row],
          mean: dot(s.valueWidth, o + row * output.rowStride, dO + row * outputGradient.rowStride))
      }
      multiply(
        rows: count, changes.pointer, s.keyStride, keyRows,
        into: queryGradient.head(b, h) + first * queryGradient.rowStride, queryGradient.rowStride,
        steps: { s.limit(first + $0) }, start: .zero)
      let queryRows = Panels(block, query.rowStride, rows: count, columns: s.width, .plain)
      let outputRows = Panels(
        dBlock, outputGradient.rowStride, rows: count, columns: s.valueWidth, .plain)
      let start: Start = first == 0 ? .zero : .accumulate
      multiplyTransposed(
        s, first, count, scores.pointer, outputRows,
        into: valueGradient.head(b, h), valueGradient.rowStride, start)
      multiplyTransposed(
        s, first, count, changes.pointer, queryRows,
        into: keyGradient.head(b, h), keyGradient.rowStride, start)
      queryRows.free()
      outputRows.free()
    }
  }
}

// MARK: - Parts

/// Scores of `count` queries from `first` on, unscaled, for the keys their tile may see.
private func computeScores(
  _ s: AttentionShape, _ queries: UnsafePointer<Float>, _ rowStride: Int, _ keys: Panels,
  _ first: Int, _ count: Int, _ scores: UnsafeMutablePointer<Float>
) {
  multiply(
    rows: count, queries + first * rowStride, rowStride, keys, into: scores, s.keyStride,
    steps: { _ in s.width }, start: .zero, columnLimit: { s.limit(first + $0) })
}

/// Scales a row of scores and takes away the keys that a byte mask forbids.
private func maskRow(
  _ s: AttentionShape, _ row: UnsafeMutablePointer<Float>, _ limit: Int,
  _ bytes: UnsafePointer<UInt8>?
) {
  let scale = s.scale
  var i = 0
  while i + 8 <= limit {
    row.store8(i, row.load8(i) * scale)
    i += 8
  }
  while i < limit {
    row[i] *= scale
    i += 1
  }
  if let bytes {
    for i in 0..<limit where bytes[i] == 0 { row[i] = -.infinity }
  }
}

/// scores → P, changes (dP) → dS for one query; both are zero from `limit` on.
private func scoreGradientRow(
  _ s: AttentionShape, _ scores: UnsafeMutablePointer<Float>,
  _ changes: UnsafeMutablePointer<Float>, limit: Int, bytes: UnsafePointer<UInt8>?,
  logSum: Float, mean: Float
) {
  maskRow(s, scores, limit, bytes)
  // A row without any key has no probabilities.
  let seen = logSum == -.infinity ? 0 : limit
  var i = 0
  while i < seen {
    let p = exp8(scores.load8(i) - logSum)
    scores.store8(i, p)
    changes.store8(i, p * (changes.load8(i) - mean) * s.scale)
    i += 8
  }
  (scores + seen).update(repeating: 0, count: s.keyStride - seen)
  (changes + seen).update(repeating: 0, count: s.keyStride - seen)
}

/// Memory of one task.
private struct Scratch {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  init(_ count: Int) {
    self.count = count
    pointer = Memory.allocate(count)
  }

  func free() { Memory.free(pointer, count) }
}

/// A matrix in panels of 16 columns.
private struct Panels {
  enum Orientation { case plain, transposed }
  let pointer: UnsafeMutablePointer<Float>
  /// The summed index, and the columns of the product.
  let k: Int
  let n: Int

  /// From a matrix [rows, columns] whose rows are `stride` apart.
  init(
    _ x: UnsafePointer<Float>, _ stride: Int, rows: Int, columns: Int, _ orientation: Orientation
  ) {
    let plain = MatrixView(x, rowStride: stride)
    switch orientation {
    case .plain: (k, n) = (rows, columns)
    case .transposed: (k, n) = (columns, rows)
    }
    pointer = Memory.allocate(panelCount(k: k, n: n))
    packPanelsSerial(orientation == .plain ? plain : plain.transposed, k: k, n: n, into: pointer)
  }

  func free() { Memory.free(pointer, panelCount(k: k, n: n)) }
}

/// C = A · panels for some rows. A row sums over its first `steps(row)` values only. With a
/// `columnLimit`, C has room for whole panels, and those from `columnLimit(row)` on are left
/// out.
@inline(__always)
private func multiply(
  rows: Int, _ a: UnsafePointer<Float>, _ aStride: Int, _ panels: Panels,
  into c: UnsafeMutablePointer<Float>, _ cStride: Int, steps: (Int) -> Int, start: Start,
  columnLimit: ((Int) -> Int)? = nil
) {
  for row in stride(from: 0, to: rows, by: Tile.rows) {
    let count = min(Tile.rows, rows - row)
    let last = row + count - 1
    let view = Rows(a + row * aStride, stride: aStride, count: count)
    let columns = columnLimit.map { min(panels.n, $0(last)) } ?? panels.n
    for panel in 0..<(columns + 15) / 16 {
      let width = columnLimit == nil ? min(16, panels.n - panel * 16) : 16
      withTile(
        c + row * cStride + panel * 16, stride: cStride, rows: count, columns: width, start: start
      ) { $0.add(steps(last), rows: view, panels.pointer + panel * 16 * panels.k) }
    }
  }
}

/// C[key, :] (+)= Σ over the block's queries of S[query, key] · B[query, :]
private func multiplyTransposed(
  _ s: AttentionShape, _ first: Int, _ count: Int, _ scores: UnsafePointer<Float>,
  _ panels: Panels, into c: UnsafeMutablePointer<Float>, _ cStride: Int, _ start: Start
) {
  for key in stride(from: 0, to: s.keys, by: Tile.rows) {
    let skipped = min(count, max(0, s.firstQuery(key) - first))
    for panel in 0..<(panels.n + 15) / 16 {
      withTile(
        c + key * cStride + panel * 16, stride: cStride, rows: min(Tile.rows, s.keys - key),
        columns: min(16, panels.n - panel * 16), start: start
      ) {
        $0.add(
          count - skipped, columns: scores + skipped * s.keyStride + key, aStride: s.keyStride,
          panels.pointer + (panel * panels.k + skipped) * 16, bStride: 16)
      }
    }
  }
}
