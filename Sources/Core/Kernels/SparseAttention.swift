// Attention in which a query sees a few keys only, and only these are visited, forward and
// backward.
//
// The keys are kept in an order in which those of a query form a few runs of neighbours: a
// window of a picture's rows is a run in raster order, a column of it is one in column order.
// Scores of a run are then computed for eight keys at once, with keys stored [width, slots], and
// sums over its values for eight of their components at once.

import Vectors

/// Keys `first ..< first + count` of an order.
public struct KeyRun: Equatable, Sendable {
  /// The first slot.
  public var first: Int
  /// How many slots.
  public var count: Int

  /// Some neighbouring slots.
  public init(_ first: Int, _ count: Int) {
    self.first = first
    self.count = count
  }
}

/// Which keys each query of a sequence may see.
public final class SparseKeys: @unchecked Sendable {
  /// The position whose key stands in each slot.
  public let order: [Int]
  /// The slot of each position's key.
  public let slots: [Int]
  /// How many queries there are.
  public let queries: Int
  /// The most keys that a query sees.
  public let most: Int
  /// The runs of all queries, and where those of each query begin.
  private let runs: UnsafeMutableBufferPointer<KeyRun>
  private let starts: [Int]

  /// Keys in an order, and the runs of each query.
  public init(order: [Int], runs: [[KeyRun]]) {
    var slots = [Int](repeating: -1, count: order.count)
    for (slot, position) in order.enumerated() { slots[position] = slot }
    precondition(!slots.contains(-1), "every position has one slot, got the order \(order)")
    let all = runs.flatMap { $0 }
    for run in all {
      precondition(
        run.first >= 0 && run.count >= 0 && run.first + run.count <= order.count,
        "a run of \(run.count) keys from slot \(run.first) leaves the \(order.count) slots")
    }
    self.order = order
    self.slots = slots
    queries = runs.count
    most = runs.map(keyCount).max() ?? 0
    self.runs = .allocate(capacity: all.count)
    _ = self.runs.initialize(from: all)
    starts = runs.reduce(into: [0]) { $0.append($0.last! + $1.count) }
  }

  deinit { runs.deallocate() }

  /// The slots that a query may see.
  public func runs(of query: Int) -> Runs {
    runs[starts[query]..<starts[query + 1]]
  }
}

/// How many keys some runs hold.
private func keyCount(_ runs: some Collection<KeyRun>) -> Int { runs.reduce(0) { $0 + $1.count } }

/// The runs of one query.
public typealias Runs = Slice<UnsafeMutableBufferPointer<KeyRun>>

/// Runs read up to this many values behind their last one.
private let overhang = 24

private func roundedUp(_ width: Int) -> Int { (width + 7) / 8 * 8 }

/// Keys and values of one head, in slots: [width, slots] for scores, [slots, width] for sums.
public struct SlotStore {
  /// How far apart the components of a key are.
  public let stride: Int
  /// Components of a key or value, without padding.
  public let width: Int
  /// How far apart values are.
  public var rowStride: Int { roundedUp(width) }

  /// A store for keys and values of some width.
  public init(slots: Int, width: Int) {
    stride = slots + overhang
    self.width = width
  }

  /// Floats in the part for scores.
  public var columnCount: Int { stride * width }
  /// Floats in the part for sums.
  public var rowCount: Int { (stride - overhang) * rowStride }

  /// Puts a vector into a slot of [width, slots].
  @inline(__always)
  public func put(column x: UnsafePointer<Float>, _ slot: Int, _ to: UnsafeMutablePointer<Float>) {
    for d in 0..<width { to[d * stride + slot] = x[d] }
  }

  /// Puts a vector into a slot of [slots, width].
  @inline(__always)
  public func put(row x: UnsafePointer<Float>, _ slot: Int, _ to: UnsafeMutablePointer<Float>) {
    (to + slot * rowStride).update(from: x, count: width)
  }

  /// scores[n] = x · key for the keys of all runs; writes up to `overhang` values more.
  @inline(__always)
  func score(
    _ runs: Runs, _ x: UnsafePointer<Float>, columns: UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    var target = scores
    for run in runs {
      var i = 0
      while i < run.count {
        let from = columns + run.first + i
        switch run.count - i {
        case ...8:
          var a = F8()
          for d in 0..<width { a = a.adding(from.load8(d * stride), times: F8(repeating: x[d])) }
          target.store8(i, a)
          i += 8
        case ...16:
          var (a, b) = (F8(), F8())
          for d in 0..<width {
            let factor = F8(repeating: x[d])
            a = a.adding(from.load8(d * stride), times: factor)
            b = b.adding(from.load8(d * stride + 8), times: factor)
          }
          target.store8(i, a)
          target.store8(i + 8, b)
          i += 16
        default:
          var (a, b, c) = (F8(), F8(), F8())
          for d in 0..<width {
            let factor = F8(repeating: x[d])
            a = a.adding(from.load8(d * stride), times: factor)
            b = b.adding(from.load8(d * stride + 8), times: factor)
            c = c.adding(from.load8(d * stride + 16), times: factor)
          }
          target.store8(i, a)
          target.store8(i + 8, b)
          target.store8(i + 16, c)
          i += 24
        }
      }
      target += run.count
    }
  }

  /// The same for keys in [slots, width], which suits a single query: all components of a run lie
  /// together, so that memory is read in one go.
  @inline(__always)
  func score(
    _ runs: Runs, _ x: UnsafePointer<Float>, rows: UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    var score = scores
    for run in runs {
      var row = rows + run.first * rowStride
      for _ in 0..<run.count {
        var sum = F8()
        var d = 0
        while d < rowStride {
          sum = sum.adding(row.load8(d), times: x.load8(d))
          d += 8
        }
        score[0] = horizontalSum(sum)
        score += 1
        row += rowStride
      }
    }
  }

  /// y = Σ weight · row over all runs; y has `rowStride` values.
  @inline(__always)
  func mix(
    _ runs: Runs, _ weights: UnsafePointer<Float>, rows: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    var d = 0
    while d + 32 <= rowStride {
      var (a, b, c, e) = (F8(), F8(), F8(), F8())
      var weight = weights
      for run in runs {
        var row = rows + run.first * rowStride + d
        for _ in 0..<run.count {
          let factor = F8(repeating: weight[0])
          a = a.adding(row.load8(0), times: factor)
          b = b.adding(row.load8(8), times: factor)
          c = c.adding(row.load8(16), times: factor)
          e = e.adding(row.load8(24), times: factor)
          weight += 1
          row += rowStride
        }
      }
      y.store8(d, a)
      y.store8(d + 8, b)
      y.store8(d + 16, c)
      y.store8(d + 24, e)
      d += 32
    }
    while d < rowStride {
      var a = F8()
      var weight = weights
      for run in runs {
        var row = rows + run.first * rowStride + d
        for _ in 0..<run.count {
          a = a.adding(row.load8(0), times: F8(repeating: weight[0]))
          weight += 1
          row += rowStride
        }
      }
      y.store8(d, a)
      d += 8
    }
  }

  /// row += weight · x over all runs.
  @inline(__always)
  func spread(
    _ runs: Runs, _ weights: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    into rows: UnsafeMutablePointer<Float>
  ) {
    var weight = weights
    for run in runs {
      var row = rows + run.first * rowStride
      for _ in 0..<run.count {
        let factor = F8(repeating: weight[0])
        var d = 0
        while d < rowStride {
          row.store8(d, row.load8(d).adding(x.load8(d), times: factor))
          d += 8
        }
        weight += 1
        row += rowStride
      }
    }
  }

  /// What one query gathers: softmax(x · keys) over its runs, in `scores`, and with it the mean
  /// of the values. Returns the log-sum-exp of the scores. `x` is already scaled.
  @inline(__always)
  @discardableResult
  public func attend(
    _ runs: Runs, _ x: UnsafePointer<Float>, keys: UnsafePointer<Float>,
    values: UnsafePointer<Float>, scores: UnsafeMutablePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) -> Float {
    score(runs, x, columns: keys, into: scores)
    let (top, total) = softmaxRow(keyCount(runs), scores, scores)
    mix(runs, scores, rows: values, into: y)
    return total == 0 ? -.infinity : top + logarithm(total)
  }
}

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
  let store = SlotStore(slots: sparse.order.count, width: width)
  parallelFor(batch * heads) { unit in
    let (b, h) = (unit / heads, unit % heads)
    let memory = Scratch(
      store.columnCount + store.rowCount + sparse.most + overhang + 2 * store.rowStride)
    defer { memory.free() }
    var next = memory.pointer
    let columns = take(store.columnCount, &next)
    let rows = take(store.rowCount, &next)
    let scores = take(sparse.most + overhang, &next)
    let (x, y) = (take(store.rowStride, &next), take(store.rowStride, &next))
    for (slot, position) in sparse.order.enumerated() {
      store.put(column: key.head(b, h) + position * key.rowStride, slot, columns)
      store.put(row: value.head(b, h) + position * value.rowStride, slot, rows)
    }
    for token in 0..<tokens {
      let source = query.head(b, h) + token * query.rowStride
      for d in 0..<width { x[d] = source[d] * scale }
      logSums[unit * tokens + token] = store.attend(
        sparse.runs(of: token), x, keys: columns, values: rows, scores: scores, into: y)
      (output.head(b, h) + token * output.rowStride).update(from: y, count: width)
      if let probabilities {
        let target = probabilities + (unit * tokens + token) * sparse.order.count
        var n = 0
        for run in sparse.runs(of: token) {
          for slot in run.first..<run.first + run.count {
            target[sparse.order[slot]] = scores[n]
            n += 1
          }
        }
      }
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
  let slots = sparse.order.count
  let store = SlotStore(slots: slots, width: width)
  parallelFor(batch * heads) { unit in
    let (b, h) = (unit / heads, unit % heads)
    let room = sparse.most + overhang
    let memory = Scratch(
      2 * store.columnCount + 3 * store.rowCount + 2 * room + 4 * store.rowStride)
    defer { memory.free() }
    var next = memory.pointer
    let (keyColumns, valueColumns) = (
      take(store.columnCount, &next), take(store.columnCount, &next)
    )
    let keyRows = take(store.rowCount, &next)
    let (dKeys, dValues) = (take(store.rowCount, &next), take(store.rowCount, &next))
    let (weights, changes) = (take(room, &next), take(room, &next))
    let (x, dy) = (take(store.rowStride, &next), take(store.rowStride, &next))
    let dx = take(store.rowStride, &next)
    for (slot, position) in sparse.order.enumerated() {
      store.put(column: key.head(b, h) + position * key.rowStride, slot, keyColumns)
      store.put(column: value.head(b, h) + position * value.rowStride, slot, valueColumns)
      store.put(row: key.head(b, h) + position * key.rowStride, slot, keyRows)
    }
    for token in 0..<tokens {
      let runs = sparse.runs(of: token)
      let source = query.head(b, h) + token * query.rowStride
      for d in 0..<width { x[d] = source[d] * scale }
      dy.update(
        from: outputGradient.head(b, h) + token * outputGradient.rowStride, count: width)
      let mean = dot(width, output.head(b, h) + token * output.rowStride, dy)
      store.score(runs, x, columns: keyColumns, into: weights)
      store.score(runs, dy, columns: valueColumns, into: changes)
      let logSum = logSums[unit * tokens + token]
      let count = keyCount(runs)
      var i = 0
      while i < count {
        let p = exp8(weights.load8(i) - logSum)
        weights.store8(i, p)
        changes.store8(i, p * (changes.load8(i) - mean))
        i += 8
      }
      // The query was scaled, so its own gradient is the only one that still needs the scale.
      store.mix(runs, changes, rows: keyRows, into: dx)
      let target = queryGradient.head(b, h) + token * queryGradient.rowStride
      for d in 0..<width { target[d] = dx[d] * scale }
      store.spread(runs, changes, x, into: dKeys)
      store.spread(runs, weights, dy, into: dValues)
    }
    for (slot, position) in sparse.order.enumerated() {
      (keyGradient.head(b, h) + position * keyGradient.rowStride).update(
        from: dKeys + slot * store.rowStride, count: width)
      (valueGradient.head(b, h) + position * valueGradient.rowStride).update(
        from: dValues + slot * store.rowStride, count: width)
    }
  }
}

/// The same for tokens that arrive after others whose keys and values are kept in slots:
/// `keys` and `values` [B, h, rowCount] take in those of the new `tokens`.
public func cachedAttention(
  _ sparse: SparseKeys, _ store: SlotStore, batch: Int, heads: Int, tokens: Range<Int>,
  scale: Float, query: HeadView, key: HeadView, value: HeadView,
  keys: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>, output: HeadView
) {
  let width = store.width
  parallelFor(batch * heads, grain: max(1, 2048 / (tokens.count * (sparse.most + 1)))) { units in
    let room = sparse.most + overhang
    let memory = Scratch(room + 2 * store.rowStride)
    defer { memory.free() }
    var next = memory.pointer
    let scores = take(room, &next)
    let (x, y) = (take(store.rowStride, &next), take(store.rowStride, &next))
    for unit in units {
      let (b, h) = (unit / heads, unit % heads)
      let (keys, values) = (keys + unit * store.rowCount, values + unit * store.rowCount)
      for (i, token) in tokens.enumerated() {
        store.put(row: key.head(b, h) + i * key.rowStride, sparse.slots[token], keys)
        store.put(row: value.head(b, h) + i * value.rowStride, sparse.slots[token], values)
      }
      for (i, token) in tokens.enumerated() {
        let source = query.head(b, h) + i * query.rowStride
        for d in 0..<width { x[d] = source[d] * scale }
        let runs = sparse.runs(of: token)
        store.score(runs, x, rows: keys, into: scores)
        _ = softmaxRow(keyCount(runs), scores, scores)
        store.mix(runs, scores, rows: values, into: y)
        (output.head(b, h) + i * output.rowStride).update(from: y, count: width)
      }
    }
  }
}

/// Zeroed memory of one task.
private struct Scratch {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  init(_ count: Int) {
    self.count = count
    pointer = Memory.allocate(count)
    pointer.update(repeating: 0, count: count)
  }

  func free() { Memory.free(pointer, count) }
}

/// The next `count` floats of some memory.
private func take(
  _ count: Int, _ next: inout UnsafeMutablePointer<Float>
) -> UnsafeMutablePointer<Float> {
  defer { next += count }
  return next
}
