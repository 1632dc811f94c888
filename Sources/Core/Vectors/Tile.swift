// A tile: results of a matrix product that stay in registers while the summed index runs. It is the
// loop over p in PlainKernels/MatrixProduct.swift for 8 × 32 results at once:
//
//            ◄──── 32 columns of B ────►
//      A      low (16)      high (16)
//     a[0]   ┌────────────┬────────────┐
//     a[1]   │            │            │   Each step loads 32 values of B and 8 of A, and does
//      ⋮     │   sums     │   sums     │   256 multiply-adds with these 40 values, where the
//     a[7]   └────────────┴────────────┘   plain loop loads two values for each.
//
// Why this size: a multiply-add takes four cycles until its sum can be used again, and two begin in
// each cycle, so fewer than eight vectors of sums would wait for one another. With AVX-512 a vector
// is sixteen floats and there are 32 registers: 16 for sums, 2 for B, and A is read in place. AVX2
// has 16 registers of eight floats, NEON 32 of four: there a tile is 6 × 16.

import CSupport

/// Sixteen floats: one register with AVX-512, two with AVX2, four with NEON.
public typealias F16 = SIMD16<Float>

/// One row of a tile.
@frozen
public struct TileRow {
  /// Its columns.
  public var low = F16(), high = F16()

  /// Zeros.
  @inlinable @inline(__always)
  public init() {}

  /// The first 16 of the values at an address, or all; the rest is zero.
  @inlinable @inline(__always)
  public init(_ values: UnsafePointer<Float>, isWhole: Bool) {
    low = values.load16(0)
    if isWhole && Tile.isWide { high = values.load16(16) }
  }

  /// Adds b · a.
  @inlinable @inline(__always)
  public mutating func add(_ b: TileRow, times a: Float, isWhole: Bool) {
    low = low.adding(b.low, times: F16(repeating: a))
    if isWhole && Tile.isWide { high = high.adding(b.high, times: F16(repeating: a)) }
  }

  /// Writes all columns.
  @inlinable @inline(__always)
  public func store(_ target: UnsafeMutablePointer<Float>) {
    target.store16(0, low)
    if Tile.isWide { target.store16(16, high) }
  }
}

/// Results of some rows and columns. The rows have names, not indices: only then does the compiler
/// keep them in registers.
@frozen
public struct Tile {
  /// The rows; the last two are used in wide tiles, and for pairs of bf16.
  public var r0 = TileRow(), r1 = TileRow(), r2 = TileRow(), r3 = TileRow()
  public var r4 = TileRow(), r5 = TileRow(), r6 = TileRow(), r7 = TileRow()

  /// Whether a tile is 8 × 32; else it is 6 × 16.
  @inlinable @inline(__always)
  public static var isWide: Bool { support_has_wide_tile() != 0 }
  /// Rows of a tile.
  @inlinable @inline(__always)
  public static var rows: Int { isWide ? 8 : 6 }
  /// Columns of a tile, and of a panel of B.
  @inlinable @inline(__always)
  public static var columns: Int { isWide ? 32 : 16 }
  /// The number of panels that hold n columns.
  @inlinable @inline(__always)
  public static func panels(_ n: Int) -> Int { (n + columns - 1) / columns }

  /// Zeros.
  @inlinable @inline(__always)
  public init() {}

  /// Calls `body` with every row and its number; with all eight even where tiles have six.
  @inlinable @inline(__always)
  public mutating func forEachRow(
    all: Bool = Tile.isWide, _ body: (Int, inout TileRow) -> Void
  ) {
    body(0, &r0)
    body(1, &r1)
    body(2, &r2)
    body(3, &r3)
    body(4, &r4)
    body(5, &r5)
    if all {
      body(6, &r6)
      body(7, &r7)
    }
  }
}

extension UnsafePointer<Float> {
  /// Sixteen consecutive values from `index`, at any alignment.
  @inlinable @inline(__always)
  public func load16(_ index: Int) -> F16 {
    UnsafeRawPointer(self + index).loadUnaligned(as: F16.self)
  }
}

extension UnsafeMutablePointer<Float> {
  /// Writes sixteen consecutive values from `index` on, at any alignment.
  @inlinable @inline(__always)
  public func store16(_ index: Int, _ value: F16) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: F16.self)
  }
}

// MARK: - Operands

/// As many rows of A as a tile has, each contiguous along the summed index. At the edge of a matrix
/// the last row stands in for the missing ones, whose results are dropped.
@frozen
public struct Rows {
  /// The first value of each row.
  public let r0, r1, r2, r3, r4, r5, r6, r7: UnsafePointer<Float>

  /// Rows `stride` apart, of which `count` exist.
  @inlinable @inline(__always)
  public init(_ a: UnsafePointer<Float>, stride: Int, count: Int) {
    self.init(a, count: count) { $0 * stride }
  }

  /// Rows at any offsets, of which `count` exist.
  @inlinable @inline(__always)
  public init(_ a: UnsafePointer<Float>, offsets: UnsafePointer<Int>, count: Int) {
    self.init(a, count: count) { offsets[$0] }
  }

  @inlinable @inline(__always)
  init(_ a: UnsafePointer<Float>, count: Int, offset: (Int) -> Int) {
    let last = count - 1
    r0 = a + offset(0)
    r1 = a + offset(min(1, last))
    r2 = a + offset(min(2, last))
    r3 = a + offset(min(3, last))
    r4 = a + offset(min(4, last))
    r5 = a + offset(min(5, last))
    r6 = a + offset(min(6, last))
    r7 = a + offset(min(7, last))
  }
}

// MARK: - Where a tile begins and ends

/// What a product is added to.
@frozen
public struct Start {
  /// One value per column, with room for whole panels; nil for zeros.
  public var bias: UnsafePointer<Float>?
  /// A matrix whose rows are as far apart as those of C; it may be C itself. Nil for zeros.
  public var matrix: UnsafePointer<Float>?

  /// Nothing.
  @inlinable @inline(__always)
  public static var zero: Start { Start(bias: nil, matrix: nil) }

  /// A bias and a matrix; what is nil counts as zero.
  @inlinable @inline(__always)
  public init(bias: UnsafePointer<Float>?, matrix: UnsafePointer<Float>? = nil) {
    self.bias = bias
    self.matrix = matrix
  }

  /// The start of what lies some columns further right in C, and an offset further on in memory.
  @inlinable @inline(__always)
  public func moved(columns: Int, offset: Int) -> Start {
    Start(bias: bias.map { $0 + columns }, matrix: matrix.map { $0 + offset })
  }
}

/// A tile's place in C: its rows `stride` apart, of which some rows and columns exist.
@frozen
public struct Target {
  /// The first of the results.
  public var c: UnsafeMutablePointer<Float>
  /// Distance between rows.
  public var stride: Int
  /// Rows within C, at most `Tile.rows`.
  public var rows: Int
  /// Columns within C, at most `Tile.columns`.
  public var columns: Int

  /// A place of `rows` × `columns` at `c`.
  @inlinable @inline(__always)
  public init(_ c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int) {
    self.c = c
    self.stride = stride
    self.rows = rows
    self.columns = columns
  }
}

extension Tile {
  /// Sets all rows to what the product is added to.
  @inlinable @inline(__always)
  public mutating func begin(_ start: Start, stride: Int) {
    if let matrix = start.matrix {
      forEachRow { $1 = TileRow(matrix + $0 * stride, isWhole: true) }
    }
    if let bias = start.bias {
      let values = TileRow(bias, isWhole: true)
      forEachRow { _, row in
        row.low += values.low
        if Tile.isWide { row.high += values.high }
      }
    }
  }

  /// Writes all results.
  @inlinable @inline(__always)
  public mutating func end(_ c: UnsafeMutablePointer<Float>, stride: Int) {
    forEachRow { $1.store(c + $0 * stride) }
  }
}

extension Target {
  /// Calls `body` with a place in memory for the whole tile. If C has room for it that is C itself;
  /// else it is a copy, of which the part that exists is copied from the matrix of `start` before
  /// and to C after. So a tile at the edge starts like a whole one, and a row of C is the same sum,
  /// added in the same order, whatever rows stand beside it.
  @inlinable @inline(__always)
  public func withWholeTile(
    _ start: Start, _ body: (Start, UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) {
    if rows == Tile.rows && columns == Tile.columns {
      body(start, c, stride)
      return
    }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Tile.rows * Tile.columns) { buffer in
      guard let copy = buffer.baseAddress else { return }
      var start = start
      if let matrix = start.matrix {
        buffer.initialize(repeating: 0)
        for i in 0..<rows {
          (copy + i * Tile.columns).update(from: matrix + i * stride, count: columns)
        }
        start.matrix = UnsafePointer(copy)
      }
      body(start, copy, Tile.columns)
      for i in 0..<rows {
        (c + i * stride).update(from: copy + i * Tile.columns, count: columns)
      }
    }
  }
}
