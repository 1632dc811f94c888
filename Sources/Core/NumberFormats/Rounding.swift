// Rounding one number to a format, and its bits: the plain form.

extension FloatFormat {
  /// The nearest number of this format, the one with an even last bit of two equally near.
  ///
  /// Numbers that round beyond the largest become infinite if the format has infinity; else they,
  /// and infinity itself, become the largest. Without a sign, numbers below 0 become 0. Zero keeps
  /// its sign if there is one. NaN stays NaN, so that a calculation shows it, also in a format that
  /// cannot store it.
  public func rounded(_ x: Float) -> Float {
    if x.isNaN { return x }
    if !isSigned && x <= 0 { return 0 }
    var y = x
    if x.isFinite && x != 0 {
      // Neighbours are `step` apart; below the normal numbers they come no closer.
      let exponent = max(Int(x.exponent), exponents.lowerBound)
      let step = powerOfTwo(exponent - significandBits)
      y = (x / step).rounded(.toNearestOrEven) * step
    }
    if abs(y) <= largest { return y }
    return Float(signOf: x, magnitudeOf: hasInfinity ? .infinity : largest)
  }

  /// The bits of the nearest number, in the lower `bitCount` bits. NaN keeps the first bits of its
  /// payload; a format without infinity has no bits for it.
  public func encoded(_ x: Float) -> UInt16 {
    precondition(hasInfinity || !x.isNaN, "the format \(self) without infinity has no NaN")
    let y = rounded(x)
    let sign: UInt16 = isSigned && y.sign == .minus ? 1 << (bitCount - 1) : 0
    return sign | encodedMagnitude(y.magnitude)
  }

  private func encodedMagnitude(_ y: Float) -> UInt16 {
    let allOnes = UInt16(1 << exponentBits - 1) << significandBits
    if y.isNaN {
      let payload = UInt16(y.bitPattern >> (23 - significandBits) & (1 << significandBits - 1))
      return allOnes | (payload == 0 ? 1 : payload)
    }
    if y.isInfinite { return allOnes }
    if y < leastNormal { return UInt16(y / leastSubnormal) }
    let fraction = UInt16((y.significand - 1) * powerOfTwo(significandBits))
    return UInt16(Int(y.exponent) + bias) << significandBits | fraction
  }

  /// The number that some bits stand for. Bits above the lower `bitCount` must be 0.
  public func decoded(_ bits: UInt16) -> Float {
    precondition(
      bitCount == 16 || bits >> bitCount == 0,
      "\(String(bits, radix: 2)) has more bits than the \(bitCount) of the format \(self)")
    let isNegative = isSigned && bits >> (bitCount - 1) == 1
    let fraction = Int(bits) & (1 << significandBits - 1)
    let code = Int(bits) >> significandBits & (1 << exponentBits - 1)
    let magnitude: Float
    if hasInfinity && code == 1 << exponentBits - 1 {
      magnitude = Float(
        bitPattern: Float.infinity.bitPattern | UInt32(fraction) << (23 - significandBits))
    } else if code == 0 {
      magnitude = Float(fraction) * leastSubnormal
    } else {
      magnitude = (1 + Float(fraction) * powerOfTwo(-significandBits)) * powerOfTwo(code - bias)
    }
    return Float(bitPattern: magnitude.bitPattern | (isNegative ? 1 << 31 : 0))
  }
}
