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
  switch f {
  case .exp: map(n, x, y) { exp8($0) }
  case .log: map(n, x, y) { log8($0) }
  case .squareRoot: map(n, x, y) { Vectors.squareRoot($0) }
  case .reciprocalSquareRoot: map(n, x, y) { 1 / Vectors.squareRoot($0) }
  case .square: map(n, x, y) { $0 * $0 }
  case .power(let p): map(n, x, y) { power8($0, p) }
  case .absolute: map(n, x, y) { Vectors.absolute($0) }
  case .negative: map(n, x, y) { -$0 }
  case .clamp(let low, let high):
    map(n, x, y) {
      $0.replacing(with: F8(repeating: low), where: $0 .< low)
        .replacing(with: F8(repeating: high), where: $0 .> high)
    }
  case .relu: map(n, x, y) { $0.replacing(with: F8(), where: $0 .< 0) }
  case .leakyRelu(let slope): map(n, x, y) { $0.replacing(with: $0 * slope, where: $0 .< 0) }
  case .sigmoid: map(n, x, y) { sigmoid8($0) }
  case .tanh: map(n, x, y) { tanh8($0) }
  case .gelu: map(n, x, y) { $0 * normal8($0) }
  case .geluTanh: map(n, x, y) { $0 * (tanh8(geluArgument($0)) + 1) * 0.5 }
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
  switch f {
  case .exp: map(n, saved, dy, dx) { y, dy in dy * y }
  case .log: map(n, saved, dy, dx) { x, dy in dy / x }
  case .squareRoot: map(n, saved, dy, dx) { y, dy in dy * 0.5 / y }
  case .reciprocalSquareRoot: map(n, saved, dy, dx) { y, dy in dy * y * y * y * -0.5 }
  case .square: map(n, saved, dy, dx) { x, dy in dy * x * 2 }
  case .power(let p): map(n, saved, dy, dx) { x, dy in dy * p * power8(x, p - 1) }
  case .absolute:
    map(n, saved, dy, dx) { x, dy in
      dy.replacing(with: -dy, where: x .< 0).replacing(with: F8(), where: x .== 0)
    }
  case .negative: map(n, dy, dx) { -$0 }
  case .clamp(let low, let high):
    map(n, saved, dy, dx) { x, dy in dy.replacing(with: F8(), where: (x .< low) .| (x .> high)) }
  case .relu: map(n, saved, dy, dx) { y, dy in dy.replacing(with: F8(), where: y .<= 0) }
  case .leakyRelu(let slope):
    map(n, saved, dy, dx) { x, dy in dy.replacing(with: dy * slope, where: x .<= 0) }
  case .sigmoid: map(n, saved, dy, dx) { y, dy in dy * y * (1 - y) }
  case .tanh: map(n, saved, dy, dx) { y, dy in dy * (1 - y * y) }
  case .gelu:
    // (x Φ)' = Φ + x φ with the density φ(x) = e^(-x²/2) / √(2π).
    map(n, saved, dy, dx) { x, dy in
      dy * normal8(x).adding(x * exp8(x * x * -0.5), times: F8(repeating: 0.39894228))
    }
  case .geluTanh:
    map(n, saved, dy, dx) { x, dy in
      let t = tanh8(geluArgument(x))
      let slope = (x * x * 0.134145 + 1) * 0.7978846
      return dy * 0.5 * (1 + t + x * (1 - t * t) * slope)
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
  switch operation {
  case .add: zip(n, a, aStep, b, bStep, y) { $0 + $1 }
  case .subtract: zip(n, a, aStep, b, bStep, y) { $0 - $1 }
  case .multiply: zip(n, a, aStep, b, bStep, y) { $0 * $1 }
  case .divide: zip(n, a, aStep, b, bStep, y) { $0 / $1 }
  }
}

/// y = scale · x + offset; x and y may be the same memory.
public func affine(
  _ n: Int, _ x: UnsafePointer<Float>, scale: Float, offset: Float,
  _ y: UnsafeMutablePointer<Float>
) {
  map(n, x, y) { F8(repeating: offset).adding($0, times: F8(repeating: scale)) }
}

/// y += scale · x
public func accumulate(
  _ n: Int, _ x: UnsafePointer<Float>, scale: Float = 1, into y: UnsafeMutablePointer<Float>
) {
  map(n, x, UnsafePointer(y), y) { x, y in y.adding(x, times: F8(repeating: scale)) }
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

@inline(__always)
private func map(
  _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ f: (F8) -> F8
) {
  parallelFor(n, grain: elementGrain) { range in
    var i = range.lowerBound
    while i + 8 <= range.upperBound {
      y.store8(i, f(x.load8(i)))
      i += 8
    }
    let rest = range.upperBound - i
    if rest > 0 { f(partial(x + i, rest)).store(y + i, rest) }
  }
}

@inline(__always)
private func map(
  _ n: Int, _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, _ f: (F8, F8) -> F8
) {
  parallelFor(n, grain: elementGrain) { range in
    var i = range.lowerBound
    while i + 8 <= range.upperBound {
      y.store8(i, f(x.load8(i), w.load8(i)))
      i += 8
    }
    let rest = range.upperBound - i
    if rest > 0 { f(partial(x + i, rest), partial(w + i, rest)).store(y + i, rest) }
  }
}

@inline(__always)
private func zip(
  _ n: Int, _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int,
  _ y: UnsafeMutablePointer<Float>, _ f: (F8, F8) -> F8
) {
  if aStep == 1 && bStep == 1 {
    map(n, a, b, y, f)
  } else if aStep == 1 {
    let value = F8(repeating: b[0])
    map(n, a, y) { f($0, value) }
  } else {
    let value = F8(repeating: a[0])
    if bStep == 1 { map(n, b, y) { f(value, $0) } } else { fill(n, y, with: f(value, F8(repeating: b[0]))[0]) }
  }
}
