// Eight floats at a time: loads, stores and the operations that the loops of `Kernels` are made of,
// all inlined into them.
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

extension SIMD8<Float> {
  /// self + a · b in one rounding.
  @inlinable @inline(__always)
  public func adding(_ a: F8, times b: F8) -> F8 { self.addingProduct(a, b) }

  /// self · x + c in one rounding: a step of Horner's scheme for a polynomial in x.
  @inlinable @inline(__always)
  public func times(_ x: F8, plus c: Float) -> F8 { F8(repeating: c).addingProduct(self, x) }
}

/// The values of a and b in turn, a[0], b[0], a[1], …: the first eight and the last eight.
@inlinable @inline(__always)
public func interleaved(_ a: F8, _ b: F8) -> (F8, F8) {
  (f8_interleave_low(a, b), f8_interleave_high(a, b))
}

/// The larger of two values; b when either is NaN.
@inlinable @inline(__always)
public func maximum(_ a: F8, _ b: F8) -> F8 { f8_max(a, b) }

/// The smaller of two values; b when either is NaN.
@inlinable @inline(__always)
public func minimum(_ a: F8, _ b: F8) -> F8 { f8_min(a, b) }

/// x cut to `low ... high`; NaN stays NaN.
@inlinable @inline(__always)
public func clamp(_ x: F8, _ low: Float, _ high: Float) -> F8 {
  f8_max(F8(repeating: low), f8_min(F8(repeating: high), x))
}

/// Lane by lane: `yes` where a < b, else `no`.
@inlinable @inline(__always)
public func ifLess(_ a: F8, _ b: F8, _ yes: F8, _ no: F8) -> F8 { f8_if_less(a, b, yes, no) }

/// Lane by lane: `yes` where a < b, else `no`.
@inlinable @inline(__always)
public func ifLess(_ a: F8, _ b: Float, _ yes: F8, _ no: F8) -> F8 {
  f8_if_less(a, F8(repeating: b), yes, no)
}

/// Lane by lane: `yes` where a ≤ b, else `no`.
@inlinable @inline(__always)
public func ifLessOrEqual(_ a: F8, _ b: F8, _ yes: F8, _ no: F8) -> F8 {
  f8_if_less_or_equal(a, b, yes, no)
}

/// Lane by lane: `yes` where a ≤ b, else `no`.
@inlinable @inline(__always)
public func ifLessOrEqual(_ a: F8, _ b: Float, _ yes: F8, _ no: F8) -> F8 {
  f8_if_less_or_equal(a, F8(repeating: b), yes, no)
}

/// Lane by lane: `yes` where a = b, else `no`.
@inlinable @inline(__always)
public func ifEqual(_ a: F8, _ b: Float, _ yes: F8, _ no: F8) -> F8 {
  f8_if_equal(a, F8(repeating: b), yes, no)
}

/// |x|
@inlinable @inline(__always)
public func absolute(_ x: F8) -> F8 { f8_abs(x) }

/// √x
@inlinable @inline(__always)
public func squareRoot(_ x: F8) -> F8 { f8_sqrt(x) }

/// The sum of the eight lanes, always in the same order.
@inlinable @inline(__always)
public func horizontalSum(_ x: F8) -> Float {
  let four = x.lowHalf + x.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}

/// The largest lane.
@inlinable @inline(__always)
public func horizontalMaximum(_ x: F8) -> Float { f8_reduce_max(x) }

/// The last `count` < 8 values of a range; the other lanes are 1, where every function here is
/// defined.
@inlinable @inline(__always)
public func partial(_ x: UnsafePointer<Float>, _ count: Int) -> F8 {
  var value = F8(repeating: 1)
  for i in 0..<count { value[i] = x[i] }
  return value
}

extension SIMD8<Float> {
  /// Stores the first `count` lanes.
  @inlinable @inline(__always)
  public func store(_ y: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count { y[i] = self[i] }
  }
}
