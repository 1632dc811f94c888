// Arithmetic of two arrays, value by value, and of an array with one number: loops of a single
// line, here sixteen values at a time, in chunks of 16,384 values that share the threads.

import Vectors

/// An operation of two values.
public enum Arithmetic: Sendable {
  /// a + b
  case add
  /// a - b
  case subtract
  /// a · b
  case multiply
  /// a / b
  case divide
}

/// y[i] = a[i · aStep] ∘ b[i · bStep], where a step is 1, or 0 to repeat one value.
public func combine(
  _ operation: Arithmetic, _ n: Int, _ a: UnsafePointer<Float>, _ aStep: Int,
  _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>
) {
  parallelFor(n, grain: elementGrain) { combineRange(operation, $0, a, aStep, b, bStep, y) }
}

/// The same for lines of n numbers; `offsets` says where in a and b each of some lines begins.
public func combineLines(
  _ operation: Arithmetic, lines: Int, _ n: Int, _ a: UnsafePointer<Float>, _ aStep: Int,
  _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>,
  offsets: (_ lines: Range<Int>, _ body: (Int, _ aOffset: Int, _ bOffset: Int) -> Void) -> Void
) {
  if lines == 0 || n == 0 { return }
  // Long lines are shared out within, short ones among the threads.
  let isLong = n >= elementGrain
  parallelFor(lines, grain: isLong ? lines : elementGrain / n) { part in
    offsets(part) { i, aOffset, bOffset in
      let (a, b, y) = (a + aOffset, b + bOffset, y + i * n)
      if isLong { return combine(operation, n, a, aStep, b, bStep, y) }
      combineRange(operation, 0..<n, a, aStep, b, bStep, y)
    }
  }
}

/// The numbers of a part of `combine`.
private func combineRange(
  _ operation: Arithmetic, _ part: Range<Int>, _ a: UnsafePointer<Float>, _ aStep: Int,
  _ b: UnsafePointer<Float>, _ bStep: Int, _ y: UnsafeMutablePointer<Float>
) {
  // A side that stands still is spread over one vector, which the loop reads again and again.
  switch (aStep, bStep) {
  case (1, 1):
    inVectors(part, a, b, y) { combinePart(operation, $0, $1, $2, $3) }
  case (1, _):
    inVectors(part, a, a, y) { combinePart(operation, $0, $1, F16(repeating: b[0]), $3) }
  default:
    inVectors(part, b, b, y) { combinePart(operation, $0, F16(repeating: a[0]), $1, $3) }
  }
}

private func combinePart(
  _ operation: Arithmetic, _ n: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>
) {
  switch operation {
  case .add: map(n, a, b, y) { $0 + $1 }
  case .subtract: map(n, a, b, y) { $0 - $1 }
  case .multiply: map(n, a, b, y) { $0 * $1 }
  case .divide: map(n, a, b, y) { $0 / $1 }
  }
}

private func combinePart(
  _ operation: Arithmetic, _ n: Int, _ a: UnsafePointer<Float>, _ b: F16,
  _ y: UnsafeMutablePointer<Float>
) {
  switch operation {
  case .add: map(n, a, y) { $0 + b }
  case .subtract: map(n, a, y) { $0 - b }
  case .multiply: map(n, a, y) { $0 * b }
  case .divide: map(n, a, y) { $0 / b }
  }
}

private func combinePart(
  _ operation: Arithmetic, _ n: Int, _ a: F16, _ b: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>
) {
  switch operation {
  case .add: map(n, b, y) { a + $0 }
  case .subtract: map(n, b, y) { a - $0 }
  case .multiply: map(n, b, y) { a * $0 }
  case .divide: map(n, b, y) { a / $0 }
  }
}

/// y = scale · x + offset; x and y may be the same memory.
public func affine(
  _ n: Int, _ x: UnsafePointer<Float>, scale: Float, offset: Float,
  _ y: UnsafeMutablePointer<Float>
) {
  let (factor, addend) = (F16(repeating: scale), F16(repeating: offset))
  parallelFor(n, grain: elementGrain) { part in
    inVectors(part, x, x, y) { n, x, _, y in
      map(n, x, y) { addend.adding($0, times: factor) }
    }
  }
}

/// y = a + scale · b, the product rounded before it is added; y may be the same memory as a or b.
public func addScaled(
  _ n: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, scale: Float,
  _ y: UnsafeMutablePointer<Float>
) {
  let factor = F16(repeating: scale)
  parallelFor(n, grain: elementGrain) { part in
    inVectors(part, a, b, y) { n, a, b, y in
      map(n, a, b, y) { a, b in a + b * factor }
    }
  }
}

/// y += scale · x
public func accumulate(
  _ n: Int, _ x: UnsafePointer<Float>, scale: Float = 1, into y: UnsafeMutablePointer<Float>
) {
  let factor = F16(repeating: scale)
  parallelFor(n, grain: elementGrain) { part in
    inVectors(part, x, y, y) { n, x, old, y in
      map(n, old, x, y) { old, x in old.adding(x, times: factor) }
    }
  }
}
