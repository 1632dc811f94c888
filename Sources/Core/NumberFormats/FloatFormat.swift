// Floating-point formats of up to 16 bits as values: how many bits the exponent and the significand
// have decides what a number can hold. DALL·E was trained in three of them (Ramesh et al., 2021,
// section 2.4 and appendices D and E).

/// A floating-point format: a sign if there is one, an exponent, and a significand with a hidden
/// leading 1, as in IEEE 754.
///
/// With exponent code e and significand code f, S bits long, a pattern of bits stands for
///
///     2^(e - bias) · (1 + f / 2^S)    if e > 0
///     2^(1 - bias) · f / 2^S          if e = 0: zero and the subnormal numbers
///
/// Where the format has infinity, it and NaN take the largest exponent code.
public struct FloatFormat: Hashable, Sendable {
  /// Whether the first bit is a sign. Without one there are no numbers below 0.
  public let isSigned: Bool
  /// Bits of the exponent, 2 or more.
  public let exponentBits: Int
  /// Bits of the significand that are stored, 1 or more.
  public let significandBits: Int
  /// What is subtracted from an exponent's code.
  public let bias: Int
  /// Whether the largest exponent code is kept for infinity and NaN, as in IEEE 754.
  public let hasInfinity: Bool

  /// A format. It has 16 bits or fewer, and its normal numbers must be normal `Float`s.
  public init(
    isSigned: Bool = true, exponentBits: Int, significandBits: Int, bias: Int,
    hasInfinity: Bool = true
  ) {
    self.isSigned = isSigned
    self.exponentBits = exponentBits
    self.significandBits = significandBits
    self.bias = bias
    self.hasInfinity = hasInfinity
    precondition(
      exponentBits >= 2 && significandBits >= 1 && bitCount <= 16,
      "a format has 2 or more bits of exponent, 1 or more of significand and 16 in all, not "
        + "\(exponentBits), \(significandBits) and \(bitCount)")
    let lowest = max(1, largestCode - 127)
    precondition(
      bias >= lowest && bias <= 127,
      "the normal numbers of a format \(self) are normal Floats for a bias from \(lowest) to 127, "
        + "not \(bias)")
  }

  /// The code of the exponent of the largest numbers.
  private var largestCode: Int { (1 << exponentBits) - (hasInfinity ? 2 : 1) }
}

// MARK: - Formats that DALL·E used, and bf16

extension FloatFormat {
  /// 1-5-10, IEEE 754's binary16: up to 65,504; activations, their gradients and most parameters.
  public static let half = FloatFormat(exponentBits: 5, significandBits: 10, bias: 15)

  /// 1-8-7, the upper half of a `Float`.
  public static let bfloat16 = FloatFormat(exponentBits: 8, significandBits: 7, bias: 127)

  /// 1-6-9, for Adam's mean and for PowerSGD's buffers. Its largest number lies just below 16, as
  /// the paper says of it. That leaves a bias of 59 if infinity is kept; the paper gives no bias.
  public static let adamMean = FloatFormat(exponentBits: 6, significandBits: 9, bias: 59)

  /// 0-6-10, for Adam's variance, which is never below 0. The paper gives no bias; this is that of
  /// `adamMean`, and the variance is cut at 5 anyway.
  public static let adamVariance = FloatFormat(
    isSigned: false, exponentBits: 6, significandBits: 10, bias: 59)
}

// MARK: - What a format can hold

extension FloatFormat {
  /// Bits of a number.
  public var bitCount: Int { (isSigned ? 1 : 0) + exponentBits + significandBits }

  /// The exponents of normal numbers: -14 ... 15 for 1-5-10.
  public var exponents: ClosedRange<Int> { 1 - bias...largestCode - bias }

  /// The largest finite number.
  public var largest: Float {
    powerOfTwo(exponents.upperBound) * (2 - powerOfTwo(-significandBits))
  }

  /// The smallest number with full precision.
  public var leastNormal: Float { powerOfTwo(exponents.lowerBound) }

  /// The smallest number above 0.
  public var leastSubnormal: Float { powerOfTwo(exponents.lowerBound - significandBits) }

  /// How many powers of two there are from the smallest number above 0 to the largest: 40 for 1-5-10.
  public var binades: Int { exponents.count + significandBits }
}

extension FloatFormat: CustomStringConvertible {
  /// The bits of sign, exponent and significand, as in 1-5-10.
  public var description: String { "\(isSigned ? 1 : 0)-\(exponentBits)-\(significandBits)" }
}

/// 2ⁿ
func powerOfTwo(_ n: Int) -> Float { Float(sign: .plus, exponent: n, significand: 1) }
