// The innermost loop of matrix products and convolutions: a tile of 6 × 16 results held in
// twelve registers while the summed index runs. Every result takes one fused multiply-add
// per step, two vectors of B and six broadcast values of A.

/// Results of 6 rows and 16 columns. The twelve vectors have names, not indices, because
/// only so does the compiler keep them in registers.
@frozen
public struct Tile {
  @usableFromInline var r0a = F8(), r0b = F8(), r1a = F8(), r1b = F8(), r2a = F8(), r2b = F8()
  @usableFromInline var r3a = F8(), r3b = F8(), r4a = F8(), r4b = F8(), r5a = F8(), r5b = F8()

  @inlinable public static var rows: Int { 6 }
  @inlinable public static var columns: Int { 16 }

  @inlinable @inline(__always)
  public init() {}

  /// Adds A · B where the rows of A are contiguous: `a.n[step]` and `b[16 · step]`.
  @inlinable @inline(__always)
  public mutating func add(_ steps: Int, rows a: Rows, _ b: UnsafePointer<Float>) {
    var b = b
    for step in 0..<steps {
      let b0 = b.load8(0)
      let b1 = b.load8(8)
      b += Tile.columns
      let v0 = F8(repeating: a.r0[step])
      r0a = r0a.adding(v0, times: b0)
      r0b = r0b.adding(v0, times: b1)
      let v1 = F8(repeating: a.r1[step])
      r1a = r1a.adding(v1, times: b0)
      r1b = r1b.adding(v1, times: b1)
      let v2 = F8(repeating: a.r2[step])
      r2a = r2a.adding(v2, times: b0)
      r2b = r2b.adding(v2, times: b1)
      let v3 = F8(repeating: a.r3[step])
      r3a = r3a.adding(v3, times: b0)
      r3b = r3b.adding(v3, times: b1)
      let v4 = F8(repeating: a.r4[step])
      r4a = r4a.adding(v4, times: b0)
      r4b = r4b.adding(v4, times: b1)
      let v5 = F8(repeating: a.r5[step])
      r5a = r5a.adding(v5, times: b0)
      r5b = r5b.adding(v5, times: b1)
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
      let b0 = b.load8(0)
      let b1 = b.load8(8)
      b += bStride
      let v0 = F8(repeating: a[0])
      r0a = r0a.adding(v0, times: b0)
      r0b = r0b.adding(v0, times: b1)
      let v1 = F8(repeating: a[1])
      r1a = r1a.adding(v1, times: b0)
      r1b = r1b.adding(v1, times: b1)
      let v2 = F8(repeating: a[2])
      r2a = r2a.adding(v2, times: b0)
      r2b = r2b.adding(v2, times: b1)
      let v3 = F8(repeating: a[3])
      r3a = r3a.adding(v3, times: b0)
      r3b = r3b.adding(v3, times: b1)
      let v4 = F8(repeating: a[4])
      r4a = r4a.adding(v4, times: b0)
      r4b = r4b.adding(v4, times: b1)
      let v5 = F8(repeating: a[5])
      r5a = r5a.adding(v5, times: b0)
      r5b = r5b.adding(v5, times: b1)
      a += aStride
    }
  }

  /// Starts every row with the same 16 values.
  @inlinable @inline(__always)
  public mutating func fill(_ bias: UnsafePointer<Float>) {
    let b0 = bias.load8(0)
    let b1 = bias.load8(8)
    (r0a, r1a, r2a, r3a, r4a, r5a) = (b0, b0, b0, b0, b0, b0)
    (r0b, r1b, r2b, r3b, r4b, r5b) = (b1, b1, b1, b1, b1, b1)
  }

  @inlinable @inline(__always)
  public mutating func load(_ c: UnsafePointer<Float>, stride: Int) {
    (r0a, r0b) = (c.load8(0), c.load8(8))
    (r1a, r1b) = (c.load8(stride), c.load8(stride + 8))
    (r2a, r2b) = (c.load8(2 * stride), c.load8(2 * stride + 8))
    (r3a, r3b) = (c.load8(3 * stride), c.load8(3 * stride + 8))
    (r4a, r4b) = (c.load8(4 * stride), c.load8(4 * stride + 8))
    (r5a, r5b) = (c.load8(5 * stride), c.load8(5 * stride + 8))
  }

  @inlinable @inline(__always)
  public func store(_ c: UnsafeMutablePointer<Float>, stride: Int) {
    c.store8(0, r0a)
    c.store8(8, r0b)
    c.store8(stride, r1a)
    c.store8(stride + 8, r1b)
    c.store8(2 * stride, r2a)
    c.store8(2 * stride + 8, r2b)
    c.store8(3 * stride, r3a)
    c.store8(3 * stride + 8, r3b)
    c.store8(4 * stride, r4a)
    c.store8(4 * stride + 8, r4b)
    c.store8(5 * stride, r5a)
    c.store8(5 * stride + 8, r5b)
  }
}

/// Six rows of A, each contiguous along the summed index. At the edge of a matrix the last
/// row stands in for the missing ones, whose results nobody keeps.
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

/// Starts a tile, lets `compute` add to it, and stores the part of it that lies within C.
@inlinable @inline(__always)
public func finish(
  _ c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, start: Start,
  _ compute: (inout Tile) -> Void
) {
  var tile = Tile()
  let isWhole = rows == Tile.rows && columns == Tile.columns
  if isWhole {
    switch start {
    case .zero: break
    case .bias(let bias): tile.fill(bias)
    case .accumulate: tile.load(c, stride: stride)
    }
  }
  // Only one call, so that the loop is compiled once and its sums stay in registers.
  compute(&tile)
  if isWhole {
    tile.store(c, stride: stride)
  } else {
    storePart(tile, c, stride: stride, rows: rows, columns: columns, start: start)
  }
}

/// Stores a tile at the edge of C: in full to a copy, then the part that exists.
@inline(never) @usableFromInline
func storePart(
  _ tile: Tile, _ c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
  start: Start
) {
  withUnsafeTemporaryAllocation(of: Float.self, capacity: Tile.rows * Tile.columns) { buffer in
    guard let copy = buffer.baseAddress else { return }
    tile.store(copy, stride: Tile.columns)
    for i in 0..<rows {
      for j in 0..<columns {
        let value = copy[i * Tile.columns + j]
        switch start {
        case .zero: c[i * stride + j] = value
        case .bias(let bias): c[i * stride + j] = bias[j] + value
        case .accumulate: c[i * stride + j] += value
        }
      }
    }
  }
}
