// Functions of one value, each with its derivative below it: PlainKernels/GELU.swift and its
// relatives for whole tensors. They are fast because a loop handles sixteen values at once in
// functions without branches (Vectors/Functions.swift) and chunks of 16,384 values share the
// threads.

import Vectors

/// A function that is applied to every value of a tensor.
public enum ElementwiseFunction: Equatable, Sendable {
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
  /// |x|, with derivative 0 at 0.
  case absolute
  /// -x
  case negative
  /// x cut to a range; the derivative is 1 on its ends.
  case clamp(Float, Float)
  /// ln(x / (1 - x))
  case logit
  /// 1 / (1 + e⁻ˣ)
  case sigmoid
  /// Hyperbolic tangent.
  case tanh
  /// ln(1 + eˣ)
  case softplus
  /// max(x, 0), with derivative 0 at 0.
  case relu
  /// x, or slope · x for x ≤ 0.
  case leakyRelu(Float)
  /// x Φ(x) with the exact normal distribution function Φ (Hendrycks and Gimpel, 2016).
  case gelu
  /// GELU with the tanh approximation of Φ, as in GPT-2.
  case geluTanh
  /// x σ(1.702 x), as in CLIP.
  case quickGelu

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
  _ f: ElementwiseFunction, _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  parallelFor(n, grain: elementGrain) { part in
    inVectors(part, x, x, y) { n, x, _, y in run(f, Pass(n: n, x: x, dy: nil, result: y)) }
  }
}

/// dx = dy · f'(x). `saved` holds x or y = f(x), as `f.needs` says; dx may be dy.
public func applyGradient(
  _ f: ElementwiseFunction, _ n: Int, saved: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dx: UnsafeMutablePointer<Float>
) {
  parallelFor(n, grain: elementGrain) { part in
    inVectors(part, saved, dy, dx) { n, x, dy, dx in
      run(f, Pass(n: n, x: x, dy: dy, result: dx))
    }
  }
}

/// One pass over whole vectors: forward, or backward when there is a gradient of the result.
private struct Pass {
  let n: Int
  /// The input of the function; in a backward pass its result, if `needs` says so.
  let x: UnsafePointer<Float>
  let dy: UnsafePointer<Float>?
  let result: UnsafeMutablePointer<Float>

  /// y = f(x), in a forward pass.
  @inline(__always)
  func value(_ f: (F16) -> F16) {
    if dy == nil { map(n, x, result, f) }
  }

  /// dx = f(x or y, dy), in a backward pass.
  @inline(__always)
  func gradient(_ f: (F16, F16) -> F16) {
    if let dy { map(n, x, dy, result, f) }
  }
}

/// Exponentials and roots.
private func run(_ f: ElementwiseFunction, _ pass: Pass) {
  switch f {
  case .exp:
    pass.value(exp16)
    pass.gradient { y, dy in dy * y }
  case .log:
    pass.value(log16)
    pass.gradient(logGradient)
  case .squareRoot:
    pass.value(Vectors.squareRoot)
    pass.gradient(squareRootGradient)
  case .reciprocalSquareRoot:
    pass.value { 1 / Vectors.squareRoot($0) }
    pass.gradient(reciprocalSquareRootGradient)
  default: runArithmetic(f, pass)
  }
}

/// Functions of a few operations.
private func runArithmetic(_ f: ElementwiseFunction, _ pass: Pass) {
  switch f {
  case .square:
    pass.value { $0 * $0 }
    pass.gradient(squareGradient)
  case .absolute:
    pass.value(Vectors.absolute)
    pass.gradient { x, dy in ifEqual(x, 0, F16(), ifLess(x, 0, -dy, dy)) }
  case .negative:
    pass.value { -$0 }
    pass.gradient { _, dy in -dy }
  case .clamp(let low, let high):
    pass.value { Vectors.clamp($0, low, high) }
    pass.gradient { x, dy in
      ifLess(x, low, F16(), ifLess(F16(repeating: high), x, F16(), dy))
    }
  case .relu:
    pass.value { ifLess($0, 0, F16(), $0) }
    pass.gradient { y, dy in ifLessOrEqual(y, 0, F16(), dy) }
  case .leakyRelu(let slope):
    pass.value { ifLess($0, 0, $0 * slope, $0) }
    pass.gradient { x, dy in ifLessOrEqual(x, 0, dy * slope, dy) }
  default: runSigmoid(f, pass)
  }
}

/// The logistic function and its relatives.
private func runSigmoid(_ f: ElementwiseFunction, _ pass: Pass) {
  switch f {
  case .sigmoid:
    pass.value(sigmoid16)
    pass.gradient(sigmoidGradient)
  case .tanh:
    pass.value(tanh16)
    pass.gradient(tanhGradient)
  case .softplus:
    pass.value(softplus16)
    pass.gradient(softplusGradient)
  case .logit:
    pass.value(logit)
    pass.gradient(logitGradient)
  case .gelu:
    pass.value(gelu)
    pass.gradient(geluGradient)
  case .geluTanh:
    pass.value(geluTanh)
    pass.gradient(geluTanhGradient)
  case .quickGelu:
    pass.value(quickGelu)
    pass.gradient(quickGeluGradient)
  case .exp, .log, .squareRoot, .reciprocalSquareRoot, .square, .absolute, .negative, .clamp, .relu,
    .leakyRelu:
    break  // The lists above have these.
  }
}

// MARK: - Functions by name

// A loop takes in a function of more than one multiplication only if it is told to: a closure with
// its body would be called for every vector, which travels in quarters.

@inline(__always)
private func logGradient(_ x: F16, _ dy: F16) -> F16 { dy / x }

@inline(__always)
private func squareRootGradient(_ y: F16, _ dy: F16) -> F16 { dy * 0.5 / y }

@inline(__always)
private func squareGradient(_ x: F16, _ dy: F16) -> F16 { dy * x * 2 }

@inline(__always)
private func sigmoidGradient(_ y: F16, _ dy: F16) -> F16 { dy * y * (1 - y) }

@inline(__always)
private func tanhGradient(_ y: F16, _ dy: F16) -> F16 { dy * (1 - y * y) }

@inline(__always)
private func logitGradient(_ x: F16, _ dy: F16) -> F16 { dy / (x * (1 - x)) }

@inline(__always)
private func reciprocalSquareRootGradient(_ y: F16, _ dy: F16) -> F16 { dy * y * y * y * -0.5 }

@inline(__always)
private func logit(_ x: F16) -> F16 { log16(x / (1 - x)) }

@inline(__always)
private func softplusGradient(_ x: F16, _ dy: F16) -> F16 { dy * sigmoid16(x) }

@inline(__always)
private func gelu(_ x: F16) -> F16 { x * normal16(x) }

/// (x Φ)' = Φ + x φ with the density φ(x) = e^(-x²/2) / √(2π).
@inline(__always)
private func geluGradient(_ x: F16, _ dy: F16) -> F16 {
  dy * normal16(x).adding(x * exp16(x * x * -0.5), times: F16(repeating: 0.39894228))
}

/// (1 + tanh z) / 2 = σ(2z), which does not lose the small values below 0.
@inline(__always)
private func geluTanh(_ x: F16) -> F16 { x * sigmoid16(geluArgument(x) * 2) }

@inline(__always)
private func geluTanhGradient(_ x: F16, _ dy: F16) -> F16 {
  let s = sigmoid16(geluArgument(x) * 2)
  let slope = (x * x * 0.134145 + 1) * 0.7978846
  return dy * (s + x * 2 * s * (1 - s) * slope)
}

@inline(__always)
private func quickGelu(_ x: F16) -> F16 { x * sigmoid16(x * 1.702) }

@inline(__always)
private func quickGeluGradient(_ x: F16, _ dy: F16) -> F16 {
  let s = sigmoid16(x * 1.702)
  return dy * (s + x * 1.702 * s * (1 - s))
}

/// Φ(x), the distribution function of the standard normal.
@inline(__always)
private func normal16(_ x: F16) -> F16 {
  F16(repeating: 0.5).adding(erf16(x * 0.70710678), times: F16(repeating: 0.5))
}

/// √(2/π) (x + 0.044715 x³)
@inline(__always)
private func geluArgument(_ x: F16) -> F16 {
  x * (x * x * 0.044715 + 1) * 0.7978846
}
