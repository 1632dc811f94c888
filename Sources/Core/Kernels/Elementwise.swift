// Functions of one value, each beside its derivative, and arithmetic of two.

import Vectors

/// Values per chunk of a parallel loop over single values.
let elementGrain = 16_384

/// A function applied to every value of a tensor.
public enum Function: Equatable, Sendable {
  /// eˣ
  case exp
  /// Natural logarithm.
  case log
  /// Square root.
  case squareRoot
  /// 1 / √x
  case reciprocalSquareRoot
  /// x²
  case square
  /// xᵖ by repeated multiplication for whole p ≥ 0, else e^(p ln x).
  case power(Float)
  /// |x|, with derivative 0 at 0.
  case absolute
  /// -x
  case negative
  /// x cut to a range; the derivative is 1 on its ends.
  case clamp(Float, Float)
  /// max(x, 0), with derivative 0 at 0.
  case relu
  /// x, or slope · x for x ≤ 0.
  case leakyRelu(Float)
  /// 1 / (1 + e⁻ˣ)
  case sigmoid
  /// Hyperbolic tangent.
  case tanh
  /// x Φ(x) with the exact normal distribution function Φ (Hendrycks and Gimpel, 2016).
  case gelu
  /// GELU with the tanh approximation of Φ, as in GPT-2.
  case geluTanh
  /// x σ(1.702 x), as in CLIP.
  case quickGelu
  /// x σ(x)
  case silu
  /// ln(1 + eˣ)
  case softplus
  /// ln σ(x)
  case logSigmoid
  /// ln(x / (1 - x))
  case logit

  /// What the derivative is computed from.
  public enum Needs { case nothing, input, output }

  /// Whether the derivative is a function of the input or of the output.
  public var needs: Needs {
    switch self {
    case .negative: .nothing
    case .exp, .squareRoot, .reciprocalSquareRoot, .sigmoid, .tanh, .relu: .output
    default: .input
    }
  }
}

/// y = f(x); x and y may be the same memory.
public func apply(
  _ f: Function, _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  parallelFor(n, grain: elementGrain) { part in
    inVectors(part, x, x, y) { applyPart(f, $0, $1, $3) }
  }
}

private func applyPart(
  _ f: Function, _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  switch f {
  case .exp: map(n, x, y) { exp8($0) }
  case .log: map(n, x, y) { log8($0) }
  case .squareRoot: map(n, x, y) { Vectors.squareRoot($0) }
  case .reciprocalSquareRoot: map(n, x, y) { 1 / Vectors.squareRoot($0) }
  case .square: map(n, x, y) { $0 * $0 }
  case .power(let p): map(n, x, y) { power8($0, p) }
  case .absolute: map(n, x, y) { Vectors.absolute($0) }
  case .negative: map(n, x, y) { -$0 }
  case .clamp(let low, let high): map(n, x, y) { Vectors.clamp($0, low, high) }
  case .relu: map(n, x, y) { ifLess($0, 0, F8(), $0) }
  case .leakyRelu(let slope): map(n, x, y) { ifLess($0, 0, $0 * slope, $0) }
  case .sigmoid: map(n, x, y) { sigmoid8($0) }
  case .tanh: map(n, x, y) { tanh8($0) }
  case .gelu: map(n, x, y) { $0 * normal8($0) }
  // (1 + tanh z) / 2 = σ(2z), which does not lose the small values below 0.
  case .geluTanh: map(n, x, y) { $0 * sigmoid8(geluArgument($0) * 2) }
  case .quickGelu: map(n, x, y) { $0 * sigmoid8($0 * 1.702) }
  case .silu: map(n, x, y) { $0 * sigmoid8($0) }
  case .softplus: map(n, x, y) { softplus8($0) }
  case .logSigmoid: map(n, x, y) { -softplus8(-$0) }
  case .logit: map(n, x, y) { log8($0 / (1 - $0)) }
  }
}

/// dx = dy · f'(x). `saved` holds x or y = f(x), as `f.needs` says; dx may be dy.
public func applyGradient(
  _ f: Function, _ n: Int, saved: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dx: UnsafeMutablePointer<Float>
) {
  parallelFor(n, grain: elementGrain) { part in
    inVectors(part, saved, dy, dx) { applyGradientPart(f, $0, $1, $2, $3) }
  }
}

private func applyGradientPart(
  _ f: Function, _ n: Int, _ saved: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dx: UnsafeMutablePointer<Float>
) {
  switch f {
  case .exp: map(n, saved, dy, dx) { y, dy in dy * y }
  case .log: map(n, saved, dy, dx) { x, dy in dy / x }
  case .squareRoot: map(n, saved, dy, dx) { y, dy in dy * 0.5 / y }
  case .reciprocalSquareRoot: map(n, saved, dy, dx) { y, dy in dy * y * y * y * -0.5 }
  case .square: map(n, saved, dy, dx) { x, dy in dy * x * 2 }
  case .power(let p): map(n, saved, dy, dx) { x, dy in dy * p * power8(x, p - 1) }
  case .absolute:
    map(n, saved, dy, dx) { x, dy in
      ifEqual(x, 0, F8(), ifLess(x, 0, -dy, dy))
    }
  case .negative: map(n, dy, dx) { -$0 }
  case .clamp(let low, let high):
    map(n, saved, dy, dx) { x, dy in
      ifLess(x, low, F8(), ifLess(F8(repeating: high), x, F8(), dy))
    }
  case .relu: map(n, saved, dy, dx) { y, dy in ifLessOrEqual(y, 0, F8(), dy) }
  case .leakyRelu(let slope):
    map(n, saved, dy, dx) { x, dy in ifLessOrEqual(x, 0, dy * slope, dy) }
  case .sigmoid: map(n, saved, dy, dx) { y, dy in dy * y * (1 - y) }
  case .tanh: map(n, saved, dy, dx) { y, dy in dy * (1 - y * y) }
  case .gelu:
    // (x Φ)' = Φ + x φ with the density φ(x) = e^(-x²/2) / √(2π).
    map(n, saved, dy, dx) { x, dy in
      dy * normal8(x).adding(x * exp8(x * x * -0.5), times: F8(repeating: 0.39894228))
    }
  case .geluTanh:
    map(n, saved, dy, dx) { x, dy in
      let s = sigmoid8(geluArgument(x) * 2)
      let slope = (x * x * 0.134145 + 1) * 0.7978846
      return dy * (s + x * 2 * s * (1 - s) * slope)
    }
  case .quickGelu:
    map(n, saved, dy, dx) { x, dy in
      let s = sigmoid8(x * 1.702)
      return dy * (s + x * 1.702 * s * (1 - s))
    }
  case .silu:
    map(n, saved, dy, dx) { x, dy in
      let s = sigmoid8(x)
      return dy * (s + x * s * (1 - s))
    }
  case .softplus: map(n, saved, dy, dx) { x, dy in dy * sigmoid8(x) }
  case .logSigmoid: map(n, saved, dy, dx) { x, dy in dy * sigmoid8(-x) }
  case .logit: map(n, saved, dy, dx) { x, dy in dy / (x * (1 - x)) }
  }
}

/// Φ(x), the distribution function of the standard normal.
@inline(__always)
private func normal8(_ x: F8) -> F8 {
  F8(repeating: 0.5).adding(erf8(x * 0.70710678), times: F8(repeating: 0.5))
}

/// √(2/π) (x + 0.044715 x³)
@inline(__always)
private func geluArgument(_ x: F8) -> F8 {
  x * (x * x * 0.044715 + 1) * 0.7978846
}

@inline(__always)
private func power8(_ x: F8, _ p: Float) -> F8 {
  if p >= 0 && p <= 8 && p == p.rounded() {
    var result = F8(repeating: 1)
    for _ in 0..<Int(p) { result *= x }
    return result
  }
  return exp8(log8(x) * p)
}

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
  // A side that stands still is spread over one vector, which the loop reads again and again.
  var (aVector, bVector) = (F8(), F8())
  if aStep == 0 && n > 0 { aVector = F8(repeating: a[0]) }
  if bStep == 0 && n > 0 { bVector = F8(repeating: b[0]) }
  parallelFor(n, grain: elementGrain) { part in
    switch (aStep, bStep) {
    case (1, 1):
      inVectors(part, a, b, y) { combinePart(operation, $0, $1, $2, $3) }
    case (1, _):
      inVectors(part, a, a, y) { combinePart(operation, $0, $1, bVector, $3) }
    default:
      inVectors(part, b, b, y) { combinePart(operation, $0, aVector, $1, $3) }
    }
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
  _ operation: Arithmetic, _ n: Int, _ a: UnsafePointer<Float>, _ b: F8,
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
  _ operation: Arithmetic, _ n: Int, _ a: F8, _ b: UnsafePointer<Float>,
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
  let (factor, addend) = (F8(repeating: scale), F8(repeating: offset))
  parallelFor(n, grain: elementGrain) { part in
    inVectors(part, x, x, y) { n, x, _, y in
      map(n, x, y) { addend.adding($0, times: factor) }
    }
  }
}

/// y += scale · x
public func accumulate(
  _ n: Int, _ x: UnsafePointer<Float>, scale: Float = 1, into y: UnsafeMutablePointer<Float>
) {
  let factor = F8(repeating: scale)
  parallelFor(n, grain: elementGrain) { part in
    inVectors(part, x, y, y) { n, x, old, y in
      map(n, old, x, y) { old, x in old.adding(x, times: factor) }
    }
  }
}

/// Sets n values.
public func fill(_ n: Int, _ y: UnsafeMutablePointer<Float>, with value: Float) {
  y.update(repeating: value, count: n)
}

/// The first value that is NaN or infinite, or nil.
public func firstNonFinite(_ n: Int, _ x: UnsafePointer<Float>) -> Int? {
  // x · 0 is 0 for finite x and NaN otherwise, so one sum per block tells.
  let block = 4096
  var start = 0
  while start < n {
    let end = min(n, start + block)
    var sum = F8()
    var i = start
    while i + 8 <= end {
      sum += x.load8(i) * 0
      i += 8
    }
    var rest: Float = 0
    while i < end {
      rest += x[i] * 0
      i += 1
    }
    if horizontalSum(sum) + rest != 0 {
      return (start..<end).first { !x[$0].isFinite }
    }
    start = end
  }
  return nil
}

// MARK: - Loops
//
// A function's closure is compiled into a loop only when the loop has one place that calls
// it. So the loops take whole vectors, and the few values at the end of a range go through
// them once more in a padded copy.

/// Calls `body(count, x, w, y)` for the whole vectors of a range, then for a padded copy of
/// the rest.
@inline(__always)
private func inVectors(
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

@inline(__always)
private func map(
  _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ f: (F8) -> F8
) {
  var i = 0
  while i < n {
    y.store8(i, f(x.load8(i)))
    i &+= 8
  }
}

@inline(__always)
private func map(
  _ n: Int, _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, _ f: (F8, F8) -> F8
) {
  var i = 0
  while i < n {
    y.store8(i, f(x.load8(i), w.load8(i)))
    i &+= 8
  }
}
