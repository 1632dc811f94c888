// Sixteen floats at a time: loads, stores and the operations that the loops of `Kernels` are made
// of, all inlined into them. `F16` itself, its loads and its stores are in Tile.swift. Eight floats
// are left where the order of a sum or the size of a block asks for them.
//
// They live in a module of their own because a debug build compiles file by file: a helper in
// another file of the same module would become a call; an `@inlinable` one of another module does
// not.

import CSupport

/// Eight floats.
public typealias F8 = SIMD8<Float>

extension UnsafePointer<Float> {
  /// Eight consecutive values from `index`, at any alignment.
  @inlinable @inline(__always)
  public func load8(_ index: Int) -> F8 {
    UnsafeRawPointer(self + index).loadUnaligned(as: F8.self)
  }
}

extension UnsafeMutablePointer<Float> {
  /// Eight consecutive values from `index`, at any alignment.
  @inlinable @inline(__always)
  public func load8(_ index: Int) -> F8 {
    UnsafeRawPointer(self + index).loadUnaligned(as: F8.self)
  }

  /// Writes eight consecutive values from `index` on, at any alignment.
  @inlinable @inline(__always)
  public func store8(_ index: Int, _ value: F8) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: F8.self)
  }
}

extension SIMD16<Float> {
  /// self · x + c, rounded like `adding(_:times:)`: a step of Horner's scheme for a polynomial in x.
  @inlinable @inline(__always)
  public func times(_ x: F16, plus c: Float) -> F16 { F16(repeating: c).adding(self, times: x) }

  /// The first eight lanes.
  @inlinable @inline(__always)
  public var first8: F8 { f16_low(self) }

  /// The last eight lanes.
  @inlinable @inline(__always)
  public var last8: F8 { f16_high(self) }
}

extension UnsafePointer<Float> {
  /// The first `count` ≤ 16 consecutive values from `index`, then zeros.
  @inlinable @inline(__always)
  public func load16(_ index: Int, first count: Int) -> F16 { f16_load_first(self + index, count) }
}

extension UnsafeMutablePointer<Float> {
  /// Sixteen consecutive values from `index`, at any alignment.
  @inlinable @inline(__always)
  public func load16(_ index: Int) -> F16 { UnsafePointer(self).load16(index) }

  /// The first `count` ≤ 16 consecutive values from `index`, then zeros.
  @inlinable @inline(__always)
  public func load16(_ index: Int, first count: Int) -> F16 { f16_load_first(self + index, count) }

  /// Writes the first `count` ≤ 16 lanes from `index` on.
  @inlinable @inline(__always)
  public func store16(_ index: Int, first count: Int, _ value: F16) {
    f16_store_first(self + index, count, value)
  }
}

/// The values of a and b in turn, a[0], b[0], a[1], …: the first eight and the last eight.
@inlinable @inline(__always)
public func interleaved(_ a: F8, _ b: F8) -> (F8, F8) {
  (f8_interleave_low(a, b), f8_interleave_high(a, b))
}

/// Eight rows of eight values, `from` apart, as columns: rows `to` apart.
///
/// Three rounds of interleaving row i with row i + 4 transpose them, as a pack of cards comes back
/// to its order after enough perfect shuffles.
@inlinable @inline(__always)
public func transpose8(
  _ x: UnsafePointer<Float>, _ from: Int, into y: UnsafeMutablePointer<Float>, _ to: Int
) {
  func shuffled(
    _ a: (F8, F8, F8, F8, F8, F8, F8, F8)
  ) -> (F8, F8, F8, F8, F8, F8, F8, F8) {
    let (p, q) = (interleaved(a.0, a.4), interleaved(a.1, a.5))
    let (r, s) = (interleaved(a.2, a.6), interleaved(a.3, a.7))
    return (p.0, p.1, q.0, q.1, r.0, r.1, s.0, s.1)
  }
  let rows = (
    x.load8(0), x.load8(from), x.load8(2 * from), x.load8(3 * from), x.load8(4 * from),
    x.load8(5 * from), x.load8(6 * from), x.load8(7 * from)
  )
  let columns = shuffled(shuffled(shuffled(rows)))
  y.store8(0, columns.0)
  y.store8(to, columns.1)
  y.store8(2 * to, columns.2)
  y.store8(3 * to, columns.3)
  y.store8(4 * to, columns.4)
  y.store8(5 * to, columns.5)
  y.store8(6 * to, columns.6)
  y.store8(7 * to, columns.7)
}

/// The larger of two values; b when either is NaN.
@inlinable @inline(__always)
public func maximum(_ a: F16, _ b: F16) -> F16 { f16_max(a, b) }

/// The smaller of two values; b when either is NaN.
@inlinable @inline(__always)
public func minimum(_ a: F16, _ b: F16) -> F16 { f16_min(a, b) }

/// x cut to `low ... high`; NaN stays NaN.
@inlinable @inline(__always)
public func clamp(_ x: F16, _ low: Float, _ high: Float) -> F16 {
  f16_max(F16(repeating: low), f16_min(F16(repeating: high), x))
}

/// Lane by lane: `yes` where a < b, else `no`.
@inlinable @inline(__always)
public func ifLess(_ a: F16, _ b: F16, _ yes: F16, _ no: F16) -> F16 { f16_if_less(a, b, yes, no) }

/// Lane by lane: `yes` where a < b, else `no`.
@inlinable @inline(__always)
public func ifLess(_ a: F16, _ b: Float, _ yes: F16, _ no: F16) -> F16 {
  f16_if_less(a, F16(repeating: b), yes, no)
}

/// Lane by lane: `yes` where a ≤ b, else `no`.
@inlinable @inline(__always)
public func ifLessOrEqual(_ a: F16, _ b: F16, _ yes: F16, _ no: F16) -> F16 {
  f16_if_less_or_equal(a, b, yes, no)
}

/// Lane by lane: `yes` where a ≤ b, else `no`.
@inlinable @inline(__always)
public func ifLessOrEqual(_ a: F16, _ b: Float, _ yes: F16, _ no: F16) -> F16 {
  f16_if_less_or_equal(a, F16(repeating: b), yes, no)
}

/// Lane by lane: `yes` where a = b, else `no`.
@inlinable @inline(__always)
public func ifEqual(_ a: F16, _ b: Float, _ yes: F16, _ no: F16) -> F16 {
  f16_if_equal(a, F16(repeating: b), yes, no)
}

/// |x|
@inlinable @inline(__always)
public func absolute(_ x: F16) -> F16 { f16_abs(x) }

/// √x
@inlinable @inline(__always)
public func squareRoot(_ x: F16) -> F16 { f16_sqrt(x) }

/// The sum of the eight lanes, always in the same order.
@inlinable @inline(__always)
public func horizontalSum(_ x: F8) -> Float {
  let four = x.lowHalf + x.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}

/// The sum of the lanes of four vectors of eight, always in the same order.
@inlinable @inline(__always)
public func horizontalSum(_ a: F16, _ b: F16) -> Float {
  horizontalSum((a.first8 + a.last8) + (b.first8 + b.last8))
}

/// The largest lane; any of them or NaN when one is NaN.
@inlinable @inline(__always)
public func horizontalMaximum(_ x: F16) -> Float { f16_reduce_max(x) }
