// The functions of PlainKernels/Math.swift (exp, log, tanh, erf) and the logistic function, on
// sixteen floats at once and within a few units in the last place of the exact value. They are fast
// because they have no branches: polynomials, and the bits of the exponent as whole numbers. The
// coefficients are our own least-squares fits (relative error, Chebyshev nodes, weights sharpened
// until the error is level), rounded to Float.

import CSupport

/// eˣ: 0 below -87.33, infinity above 88.72, NaN for NaN.
@inlinable @inline(__always)
public func exp16(_ x: F16) -> F16 {
  // x = n ln 2 + r with |r| ≤ ln 2 / 2, so eˣ = 2ⁿ eʳ. Adding and subtracting 1.5·2²³ rounds.
  let bounded = clamp(x, -88, 88.8)
  let magic = F16(repeating: 12_582_912)
  let shifted = magic.adding(bounded, times: F16(repeating: 1.44269504))
  let n = shifted - magic
  // ln 2 in two parts: the first has few bits, so n times it is exact.
  var r = bounded.adding(n, times: F16(repeating: -0.693359375))
  r = r.adding(n, times: F16(repeating: 2.12194440e-4))
  let p = F16(repeating: 0.0013814471)
    .times(r, plus: 0.008368781)
    .times(r, plus: 0.041668393)
    .times(r, plus: 0.1666652)
    .times(r, plus: 0.49999994)
  let e = (r + 1).adding(p, times: r * r)
  return ifLess(x, -87.33, F16(), f16_scale(e, n))
}

/// Natural logarithm: -infinity at 0, NaN below 0, infinity at infinity.
@inlinable @inline(__always)
public func log16(_ x: F16) -> F16 {
  // Subnormal numbers are scaled into the normal range first.
  let tiny = F16(repeating: Float.leastNormalMagnitude)
  let scaled = ifLess(x, tiny, x * 8_388_608, x)
  let bits = unsafeBitCast(scaled, to: SIMD16<Int32>.self)
  // x = 2ⁿ (1 + f) with 1 + f between √½ and √2.
  let offset = bits &- 0x3F35_04F3
  let n = F16(offset &>> 23) + ifLess(x, tiny, F16(repeating: -23), F16())
  let f = unsafeBitCast((offset & 0x007F_FFFF) &+ 0x3F35_04F3, to: F16.self) - 1
  let (mantissa, square) = mantissaLogarithm(f)
  var result = (n * -2.12194440e-4).adding(mantissa, times: square * f)
  result = result.adding(square, times: F16(repeating: -0.5)) + f
  result = result.adding(n, times: F16(repeating: 0.693359375))
  result = ifEqual(x, .infinity, x, result)
  result = ifEqual(x, 0, F16(repeating: -.infinity), result)
  return ifLessOrEqual(F16(), x, result, F16(repeating: .nan))
}

/// p and f² of ln(1 + f) = f - f²/2 + p f³, for 1 + f between √½ and √2.
@inlinable @inline(__always)
func mantissaLogarithm(_ f: F16) -> (p: F16, square: F16) {
  let p = F16(repeating: -0.076343894)
    .times(f, plus: 0.12761538)
    .times(f, plus: -0.13160203)
    .times(f, plus: 0.14201765)
    .times(f, plus: -0.16623355)
    .times(f, plus: 0.20001227)
    .times(f, plus: -0.25000823)
    .times(f, plus: 0.3333333)
  return (p, f * f)
}

/// ln(1 + x) for x between 0 and 1, also where 1 + x would lose the digits of x.
@inlinable @inline(__always)
public func log1p16(_ x: F16) -> F16 {
  let (p, square) = mantissaLogarithm(x)
  let small = (square * F16(repeating: -0.5)).adding(p, times: square * x) + x
  return ifLess(x, 0.4, small, log16(x + 1))
}

/// Hyperbolic tangent: an odd rational function of degree 9 over 8, ±1 beyond ±9.
@inlinable @inline(__always)
public func tanh16(_ x: F16) -> F16 {
  let t = clamp(x, -9, 9)
  let u = t * t
  let p = F16(repeating: 1.3354811e-08)
    .times(u, plus: 2.0609203e-05)
    .times(u, plus: 0.0034955961)
    .times(u, plus: 0.13381033)
    .times(u, plus: 1)
  let q = F16(repeating: 7.7766231e-07)
    .times(u, plus: 0.00032856473)
    .times(u, plus: 0.025877012)
    .times(u, plus: 0.46714348)
    .times(u, plus: 1)
  return clamp(t * p / q, -1, 1)
}

/// Error function: an odd rational function of degree 11 over 10, ±1 beyond ±3.9.
@inlinable @inline(__always)
public func erf16(_ x: F16) -> F16 {
  let t = clamp(x, -3.9, 3.9)
  let u = t * t
  let p = F16(repeating: 2.0664809e-06)
    .times(u, plus: 0.00028506169)
    .times(u, plus: 0.0037383169)
    .times(u, plus: 0.052667994)
    .times(u, plus: 0.18966612)
    .times(u, plus: 1.1283791)
  let q = F16(repeating: 3.827007e-05)
    .times(u, plus: 0.0011573693)
    .times(u, plus: 0.014914219)
    .times(u, plus: 0.11381868)
    .times(u, plus: 0.50142002)
    .times(u, plus: 1)
  return clamp(t * p / q, -1, 1)
}

/// Logistic function 1 / (1 + e⁻ˣ).
@inlinable @inline(__always)
public func sigmoid16(_ x: F16) -> F16 {
  F16(repeating: 1) / (exp16(-x) + 1)
}

/// ln(1 + eˣ) without overflow: max(x, 0) + ln(1 + e^-|x|).
@inlinable @inline(__always)
public func softplus16(_ x: F16) -> F16 {
  ifLess(x, 0, F16(), x) + log1p16(exp16(-absolute(x)))
}
