// The innermost loops of sparse attention: products of queries with the keys that they see, and sums
// of their values.
//
// The keys of a sequence lie in slots, in an order in which those of a query form a few runs of
// neighbours. In training, queries are taken by the tile (Tile.swift), with the keys that any of
// them sees: stored as [width, slots], up to 32 keys meet a component of eight queries in one step;
// stored as [slots, width], 32 components of a value are added to eight sums at once. In drawing
// there is a single query.

/// Keys `first ..< first + count` of an order.
@frozen
public struct KeyRun: Equatable, Sendable {
  /// The first slot.
  public var first: Int
  /// How many slots.
  public var count: Int

  /// Some neighbouring slots.
  @inlinable
  public init(_ first: Int, _ count: Int) {
    self.first = first
    self.count = count
  }
}

/// Slots `slot ..< slot + count`, whose scores stand in the columns from `column` on.
@frozen
public struct ColumnRun: Equatable, Sendable {
  /// The first slot.
  public var slot: Int
  /// The first column.
  public var column: Int
  /// How many there are.
  public var count: Int

  /// Some neighbouring slots and columns.
  @inlinable
  public init(slot: Int, column: Int, count: Int) {
    self.slot = slot
    self.column = column
    self.count = count
  }
}

/// The runs of one query.
public typealias Runs = Slice<UnsafeMutableBufferPointer<KeyRun>>

/// How many keys some runs hold.
@inlinable @inline(__always)
public func keyCount(_ runs: some Collection<KeyRun>) -> Int { runs.reduce(0) { $0 + $1.count } }

/// How the keys and values of one head lie in slots: [width, slots] for scores, [slots, width] for
/// sums.
@frozen
public struct SlotLayout {
  /// How far apart the components of a key are.
  public let stride: Int
  /// Components of a key or value, without padding.
  public let width: Int
  /// How far apart values are.
  @inlinable public var rowStride: Int { (width + 15) / 16 * 16 }

  /// Slots are read in vectors, which reach up to this many beyond the last one.
  @inlinable public static var overhang: Int { 16 }

  /// How far apart sums are that a tile writes, which writes all its columns.
  @inlinable public var sumStride: Int { rowStride + 16 }

  /// The layout of keys and values of some width.
  @inlinable
  public init(slots: Int, width: Int) {
    stride = slots + SlotLayout.overhang
    self.width = width
  }

  /// Floats in the part for scores.
  @inlinable public var columnCount: Int { stride * width }
  /// Floats in the part for sums.
  @inlinable public var rowCount: Int { (stride - SlotLayout.overhang) * rowStride }

  /// Puts a vector into a slot of [slots, width].
  @inlinable @inline(__always)
  public func put(row x: UnsafePointer<Float>, _ slot: Int, _ to: UnsafeMutablePointer<Float>) {
    (to + slot * rowStride).update(from: x, count: width)
  }
}

// MARK: - Scores

extension SlotLayout {
  /// scores[i, j] = xᵢ · key for the rows of a tile and the keys of vectors of slots, stored as
  /// [width, slots]: sixteen columns of scores for each vector.
  @inlinable @inline(__always)
  public func score(
    _ vectors: UnsafeBufferPointer<Int>, _ x: Rows, columns: UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>, scoreStride: Int
  ) {
    var j = 0
    while j < vectors.count {
      let isPair = Tile.isWide && j + 1 < vectors.count
      let (low, high) = (columns + vectors[j], columns + vectors[isPair ? j + 1 : j])
      var tile = Tile()
      for d in 0..<width {
        var keys = TileRow()
        keys.low = low.load16(d * stride)
        if isPair { keys.high = high.load16(d * stride) }
        tile.add(keys, times: x, d, isWhole: isPair)
      }
      tile.end(scores + 16 * j, stride: scoreStride)
      j += isPair ? 2 : 1
    }
  }

  /// scores[n] = x · key for the keys of all runs, stored as [slots, width], which suits a single
  /// query: all components of a run lie together, so that memory is read in one go.
  @inlinable @inline(__always)
  public func score(
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
}

// MARK: - Sums

extension SlotLayout {
  /// yᵢ = Σ weight[i, j] · row for the rows of a tile; column j of the weights belongs to a slot.
  /// The rows of y are `sumStride` apart.
  @inlinable @inline(__always)
  public func mix(
    _ runs: UnsafeBufferPointer<ColumnRun>, _ weights: Rows, rows: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    var d = 0
    while d < rowStride {
      let isWhole = Tile.isWide && d + 32 <= rowStride
      var tile = Tile()
      for run in runs {
        var row = rows + run.slot * rowStride + d
        for j in run.column..<run.column + run.count {
          tile.add(TileRow(row, isWhole: isWhole), times: weights, j, isWhole: isWhole)
          row += rowStride
        }
      }
      tile.end(y + d, stride: sumStride)
      d += isWhole ? 32 : 16
    }
  }

  /// y = Σ weight · row over all runs; y has `rowStride` values.
  @inlinable @inline(__always)
  public func mix(
    _ runs: Runs, _ weights: UnsafePointer<Float>, rows: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    var d = 0
    while d < rowStride {
      let isPair = d + 32 <= rowStride
      var (a, b) = (F16(), F16())
      var weight = weights
      for run in runs {
        var row = rows + run.first * rowStride + d
        for _ in 0..<run.count {
          let factor = F16(repeating: weight[0])
          a = a.adding(row.load16(0), times: factor)
          if isPair { b = b.adding(row.load16(16), times: factor) }
          weight += 1
          row += rowStride
        }
      }
      y.store16(d, a)
      if isPair { y.store16(d + 16, b) }
      d += 32
    }
  }

  /// row += weight · x over all runs.
  @inlinable @inline(__always)
  public func spread(
    _ runs: Runs, _ weights: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    into rows: UnsafeMutablePointer<Float>
  ) {
    var weight = weights
    for run in runs {
      var row = rows + run.first * rowStride
      for _ in 0..<run.count {
        let factor = F16(repeating: weight[0])
        var d = 0
        while d < rowStride {
          row.store16(d, row.load16(d).adding(x.load16(d), times: factor))
          d += 16
        }
        weight += 1
        row += rowStride
      }
    }
  }
}

extension Tile {
  /// Adds b · a[step], row by row.
  @inlinable @inline(__always)
  mutating func add(_ b: TileRow, times a: Rows, _ step: Int, isWhole: Bool) {
    r0.add(b, times: a.r0[step], isWhole: isWhole)
    r1.add(b, times: a.r1[step], isWhole: isWhole)
    r2.add(b, times: a.r2[step], isWhole: isWhole)
    r3.add(b, times: a.r3[step], isWhole: isWhole)
    r4.add(b, times: a.r4[step], isWhole: isWhole)
    r5.add(b, times: a.r5[step], isWhole: isWhole)
    if !Tile.isWide { return }
    r6.add(b, times: a.r6[step], isWhole: isWhole)
    r7.add(b, times: a.r7[step], isWhole: isWhole)
  }
}
