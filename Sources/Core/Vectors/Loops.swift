// Loops over arrays of single values, eight at a time.
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
  var copy = (F8(repeating: 1), F8(repeating: 1), F8())
  withUnsafeMutableBytes(of: &copy) { bytes in
    let memory = bytes.baseAddress!.assumingMemoryBound(to: Float.self)
    let whole = range.count & ~7
    let rest = range.count - whole
    let first = range.lowerBound
    body(whole, x + first, w + first, y + first)
    if rest > 0 {
      let end = first + whole
      memory.update(from: x + end, count: rest)
      (memory + 8).update(from: w + end, count: rest)
      body(8, memory, memory + 8, memory + 16)
      (y + end).update(from: memory + 16, count: rest)
    }
  }
}

/// y = f(x) for n values, a multiple of 8.
@inlinable @inline(__always)
public func map(
  _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ f: (F8) -> F8
) {
  var i = 0
  while i < n {
    y.store8(i, f(x.load8(i)))
    i &+= 8
  }
}

/// y = f(x, w) for n values, a multiple of 8.
@inlinable @inline(__always)
public func map(
  _ n: Int, _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, _ f: (F8, F8) -> F8
) {
  var i = 0
  while i < n {
    y.store8(i, f(x.load8(i), w.load8(i)))
    i &+= 8
  }
}
