// Attention in which a query sees a few keys only, and only these are visited, forward and
// backward: PlainKernels/Attention.swift with a pattern, one head of one sequence per task.
//
// It is fast because the keys of a query are runs of neighbours (SparseKeys.swift) and neighbouring
// queries see much the same keys: scores and sums are computed for a tile of queries with the keys
// that any of them sees (Vectors/SlotLayout.swift), and each query's softmax takes its own out of
// them. The gradient computes the probabilities again from the log-sum-exp of each row.

import Vectors

/// softmax(Q Kᵀ · scale) V over the keys that each query sees, and per row the log-sum-exp of
/// its scores [B, h, T].
///
/// With `probabilities` [B, h, T, T], zeros at first, the softmax itself is written there too.
public func sparseAttention(
  _ sparse: SparseKeys, batch: Int, heads: Int, width: Int, scale: Float, query: HeadView,
  key: HeadView, value: HeadView, output: HeadView, logSums: UnsafeMutablePointer<Float>,
  probabilities: UnsafeMutablePointer<Float>? = nil
) {
  let tokens = sparse.queries
  let layout = SlotLayout(slots: sparse.order.count, width: width)
  parallelFor(batch * heads) { unit in
    let (b, h) = (unit / heads, unit % heads)
    var memory = Scratch(
      layout.columnCount + 2 * layout.keptCount + BlockMemory.count(sparse, layout)
        + sparse.most + SlotLayout.overhang, .zeros)
    defer { memory.free() }
    let columns = memory.take(layout.columnCount)
    let (keys, rows) = (memory.take(layout.keptCount), memory.take(layout.keptCount))
    let tile = BlockMemory(&memory, sparse, layout)
    let own = memory.take(sparse.most + SlotLayout.overhang)
    takeIn(sparse, layout, key, b, h, rows: keys, columns: columns)
    takeIn(sparse, layout, value, b, h, rows: rows, columns: nil)
    for block in sparse.blocks {
      tile.takeIn(block, query, b, h, width, scale: scale)
      tile.score(block, layout, columns: columns, into: tile.scores)
      for (i, token) in block.tokens.enumerated() {
        // The query was scaled, so these are the scores themselves.
        let count = tile.take(block.runs[i], i, from: tile.scores, to: own)
        let (top, total) = softmaxRow(count, own, own)
        tile.put(block.runs[i], i, own, into: tile.scores)
        logSums[unit * tokens + token] = total == 0 ? -.infinity : top + logarithm(total)
        if let probabilities {
          spread(
            own, sparse.runs(of: token), sparse.order,
            into: probabilities + (unit * tokens + token) * sparse.order.count)
        }
      }
      tile.mix(block, layout, tile.scores, rows: rows)
      for (i, token) in block.tokens.enumerated() {
        (output.head(b, h) + token * output.rowStride).update(
          from: tile.sums + i * layout.sumStride, count: width)
      }
    }
  }
}

/// Puts the probabilities of one query's keys where these stand in the sequence.
private func spread(
  _ probabilities: UnsafePointer<Float>, _ runs: Runs, _ order: [Int],
  into row: UnsafeMutablePointer<Float>
) {
  var n = 0
  for run in runs {
    for slot in run.first..<run.first + run.count {
      row[order[slot]] = probabilities[n]
      n += 1
    }
  }
}

/// The gradients of `sparseAttention`, as those of `attention`; they are overwritten.
public func sparseAttentionGradient(
  _ sparse: SparseKeys, batch: Int, heads: Int, width: Int, scale: Float, query: HeadView,
  key: HeadView, value: HeadView, output: HeadView, logSums: UnsafePointer<Float>,
  outputGradient: HeadView, queryGradient: HeadView, keyGradient: HeadView,
  valueGradient: HeadView
) {
  let tokens = sparse.queries
  let layout = SlotLayout(slots: sparse.order.count, width: width)
  parallelFor(batch * heads) { unit in
    let (b, h) = (unit / heads, unit % heads)
    let head = SparseHeadGradient(sparse, layout)
    defer { head.memory.free() }
    takeIn(sparse, layout, key, b, h, rows: head.keyRows, columns: head.keyColumns)
    takeIn(sparse, layout, value, b, h, rows: head.valueRows, columns: head.valueColumns)
    for block in sparse.blocks {
      head.queries.takeIn(block, query, b, h, width, scale: scale)
      head.gradients.takeIn(block, outputGradient, b, h, width, scale: 1)
      head.computeScoreGradients(block) { i, token in
        let row = output.head(b, h) + token * output.rowStride
        return (
          logSums[unit * tokens + token],
          dot(width, row, outputGradient.head(b, h) + token * outputGradient.rowStride)
        )
      }
      head.queries.mix(block, layout, head.gradients.scores, rows: head.keyRows)
      for (i, token) in block.tokens.enumerated() {
        // The query was scaled, so its own gradient is the only one that still needs the scale.
        let target = queryGradient.head(b, h) + token * queryGradient.rowStride
        for d in 0..<width { target[d] = head.queries.sums[i * layout.sumStride + d] * scale }
      }
    }
    for token in 0..<tokens {
      head.spread(
        token, query.head(b, h) + token * query.rowStride, scale: scale,
        outputGradient.head(b, h) + token * outputGradient.rowStride)
    }
    for (slot, position) in sparse.order.enumerated() {
      (keyGradient.head(b, h) + position * keyGradient.rowStride).update(
        from: head.dKeys + slot * layout.rowStride, count: width)
      (valueGradient.head(b, h) + position * valueGradient.rowStride).update(
        from: head.dValues + slot * layout.rowStride, count: width)
    }
  }
}

/// The backward pass of one head: its keys and values in slots, and their gradients.
private struct SparseHeadGradient {
  let sparse: SparseKeys
  let layout: SlotLayout
  var memory: Scratch
  /// [width, slots]
  let keyColumns, valueColumns: UnsafeMutablePointer<Float>
  /// [slots, width]
  let keyRows, valueRows, dKeys, dValues: UnsafeMutablePointer<Float>
  /// The scaled queries of a block and their scores, and the gradients of their results and scores.
  let queries, gradients: BlockMemory
  /// P and dS of every query, one per key that it sees, from `sparse.firstPair(of:)` on.
  let weights, changes: UnsafeMutablePointer<Float>
  /// A query and the gradient of its result, [width].
  let x, dy: UnsafeMutablePointer<Float>

  init(_ sparse: SparseKeys, _ layout: SlotLayout) {
    (self.sparse, self.layout) = (sparse, layout)
    let room = sparse.firstPair(of: sparse.queries) + SlotLayout.overhang
    memory = Scratch(
      2 * layout.columnCount + 4 * layout.keptCount + 2 * BlockMemory.count(sparse, layout)
        + 2 * room + 2 * layout.rowStride, .zeros)
    keyColumns = memory.take(layout.columnCount)
    valueColumns = memory.take(layout.columnCount)
    keyRows = memory.take(layout.keptCount)
    valueRows = memory.take(layout.keptCount)
    dKeys = memory.take(layout.keptCount)
    dValues = memory.take(layout.keptCount)
    queries = BlockMemory(&memory, sparse, layout)
    gradients = BlockMemory(&memory, sparse, layout)
    weights = memory.take(room)
    changes = memory.take(room)
    x = memory.take(layout.rowStride)
    dy = memory.take(layout.rowStride)
  }

  /// P and dS of a block's queries: kept for `spread`, and dS in the columns of its keys.
  /// `row` gives a query's log-sum-exp and Σ dO · O.
  @inline(__always)
  func computeScoreGradients(
    _ block: SparseBlock, row: (_ i: Int, _ token: Int) -> (logSum: Float, mean: Float)
  ) {
    queries.score(block, layout, columns: keyColumns, into: queries.scores)
    gradients.score(block, layout, columns: valueColumns, into: gradients.scores)
    for (i, token) in block.tokens.enumerated() {
      let (logSum, mean) = row(i, token)
      let first = sparse.firstPair(of: token)
      let (p, dS) = (weights + first, changes + first)
      let count = queries.take(block.runs[i], i, from: queries.scores, to: p)
      _ = gradients.take(block.runs[i], i, from: gradients.scores, to: dS)
      @inline(__always)
      func compute(_ i: Int, _ count: Int) {
        let e = exp16(p.load16(i, first: count) - logSum)
        p.store16(i, first: count, e)
        dS.store16(i, first: count, e * (dS.load16(i, first: count) - mean))
      }
      forEachVector(count, compute)
      gradients.put(block.runs[i], i, dS, into: gradients.scores)
    }
  }

  /// Adds to the gradients of the keys and values that a query sees. This goes query by query, not
  /// by blocks, so that a key's gradient is added up in the order of the sequence.
  @inline(__always)
  func spread(
    _ token: Int, _ query: UnsafePointer<Float>, scale: Float, _ gradient: UnsafePointer<Float>
  ) {
    for d in 0..<layout.width { x[d] = query[d] * scale }
    dy.update(from: gradient, count: layout.width)
    let (runs, first) = (sparse.runs(of: token), sparse.firstPair(of: token))
    layout.spread(runs, changes + first, x, into: dKeys)
    layout.spread(runs, weights + first, dy, into: dValues)
  }
}

// MARK: - Parts of a head

extension SlotLayout {
  /// Floats in a part for sums whose last slots can be read by eights.
  fileprivate var keptCount: Int { rowCount + 7 * rowStride }
}

/// Puts the vectors of a head into slots: [slots, width], and [width, slots] where there are columns.
private func takeIn(
  _ sparse: SparseKeys, _ layout: SlotLayout, _ view: HeadView, _ b: Int, _ h: Int,
  rows: UnsafeMutablePointer<Float>, columns: UnsafeMutablePointer<Float>?
) {
  let head = view.head(b, h)
  for (slot, position) in sparse.order.enumerated() {
    layout.put(row: head + position * view.rowStride, slot, rows)
  }
  guard let columns else { return }
  for slot in stride(from: 0, to: sparse.order.count, by: 8) {
    let source = rows + slot * layout.rowStride
    for d in stride(from: 0, to: layout.width, by: 8) {
      if d + 8 <= layout.width {
        transpose8(
          source + d, layout.rowStride, into: columns + d * layout.stride + slot, layout.stride)
      } else {
        for d in d..<layout.width {
          for i in 0..<8 { columns[d * layout.stride + slot + i] = source[i * layout.rowStride + d] }
        }
      }
    }
  }
}

/// Memory for the queries of a block: a tile's rows.
private struct BlockMemory {
  /// The queries, or what stands in their place, `width` apart.
  let rows: UnsafeMutablePointer<Float>
  /// Their scores, `stride` apart, in the columns of the block's keys.
  let scores: UnsafeMutablePointer<Float>
  let stride: Int
  /// What a tile of sums becomes, `sumStride` of the layout apart.
  let sums: UnsafeMutablePointer<Float>
  let width: Int

  static func stride(_ sparse: SparseKeys) -> Int {
    16 * sparse.mostVectors + Tile.columns
  }

  static func count(_ sparse: SparseKeys, _ layout: SlotLayout) -> Int {
    Tile.rows * (layout.rowStride + stride(sparse) + layout.sumStride)
  }

  init(_ memory: inout Scratch, _ sparse: SparseKeys, _ layout: SlotLayout) {
    (width, stride) = (layout.rowStride, Self.stride(sparse))
    rows = memory.take(Tile.rows * width)
    scores = memory.take(Tile.rows * stride)
    sums = memory.take(Tile.rows * layout.sumStride)
  }

  func takeIn(
    _ block: SparseBlock, _ view: HeadView, _ b: Int, _ h: Int, _ count: Int, scale: Float
  ) {
    for (i, token) in block.tokens.enumerated() {
      let source = view.head(b, h) + token * view.rowStride
      for d in 0..<count { rows[i * width + d] = source[d] * scale }
    }
  }

  func score(
    _ block: SparseBlock, _ layout: SlotLayout, columns: UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    layout.score(
      block.vectors, Rows(rows, stride: width, count: Tile.rows), columns: columns, into: scores,
      scoreStride: stride)
  }

  func mix(
    _ block: SparseBlock, _ layout: SlotLayout, _ weights: UnsafePointer<Float>,
    rows: UnsafePointer<Float>
  ) {
    layout.mix(
      block.seen, Rows(weights, stride: stride, count: Tile.rows), rows: rows, into: sums)
  }

  /// Takes the keys that query i sees out of the columns of a block; returns how many there are.
  @inline(__always)
  func take(
    _ runs: UnsafeBufferPointer<ColumnRun>, _ i: Int, from scores: UnsafePointer<Float>,
    to own: UnsafeMutablePointer<Float>
  ) -> Int {
    var n = 0
    for run in runs {
      let (source, target) = (scores + i * stride + run.column, own + n)
      @inline(__always)
      func copy(_ k: Int, _ count: Int) {
        target.store16(k, first: count, source.load16(k, first: count))
      }
      forEachVector(run.count, copy)
      n += run.count
    }
    return n
  }

  /// Puts them back, with zeros for the keys that it does not see.
  @inline(__always)
  func put(
    _ runs: UnsafeBufferPointer<ColumnRun>, _ i: Int, _ own: UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    let row = scores + i * stride
    row.update(repeating: 0, count: stride)
    var n = 0
    for run in runs {
      (row + run.column).update(from: own + n, count: run.count)
      n += run.count
    }
  }
}
