// Products in bf16, "brain floating point": a float without the lower 16 bits of its fraction. It has
// the range of a float and two to three decimal digits.

/// The nearest bf16 number, the one with an even last bit of two equally near. NaN stays NaN.
public func roundedToBrainFloat(_ x: Float) -> Float {
  if x.isNaN { return x }
  let bits = x.bitPattern
  // Adding just below half of the last place that stays carries into it, or not.
  let lastBit = bits >> 16 & 1
  return Float(bitPattern: (bits &+ 0x7FFF &+ lastBit) & 0xFFFF_0000)
}

/// C = A · B with factors in bf16 and sums in f32: A [M, K], B [K, N] → C [M, N].
public func brainFloatProduct(_ a: [Float], _ b: [Float], m: Int, k: Int, n: Int) -> [Float] {
  matrixProduct(a.map(roundedToBrainFloat), b.map(roundedToBrainFloat), m: m, k: k, n: n)
}
