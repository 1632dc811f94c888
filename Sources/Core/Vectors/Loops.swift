// Loops over arrays of single values, sixteen at a time.
//
// A function's closure is compiled into a loop only when one place calls it. So the loops take
// whole vectors, and the few values at the end of a range go through them once more in a padded
// copy.

/// Calls `body(count, x, w, y)` for the whole vectors of a range, then for a padded copy of
/// the rest.
@inlinable @inline(__always)
public func inVectors(
  _ range: Range<Int>, _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>,
  _ body: (
    Int, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>
  ) -> Void
) {
  var copy = (F16(repeating: 1), F16(repeating: 1), F16())
  withUnsafeMutableBytes(of: &copy) { bytes in
    let memory = bytes.baseAddress!.assumingMemoryBound(to: Float.self)
    let whole = range.count & ~15
    let rest = range.count - whole
    let first = range.lowerBound
    body(whole, x + first, w + first, y + first)
    if rest > 0 {
      let end = first + whole
      memory.update(from: x + end, count: rest)
      (memory + 16).update(from: w + end, count: rest)
      body(16, memory, memory + 16, memory + 32)
      (y + end).update(from: memory + 32, count: rest)
    }
  }
}

/// y = f(x) for n values, a multiple of 16.
@inlinable @inline(__always)
public func map(
  _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ f: (F16) -> F16
) {
  var i = 0
  while i < n {
    y.store16(i, f(x.load16(i)))
    i &+= 16
  }
}

/// y = f(x, w) for n values, a multiple of 16.
@inlinable @inline(__always)
public func map(
  _ n: Int, _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, _ f: (F16, F16) -> F16
) {
  var i = 0
  while i < n {
    y.store16(i, f(x.load16(i), w.load16(i)))
    i &+= 16
  }
}

/// Calls `body(i, count)` for the vectors of n values: at place i, with a count of sixteen, and of
/// fewer at the end. `body` is a local function marked `@inline(__always)`, which a loop takes in
/// although it calls it at two places.
@inlinable @inline(__always)
public func forEachVector(_ n: Int, _ body: (_ i: Int, _ count: Int) -> Void) {
  var i = 0
  while i + 16 <= n {
    body(i, 16)
    i &+= 16
  }
  if i < n { body(i, n - i) }
}
