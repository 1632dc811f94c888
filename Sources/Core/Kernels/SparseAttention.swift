// Attention in which a query sees a few keys only, and only these are visited, forward and
// backward: PlainKernels/Attention.swift with a pattern, one head of one sequence per task.
//
// It is fast because the keys of a query are runs of neighbours (SparseKeys.swift): scores are
// computed for eight keys at once, sums for eight components of the values
// (Vectors/SlotLayout.swift). The gradient computes the probabilities again from the log-sum-exp of
// each row.

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
    let room = sparse.most + SlotLayout.overhang
    var memory = Scratch(
      layout.columnCount + layout.rowCount + room + 2 * layout.rowStride, .zeros)
    defer { memory.free() }
    let columns = memory.take(layout.columnCount)
    let rows = memory.take(layout.rowCount)
    let scores = memory.take(room)
    let (x, y) = (memory.take(layout.rowStride), memory.take(layout.rowStride))
    for (slot, position) in sparse.order.enumerated() {
      layout.put(column: key.head(b, h) + position * key.rowStride, slot, columns)
      layout.put(row: value.head(b, h) + position * value.rowStride, slot, rows)
    }
    for token in 0..<tokens {
      let source = query.head(b, h) + token * query.rowStride
      for d in 0..<width { x[d] = source[d] * scale }
      // The query was scaled, so these are the scores themselves.
      let runs = sparse.runs(of: token)
      layout.score(runs, x, columns: columns, into: scores)
      let (top, total) = softmaxRow(keyCount(runs), scores, scores)
      layout.mix(runs, scores, rows: rows, into: y)
      logSums[unit * tokens + token] = total == 0 ? -.infinity : top + logarithm(total)
      (output.head(b, h) + token * output.rowStride).update(from: y, count: width)
      if let probabilities {
        spread(
          scores, runs, sparse.order,
          into: probabilities + (unit * tokens + token) * sparse.order.count)
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
    head.takeIn(key: key, value: value, b, h)
    for token in 0..<tokens {
      let source = query.head(b, h) + token * query.rowStride
      for d in 0..<width { head.x[d] = source[d] * scale }
      let dO = outputGradient.head(b, h) + token * outputGradient.rowStride
      head.dy.update(from: dO, count: width)
      let mean = dot(width, output.head(b, h) + token * output.rowStride, head.dy)
      head.add(sparse.runs(of: token), logSum: logSums[unit * tokens + token], mean: mean)
      // The query was scaled, so its own gradient is the only one that still needs the scale.
      let target = queryGradient.head(b, h) + token * queryGradient.rowStride
      for d in 0..<width { target[d] = head.dx[d] * scale }
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
  let keyRows, dKeys, dValues: UnsafeMutablePointer<Float>
  /// P and dS of one query, per key that it sees.
  let weights, changes: UnsafeMutablePointer<Float>
  /// The scaled query, the gradient of its output, and its own gradient, [width].
  let x, dy, dx: UnsafeMutablePointer<Float>

  init(_ sparse: SparseKeys, _ layout: SlotLayout) {
    (self.sparse, self.layout) = (sparse, layout)
    let room = sparse.most + SlotLayout.overhang
    memory = Scratch(
      2 * layout.columnCount + 3 * layout.rowCount + 2 * room + 4 * layout.rowStride, .zeros)
    keyColumns = memory.take(layout.columnCount)
    valueColumns = memory.take(layout.columnCount)
    keyRows = memory.take(layout.rowCount)
    dKeys = memory.take(layout.rowCount)
    dValues = memory.take(layout.rowCount)
    weights = memory.take(room)
    changes = memory.take(room)
    x = memory.take(layout.rowStride)
    dy = memory.take(layout.rowStride)
    dx = memory.take(layout.rowStride)
  }

  func takeIn(key: HeadView, value: HeadView, _ b: Int, _ h: Int) {
    for (slot, position) in sparse.order.enumerated() {
      layout.put(column: key.head(b, h) + position * key.rowStride, slot, keyColumns)
      layout.put(column: value.head(b, h) + position * value.rowStride, slot, valueColumns)
      layout.put(row: key.head(b, h) + position * key.rowStride, slot, keyRows)
    }
  }

  /// Computes `dx` of the query in `x` and adds to the gradients of the keys and values it sees.
  /// `mean` is Σ dO · O.
  @inline(__always)
  func add(_ runs: Runs, logSum: Float, mean: Float) {
    layout.score(runs, x, columns: keyColumns, into: weights)
    layout.score(runs, dy, columns: valueColumns, into: changes)
    let count = keyCount(runs)
    var i = 0
    while i < count {
      let p = exp16(weights.load16(i) - logSum)
      weights.store16(i, p)
      changes.store16(i, p * (changes.load16(i) - mean))
      i += 16
    }
    layout.mix(runs, changes, rows: keyRows, into: dx)
    layout.spread(runs, changes, x, into: dKeys)
    layout.spread(runs, weights, dy, into: dValues)
  }
}
