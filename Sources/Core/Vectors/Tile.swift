// The innermost loop of matrix products, convolutions and attention: the loop over p in
// PlainKernels/MatrixProduct.swift for 6 × 16 results at once, which stay in registers while the
// summed index runs. A step loads sixteen values of B and six of A and does 96 multiply-adds with
// them, where the plain loop loads two values for each.

/// Sixteen floats: two registers with AVX2, one with AVX-512.
public typealias F16 = SIMD16<Float>

/// Results of 6 rows and 16 columns. The six vectors have names, not indices: only then does the
/// compiler keep them in registers.
@frozen
public struct Tile {
  @usableFromInline var r0 = F16(), r1 = F16(), r2 = F16(), r3 = F16(), r4 = F16(), r5 = F16()

  /// Rows of a tile.
  @inlinable public static var rows: Int { 6 }
  /// Columns of a tile.
  @inlinable public static var columns: Int { 16 }

  /// Zeros.
  @inlinable @inline(__always)
  public init() {}

  /// Adds A · B where the rows of A are contiguous: `a.n[step]` and `b[16 · step]`.
  @inlinable @inline(__always)
  public mutating func add(_ steps: Int, rows a: Rows, _ b: UnsafePointer<Float>) {
    var b = b
    for step in 0..<steps {
      let values = b.load16(0)
      b += Tile.columns
      r0 = r0.addingProduct(values, F16(repeating: a.r0[step]))
      r1 = r1.addingProduct(values, F16(repeating: a.r1[step]))
      r2 = r2.addingProduct(values, F16(repeating: a.r2[step]))
      r3 = r3.addingProduct(values, F16(repeating: a.r3[step]))
      r4 = r4.addingProduct(values, F16(repeating: a.r4[step]))
      r5 = r5.addingProduct(values, F16(repeating: a.r5[step]))
    }
  }

  /// Adds Aᵀ · B where a step's six values of A are neighbours: `a[step · aStride + row]`
  /// and `b[step · bStride]`.
  @inlinable @inline(__always)
  public mutating func add(
    _ steps: Int, columns a: UnsafePointer<Float>, aStride: Int,
    _ b: UnsafePointer<Float>, bStride: Int
  ) {
    var a = a
    var b = b
    for _ in 0..<steps {
      let values = b.load16(0)
      b += bStride
      r0 = r0.addingProduct(values, F16(repeating: a[0]))
      r1 = r1.addingProduct(values, F16(repeating: a[1]))
      r2 = r2.addingProduct(values, F16(repeating: a[2]))
      r3 = r3.addingProduct(values, F16(repeating: a[3]))
      r4 = r4.addingProduct(values, F16(repeating: a[4]))
      r5 = r5.addingProduct(values, F16(repeating: a[5]))
      a += aStride
    }
  }

  /// Starts every row with the same 16 values.
  @inlinable @inline(__always)
  public mutating func fill(_ bias: UnsafePointer<Float>) {
    let values = bias.load16(0)
    (r0, r1, r2, r3, r4, r5) = (values, values, values, values, values, values)
  }

  /// Starts from what C holds.
  @inlinable @inline(__always)
  public mutating func load(_ c: UnsafePointer<Float>, stride: Int) {
    r0 = c.load16(0)
    r1 = c.load16(stride)
    r2 = c.load16(2 * stride)
    r3 = c.load16(3 * stride)
    r4 = c.load16(4 * stride)
    r5 = c.load16(5 * stride)
  }

  /// Writes all 6 × 16 results.
  @inlinable @inline(__always)
  public func store(_ c: UnsafeMutablePointer<Float>, stride: Int) {
    c.store16(0, r0)
    c.store16(stride, r1)
    c.store16(2 * stride, r2)
    c.store16(3 * stride, r3)
    c.store16(4 * stride, r4)
    c.store16(5 * stride, r5)
  }
}

extension UnsafePointer<Float> {
  @inlinable @inline(__always)
  func load16(_ index: Int) -> F16 { UnsafeRawPointer(self + index).loadUnaligned(as: F16.self) }
}

extension UnsafeMutablePointer<Float> {
  @inlinable @inline(__always)
  func store16(_ index: Int, _ value: F16) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: F16.self)
  }
}

/// Six rows of A, each contiguous along the summed index. At the edge of a matrix the last row
/// stands in for the missing ones, whose results are dropped.
@frozen
public struct Rows {
  @usableFromInline var r0, r1, r2, r3, r4, r5: UnsafePointer<Float>

  /// Rows `stride` apart, of which `count` exist.
  @inlinable @inline(__always)
  public init(_ a: UnsafePointer<Float>, stride: Int, count: Int) {
    let last = count - 1
    r0 = a
    r1 = a + min(1, last) * stride
    r2 = a + min(2, last) * stride
    r3 = a + min(3, last) * stride
    r4 = a + min(4, last) * stride
    r5 = a + min(5, last) * stride
  }

  /// Rows at any offsets, of which `count` exist.
  @inlinable @inline(__always)
  public init(_ a: UnsafePointer<Float>, offsets: UnsafePointer<Int>, count: Int) {
    let last = count - 1
    r0 = a + offsets[0]
    r1 = a + offsets[min(1, last)]
    r2 = a + offsets[min(2, last)]
    r3 = a + offsets[min(3, last)]
    r4 = a + offsets[min(4, last)]
    r5 = a + offsets[min(5, last)]
  }

  /// All rows further along the summed index.
  @inlinable @inline(__always)
  public func advanced(by offset: Int) -> Rows {
    var moved = self
    moved.r0 += offset
    moved.r1 += offset
    moved.r2 += offset
    moved.r3 += offset
    moved.r4 += offset
    moved.r5 += offset
    return moved
  }
}

/// What the product is added to.
@frozen
public enum Start {
  /// Nothing.
  case zero
  /// One value per column.
  case bias(UnsafePointer<Float>)
  /// The present content of C.
  case accumulate
}

extension Start {
  /// The start of the tile `columns` further to the right.
  @inlinable @inline(__always)
  public func moved(by columns: Int) -> Start {
    if case .bias(let bias) = self { return .bias(bias + columns) }
    return self
  }
}

/// Calls `compute` with a tile that starts from `start`, then stores the part of the tile that
/// lies within C. A bias has 16 values even where C ends before them.
///
/// A tile at the edge starts like a whole one, so that a row of C is the same sum, added in the same
/// order, whatever rows stand beside it.
@inlinable @inline(__always)
public func withTile(
  _ c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, start: Start,
  _ compute: (inout Tile) -> Void
) {
  var tile = Tile()
  let isWhole = rows == Tile.rows && columns == Tile.columns
  switch start {
  case .zero: break
  case .bias(let bias): tile.fill(bias)
  case .accumulate:
    if isWhole {
      tile.load(c, stride: stride)
    } else {
      loadPart(&tile, c, stride: stride, rows: rows, columns: columns)
    }
  }
  // There is only one call, so that the loop is compiled once and its sums stay in registers.
  compute(&tile)
  if isWhole {
    tile.store(c, stride: stride)
  } else {
    storePart(tile, c, stride: stride, rows: rows, columns: columns)
  }
}

/// Starts a tile at the edge of C from the part that exists, and the rest from zero.
@inline(never) @usableFromInline
func loadPart(
  _ tile: inout Tile, _ c: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int
) {
  withUnsafeTemporaryAllocation(of: Float.self, capacity: Tile.rows * Tile.columns) { buffer in
    buffer.initialize(repeating: 0)
    for i in 0..<rows {
      for j in 0..<columns { buffer[i * Tile.columns + j] = c[i * stride + j] }
    }
    if let copy = buffer.baseAddress { tile.load(copy, stride: Tile.columns) }
  }
}

/// Stores a tile at the edge of C: in full to a copy, then the part that exists.
@inline(never) @usableFromInline
func storePart(
  _ tile: Tile, _ c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int
) {
  withUnsafeTemporaryAllocation(of: Float.self, capacity: Tile.rows * Tile.columns) { buffer in
    guard let copy = buffer.baseAddress else { return }
    tile.store(copy, stride: Tile.columns)
    for i in 0..<rows {
      for j in 0..<columns { c[i * stride + j] = copy[i * Tile.columns + j] }
    }
  }
}
