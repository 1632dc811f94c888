import Foundation
import NumberFormats
import TensorCore
import Testing

/// The presets, and formats that are unlike them: eight bits, without infinity, without sign.
let formats: [FloatFormat] = [
  .half, .bfloat16, .adamMean, .adamVariance,
  FloatFormat(exponentBits: 4, significandBits: 3, bias: 7),
  FloatFormat(exponentBits: 5, significandBits: 10, bias: 15, hasInfinity: false),
  FloatFormat(isSigned: false, exponentBits: 7, significandBits: 9, bias: 127, hasInfinity: false),
  FloatFormat(exponentBits: 2, significandBits: 1, bias: 1),
]

/// All patterns of bits of a format.
func patterns(_ format: FloatFormat) -> ClosedRange<UInt16> { 0...(.max >> (16 - format.bitCount)) }

/// What a pattern stands for by the definition, in Double; NaN and infinity as they are.
func value(_ pattern: UInt16, _ format: FloatFormat) -> Double {
  let (e, s) = (format.exponentBits, format.significandBits)
  let sign: Double = format.isSigned && pattern >> (e + s) == 1 ? -1 : 1
  let code = Int(pattern) / (1 << s) % (1 << e)
  let fraction = Double(Int(pattern) % (1 << s)) / Double(1 << s)
  if format.hasInfinity && code == 1 << e - 1 { return fraction == 0 ? sign * .infinity : .nan }
  return code == 0
    ? sign * pow(2, Double(1 - format.bias)) * fraction
    : sign * pow(2, Double(code - format.bias)) * (1 + fraction)
}

/// The finite numbers from 0 on, ascending: number i has the pattern i.
func finiteNumbers(_ format: FloatFormat) -> [Double] {
  Array(patterns(format).lazy.map { value($0, format) }.prefix { $0.isFinite && $0.sign == .plus })
}

@Suite("Number formats") struct FloatFormatTests {
  @Test(arguments: formats)
  func `every pattern stands for its value, and the value for its pattern`(_ format: FloatFormat) {
    for pattern in patterns(format) {
      let (got, want) = (format.decoded(pattern), value(pattern, format))
      let isRight = Double(got) == want && got.sign == want.sign || got.isNaN && want.isNaN
      let (back, again) = (format.encoded(got), format.rounded(got))
      if !isRight || back != pattern || again.bitPattern != got.bitPattern {
        Issue.record("\(format), \(pattern): \(got), not \(want); back \(back), rounded \(again)")
        return
      }
    }
  }

  @Test(arguments: formats)
  func `between two neighbours the nearer one is taken, and the even one in the middle`(
    _ format: FloatFormat
  ) {
    let numbers = finiteNumbers(format)
    let signs: [Float] = format.isSigned ? [1, -1] : [1]
    for (lower, (a, b)) in zip(numbers, numbers.dropFirst()).enumerated() {
      let middle = Float((a + b) / 2)
      precondition(Double(middle) == (a + b) / 2, "the middle is a Float")
      let even = Float(lower % 2 == 0 ? a : b)
      for sign in signs {
        let got = [middle, middle.nextDown, middle.nextUp].map { sign * format.rounded(sign * $0) }
        if got != [even, Float(a), Float(b)] {
          Issue.record("\(format) around \(middle): \(got)")
          return
        }
      }
    }
  }

  @Test(arguments: formats) func `half a step above the largest number begins overflow`(
    _ format: FloatFormat
  ) {
    let numbers = finiteNumbers(format)
    let last = numbers[numbers.count - 1]
    let limit = last + (last - numbers[numbers.count - 2]) / 2
    let beyond: Float = format.hasInfinity ? .infinity : format.largest
    #expect(Double(format.largest) == last)
    // For exponents as wide as a Float's, the limit is one too.
    #expect(format.rounded(Float(limit)) == beyond)
    #expect(format.rounded(Float(limit).nextDown) == format.largest)
    #expect(format.rounded(.infinity) == beyond)
    #expect(format.rounded(-.infinity) == (format.isSigned ? -beyond : 0))
    #expect(format.rounded(-.greatestFiniteMagnitude) == (format.isSigned ? -beyond : 0))
  }

  @Test(arguments: formats) func `zero keeps its sign, and NaN stays NaN`(_ format: FloatFormat) {
    #expect(format.rounded(0).bitPattern == 0)
    #expect(format.rounded(-0.0).bitPattern == (format.isSigned ? 1 << 31 : 0))
    // What vanishes keeps its sign too.
    #expect(format.rounded(-.leastNonzeroMagnitude).bitPattern == (format.isSigned ? 1 << 31 : 0))
    #expect(format.rounded(.nan).isNaN && format.rounded(-.nan).isNaN)
    if format.hasInfinity {
      #expect(format.decoded(format.encoded(.nan)).isNaN)
      // A NaN whose payload has no bit in this format must not become infinite.
      #expect(format.decoded(format.encoded(Float(bitPattern: 0x7F80_0001))).isNaN)
    }
  }

  @Test func `numbers below 0 become 0 where there is no sign`() {
    for x: Float in [-1, -1e-30, -.infinity, -0.0] {
      #expect(FloatFormat.adamVariance.rounded(x).bitPattern == 0)
      #expect(FloatFormat.adamVariance.encoded(x) == 0)
    }
  }

  @Test func `the presets hold what the DALL·E paper and IEEE 754 say`() {
    func check(
      _ format: FloatFormat, _ name: String, largest: Float, normal: Int, subnormal: Int,
      binades: Int
    ) {
      #expect(format.description == name && format.bitCount == 16)
      #expect(format.largest == largest)
      #expect(format.leastNormal == Float(sign: .plus, exponent: normal, significand: 1))
      #expect(format.leastSubnormal == Float(sign: .plus, exponent: subnormal, significand: 1))
      #expect(format.exponents.lowerBound == normal && format.binades == binades)
      #expect(Int(format.largest.exponent) - subnormal + 1 == binades)
    }
    check(.half, "1-5-10", largest: 65504, normal: -14, subnormal: -24, binades: 40)
    check(
      .bfloat16, "1-8-7", largest: 3.389_531_4e38, normal: -126, subnormal: -133, binades: 261)
    // "Slightly less than 16".
    check(.adamMean, "1-6-9", largest: 16 - 0x1p-6, normal: -58, subnormal: -67, binades: 71)
    check(.adamVariance, "0-6-10", largest: 16 - 0x1p-7, normal: -58, subnormal: -68, binades: 72)
  }
}
