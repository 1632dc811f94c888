// Softmax and its relatives over rows of n values: PlainKernels/Softmax.swift. Every row subtracts
// its maximum first, as there. They are fast because maxima, exponentials and sums take sixteen
// values at a time (`exp16` has no branches) and groups of rows share the threads.

import Vectors

/// Rows of n values per chunk of a parallel loop.
func rowGrain(_ n: Int) -> Int { max(1, elementGrain / max(n, 1)) }

/// y = softmax of each row of x; x and y may be the same memory. A row that is -infinity
/// throughout gives zeros, one with a NaN gives NaN throughout.
public func softmax(
  rows: Int, n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: rowGrain(n)) { range in
    for row in range { softmaxRow(n, x + row * n, y + row * n) }
  }
}

/// One row of softmax; returns its maximum and Σ e^(x - maximum).
@discardableResult
func softmaxRow(
  _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) -> (top: Float, total: Float) {
  let top = maximumOf(n, x)
  if top == -.infinity {
    let isNaN = hasNaN(n, x)
    y.update(repeating: isNaN ? .nan : 0, count: n)
    return (isNaN ? .nan : top, isNaN ? .nan : 0)
  }
  let total = exponentials(n, x, minus: top, into: y)
  let scale = 1 / total
  @inline(__always)
  func divide(_ i: Int, _ count: Int) {
    y.store16(i, first: count, y.load16(i, first: count) * scale)
  }
  forEachVector(n, divide)
  return (top, total)
}

/// y = ln softmax of each row, as (x - maximum) - ln Σ e^(x - maximum): the maximum goes first, so
/// that large logits with small differences keep the digits of these.
public func logSoftmax(
  rows: Int, n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: rowGrain(n)) { range in
    for row in range {
      let source = x + row * n
      let top = maximumOf(n, source)
      let logTotal = logarithm(sumOfExponentials(n, source, minus: top))
      let target = y + row * n
      @inline(__always)
      func subtract(_ i: Int, _ count: Int) {
        target.store16(i, first: count, source.load16(i, first: count) - top - logTotal)
      }
      forEachVector(n, subtract)
    }
  }
}

/// y[row] = ln Σ eˣ over each row.
public func logSumExp(
  rows: Int, n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: rowGrain(n)) { range in
    for row in range {
      let source = x + row * n
      let top = maximumOf(n, source)
      if top.isInfinite {
        // A row of -infinity has no mass; one with +infinity has all of it there.
        y[row] = hasNaN(n, source) ? .nan : top
      } else {
        y[row] = top + logarithm(sumOfExponentials(n, source, minus: top))
      }
    }
  }
}

/// dx = y · (dy - Σ dy · y), the gradient of softmax from its result; dx may be dy.
public func softmaxGradient(
  rows: Int, n: Int, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dx: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: rowGrain(n)) { range in
    for row in range {
      let (y, dy, dx) = (y + row * n, dy + row * n, dx + row * n)
      let inner = dot(n, y, dy)
      @inline(__always)
      func compute(_ i: Int, _ count: Int) {
        let change = dy.load16(i, first: count) - inner
        dx.store16(i, first: count, y.load16(i, first: count) * change)
      }
      forEachVector(n, compute)
    }
  }
}

/// dx = dy - eʸ · Σ dy, the gradient of log-softmax from its result; dx may be dy.
public func logSoftmaxGradient(
  rows: Int, n: Int, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dx: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: rowGrain(n)) { range in
    for row in range {
      let (y, dy, dx) = (y + row * n, dy + row * n, dx + row * n)
      let mass = F16(repeating: rowSum(n, dy))
      @inline(__always)
      func compute(_ i: Int, _ count: Int) {
        let share = exp16(y.load16(i, first: count)) * mass
        dx.store16(i, first: count, dy.load16(i, first: count) - share)
      }
      forEachVector(n, compute)
    }
  }
}

// MARK: - Parts of a row

/// Whether one of n values is NaN. The maximum passes over NaN, so rows whose maximum is infinite
/// have to be asked; in all others a NaN shows in the sum of exponentials.
func hasNaN(_ n: Int, _ x: UnsafePointer<Float>) -> Bool { (0..<n).contains { x[$0].isNaN } }

/// The largest of n values, NaN left out; -infinity when there are none.
func maximumOf(_ n: Int, _ x: UnsafePointer<Float>) -> Float {
  if n < 16 { return (0..<n).reduce(-.infinity) { max($0, x[$1]) } }
  // The last vector may cover values of the one before it a second time.
  var top = x.load16(n - 16)
  var i = 0
  while i + 16 < n {
    top = maximum(top, x.load16(i))
    i &+= 16
  }
  return horizontalMaximum(top)
}

/// y = e^(x - top); returns Σ y.
@inline(__always)
func exponentials(
  _ n: Int, _ x: UnsafePointer<Float>, minus top: Float, into y: UnsafeMutablePointer<Float>
) -> Float {
  var total = ExponentialSum()
  @inline(__always)
  func compute(_ i: Int, _ count: Int) {
    let e = exp16(x.load16(i, first: count) - top)
    y.store16(i, first: count, e)
    total.add(e, count)
  }
  forEachVector(n, compute)
  return total.value
}

/// Σ e^(x - top)
@inline(__always)
func sumOfExponentials(_ n: Int, _ x: UnsafePointer<Float>, minus top: Float) -> Float {
  var total = ExponentialSum()
  @inline(__always)
  func compute(_ i: Int, _ count: Int) {
    total.add(exp16(x.load16(i, first: count) - top), count)
  }
  forEachVector(n, compute)
  return total.value
}

/// The sum of a row's vectors: eight lanes add every eighth value, and the last values, fewer than
/// eight, are added to the sum of the lanes.
private struct ExponentialSum {
  private var lanes = F8()
  private var last = F16()
  private var lastCount = 0

  /// Adds the first `count` lanes; only the last vector of a row may have fewer than sixteen.
  @inline(__always)
  mutating func add(_ e: F16, _ count: Int) {
    if count >= 8 { lanes += e.first8 }
    if count == 16 {
      lanes += e.last8
    } else {
      (last, lastCount) = (e, count)
    }
  }

  @inline(__always)
  var value: Float {
    var sum = horizontalSum(lanes)
    for k in (lastCount & 8)..<lastCount { sum += last[k] }
    return sum
  }
}

/// Σ a · b
func dot(_ n: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
  var lanes = F16()
  var i = 0
  while i + 16 <= n {
    lanes = lanes.adding(a.load16(i), times: b.load16(i))
    i &+= 16
  }
  var half = lanes.first8
  if i + 8 <= n {
    half = half.adding(a.load8(i), times: b.load8(i))
    i &+= 8
  }
  var sum = horizontalSum(half + lanes.last8)
  while i < n {
    sum += a[i] * b[i]
    i &+= 1
  }
  return sum
}

/// Σ x
func rowSum(_ n: Int, _ x: UnsafePointer<Float>) -> Float {
  var total = F8()
  var i = 0
  while i + 8 <= n {
    total += x.load8(i)
    i += 8
  }
  var sum = horizontalSum(total)
  while i < n {
    sum += x[i]
    i += 1
  }
  return sum
}

/// Natural logarithm.
@inline(__always)
func logarithm(_ x: Float) -> Float { log16(F16(repeating: x))[0] }
