// exp, log, tanh, erf and the logistic function on eight floats, within a few units in the
// last place of the exact value. The coefficients are our own least-squares fits (relative
// error, Chebyshev nodes, weights sharpened until the error is level), rounded to Float.

/// eˣ: 0 below -87.33, infinity above 88.72, NaN for NaN.
@inlinable @inline(__always)
public func exp8(_ x: F8) -> F8 {
  // x = n ln 2 + r with |r| ≤ ln 2 / 2, so eˣ = 2ⁿ eʳ. Adding and subtracting 1.5·2²³ rounds.
  let bounded = clamp(x, -88, 88.8)
  let magic = F8(repeating: 12_582_912)
  let shifted = magic.adding(bounded, times: F8(repeating: 1.44269504))
  let n = shifted - magic
  // ln 2 in two parts: the first has few bits, so n times it is exact.
  var r = bounded.adding(n, times: F8(repeating: -0.693359375))
  r = r.adding(n, times: F8(repeating: 2.12194440e-4))
  var p = F8(repeating: 0.0013814471)
  p = F8(repeating: 0.008368781).adding(p, times: r)
  p = F8(repeating: 0.041668393).adding(p, times: r)
  p = F8(repeating: 0.1666652).adding(p, times: r)
  p = F8(repeating: 0.49999994).adding(p, times: r)
  let e = (r + 1).adding(p, times: r * r)
  // 2ⁿ is built in two factors so that n = 128 does not leave the exponent's range.
  let exponent =
    unsafeBitCast(shifted, to: SIMD8<Int32>.self)
    &- 0x4B40_0000
  let half = exponent &>> 1
  let scale1 = unsafeBitCast((half &+ 127) &<< 23, to: F8.self)
  let scale2 = unsafeBitCast((exponent &- half &+ 127) &<< 23, to: F8.self)
  return ifLess(x, -87.33, F8(), e * scale1 * scale2)
}

/// Natural logarithm: -infinity at 0, NaN below 0, infinity at infinity.
@inlinable @inline(__always)
public func log8(_ x: F8) -> F8 {
  // Subnormal numbers are scaled into the normal range first.
  let tiny = F8(repeating: Float.leastNormalMagnitude)
  let scaled = ifLess(x, tiny, x * 8_388_608, x)
  let bits = unsafeBitCast(scaled, to: SIMD8<Int32>.self)
  // x = 2ⁿ (1 + f) with 1 + f between √½ and √2.
  let offset = bits &- 0x3F35_04F3
  let n = F8(offset &>> 23) + ifLess(x, tiny, F8(repeating: -23), F8())
  let f = unsafeBitCast((offset & 0x007F_FFFF) &+ 0x3F35_04F3, to: F8.self) - 1
  var p = F8(repeating: -0.076343894)
  p = F8(repeating: 0.12761538).adding(p, times: f)
  p = F8(repeating: -0.13160203).adding(p, times: f)
  p = F8(repeating: 0.14201765).adding(p, times: f)
  p = F8(repeating: -0.16623355).adding(p, times: f)
  p = F8(repeating: 0.20001227).adding(p, times: f)
  p = F8(repeating: -0.25000823).adding(p, times: f)
  p = F8(repeating: 0.3333333).adding(p, times: f)
  let square = f * f
  var result = (n * -2.12194440e-4).adding(p, times: square * f)
  result = result.adding(square, times: F8(repeating: -0.5)) + f
  result = result.adding(n, times: F8(repeating: 0.693359375))
  result = ifEqual(x, .infinity, x, result)
  result = ifEqual(x, 0, F8(repeating: -.infinity), result)
  return ifLessOrEqual(F8(), x, result, F8(repeating: .nan))
}

/// Hyperbolic tangent: an odd rational function of degree 9 over 8, ±1 beyond ±9.
@inlinable @inline(__always)
public func tanh8(_ x: F8) -> F8 {
  let t = clamp(x, -9, 9)
  let u = t * t
  var p = F8(repeating: 1.3354811e-08)
  p = F8(repeating: 2.0609203e-05).adding(p, times: u)
  p = F8(repeating: 0.0034955961).adding(p, times: u)
  p = F8(repeating: 0.13381033).adding(p, times: u)
  p = F8(repeating: 1).adding(p, times: u)
  var q = F8(repeating: 7.7766231e-07)
  q = F8(repeating: 0.00032856473).adding(q, times: u)
  q = F8(repeating: 0.025877012).adding(q, times: u)
  q = F8(repeating: 0.46714348).adding(q, times: u)
  q = F8(repeating: 1).adding(q, times: u)
  return clamp(t * p / q, -1, 1)
}

/// Error function: an odd rational function of degree 11 over 10, ±1 beyond ±3.9.
@inlinable @inline(__always)
public func erf8(_ x: F8) -> F8 {
  let t = clamp(x, -3.9, 3.9)
  let u = t * t
  var p = F8(repeating: 2.0664809e-06)
  p = F8(repeating: 0.00028506169).adding(p, times: u)
  p = F8(repeating: 0.0037383169).adding(p, times: u)
  p = F8(repeating: 0.052667994).adding(p, times: u)
  p = F8(repeating: 0.18966612).adding(p, times: u)
  p = F8(repeating: 1.1283791).adding(p, times: u)
  var q = F8(repeating: 3.827007e-05)
  q = F8(repeating: 0.0011573693).adding(q, times: u)
  q = F8(repeating: 0.014914219).adding(q, times: u)
  q = F8(repeating: 0.11381868).adding(q, times: u)
  q = F8(repeating: 0.50142002).adding(q, times: u)
  q = F8(repeating: 1).adding(q, times: u)
  return clamp(t * p / q, -1, 1)
}

/// Logistic function 1 / (1 + e⁻ˣ).
@inlinable @inline(__always)
public func sigmoid8(_ x: F8) -> F8 {
  F8(repeating: 1) / (exp8(-x) + 1)
}

/// ln(1 + eˣ) without overflow: max(x, 0) + ln(1 + e^-|x|).
@inlinable @inline(__always)
public func softplus8(_ x: F8) -> F8 {
  let e = exp8(-absolute(x))
  // ln(1 + e) loses its digits for small e; there the series e - e²/2 is exact enough.
  let tail = ifLess(e, 1e-3, e - e * e * 0.5, log8(e + 1))
  return ifLess(x, 0, F8(), x) + tail
}
