// The Gaussian error linear unit (Hendrycks and Gimpel, 2016), each function with its derivative
// below it.

/// x Φ(x), with Φ(x) = (1 + erf(x / √2)) / 2 the distribution function of the standard normal.
public func gelu(_ x: Float) -> Float {
  x * 0.5 * (1 + erf(x * 0.70710678))
}

/// The derivative of `gelu`: Φ(x) + x φ(x), with the density φ(x) = e^(-x²/2) / √(2π).
public func geluDerivative(_ x: Float) -> Float {
  0.5 * (1 + erf(x * 0.70710678)) + x * 0.39894228 * exp(-x * x / 2)
}

/// GELU with Φ(x) ≈ (1 + tanh z) / 2, z = √(2/π) (x + 0.044715 x³), as in GPT-2.
public func geluTanh(_ x: Float) -> Float {
  x * 0.5 * (1 + tanh(0.7978846 * (x + 0.044715 * x * x * x)))
}

/// The derivative of `geluTanh`: (1 + t) / 2 + x (1 - t²) / 2 · z' with t = tanh z.
public func geluTanhDerivative(_ x: Float) -> Float {
  let t = tanh(0.7978846 * (x + 0.044715 * x * x * x))
  let slope = 0.7978846 * (1 + 3 * 0.044715 * x * x)
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope
}
