// Softmax and its relatives over rows of n values: PlainKernels/Softmax.swift. Every row subtracts
// its maximum first, as there. They are fast because maxima, exponentials and sums take eight
// values at a time (`exp8` has no branches) and groups of rows share the threads.

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
  let scale = F8(repeating: 1 / total)
  var i = 0
  while i + 8 <= n {
    y.store8(i, y.load8(i) * scale)
    i += 8
  }
  while i < n {
    y[i] *= scale[0]
    i += 1
  }
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
      for i in 0..<n { y[row * n + i] = source[i] - top - logTotal }
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
      let inner = F8(repeating: dot(n, y, dy))
      var i = 0
      while i + 8 <= n {
        dx.store8(i, y.load8(i) * (dy.load8(i) - inner))
        i += 8
      }
      while i < n {
        dx[i] = y[i] * (dy[i] - inner[0])
        i += 1
      }
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
      let mass = F8(repeating: rowSum(n, dy))
      var i = 0
      while i + 8 <= n {
        dx.store8(i, dy.load8(i) - exp8(y.load8(i)) * mass)
        i += 8
      }
      if i < n {
        let rest = n - i
        (partial(dy + i, rest) - exp8(partial(y + i, rest)) * mass).store(dx + i, rest)
      }
    }
  }
}

// MARK: - Parts of a row

/// Whether one of n values is NaN. The maximum passes over NaN, so rows whose maximum is infinite
/// have to be asked; in all others a NaN shows in the sum of exponentials.
func hasNaN(_ n: Int, _ x: UnsafePointer<Float>) -> Bool { (0..<n).contains { x[$0].isNaN } }

/// The largest of n values, NaN left out; -infinity when there are none.
func maximumOf(_ n: Int, _ x: UnsafePointer<Float>) -> Float {
  var top = -Float.infinity
  var i = 0
  if n >= 8 {
    var vector = x.load8(0)
    i = 8
    while i + 8 <= n {
      vector = maximum(vector, x.load8(i))
      i += 8
    }
    top = horizontalMaximum(vector)
  }
  while i < n {
    top = max(top, x[i])
    i += 1
  }
  return top
}

/// y = e^(x - top); returns Σ y.
@inline(__always)
func exponentials(
  _ n: Int, _ x: UnsafePointer<Float>, minus top: Float, into y: UnsafeMutablePointer<Float>
) -> Float {
  let shift = F8(repeating: top)
  var total = F8()
  var i = 0
  while i + 8 <= n {
    let e = exp8(x.load8(i) - shift)
    y.store8(i, e)
    total += e
    i += 8
  }
  var sum = horizontalSum(total)
  if i < n {
    let e = exp8(partial(x + i, n - i) - shift)
    e.store(y + i, n - i)
    for k in 0..<n - i { sum += e[k] }
  }
  return sum
}

/// Σ e^(x - top)
@inline(__always)
func sumOfExponentials(_ n: Int, _ x: UnsafePointer<Float>, minus top: Float) -> Float {
  let shift = F8(repeating: top)
  var total = F8()
  var i = 0
  while i + 8 <= n {
    total += exp8(x.load8(i) - shift)
    i += 8
  }
  var sum = horizontalSum(total)
  if i < n {
    let e = exp8(partial(x + i, n - i) - shift)
    for k in 0..<n - i { sum += e[k] }
  }
  return sum
}

/// Σ a · b
func dot(_ n: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
  var (s0, s1) = (F8(), F8())
  var i = 0
  while i + 16 <= n {
    s0 = s0.adding(a.load8(i), times: b.load8(i))
    s1 = s1.adding(a.load8(i + 8), times: b.load8(i + 8))
    i += 16
  }
  if i + 8 <= n {
    s0 = s0.adding(a.load8(i), times: b.load8(i))
    i += 8
  }
  var sum = horizontalSum(s0 + s1)
  while i < n {
    sum += a[i] * b[i]
    i += 1
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
func logarithm(_ x: Float) -> Float { log8(F8(repeating: x))[0] }
