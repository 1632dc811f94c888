import Foundation
import NumberFormats
import PlainKernels
import TensorCore
import Testing

@Suite("Rounding to number formats") struct RoundingTests {
  /// Floats of every exponent, with signs, NaN and infinity among them.
  private func anyFloats(_ count: Int, seed: UInt64) -> [Float] {
    var random = Random(seed: seed)
    return (0..<count).map { _ in Float(bitPattern: random.next32()) }
  }

  /// Floats over the range of a format and somewhat beyond, by their exponents evenly.
  private func floats(_ count: Int, around format: FloatFormat, seed: UInt64) -> [Float] {
    var random = Random(seed: seed)
    let low = max(-149, format.exponents.lowerBound - format.significandBits - 3)
    let high = min(127, format.exponents.upperBound + 2)
    return (0..<count).map { _ in
      let exponent = low + random.integer(below: high - low + 1)
      let x = Float(sign: .plus, exponent: exponent, significand: 1 + random.uniform())
      return random.integer(below: 2) == 0 ? x : -x
    }
  }

  /// Nil when all bits are those expected, else a sentence about the first others.
  private func difference(_ got: [Float], _ want: some Collection<Float>) -> String? {
    zip(got, want).first { $0.bitPattern != $1.bitPattern }.map { "\($0), expected \($1)" }
  }

  @Test(arguments: formats) func `random numbers go to the nearest of all numbers of the format`(
    _ format: FloatFormat
  ) {
    let numbers = finiteNumbers(format)
    let largest = numbers[numbers.count - 1]
    let limit = largest + (largest - numbers[numbers.count - 2]) / 2
    /// Found by halving the list of all numbers, in Double: no arithmetic of the code under test.
    func nearest(_ x: Float) -> Double {
      if x < 0 && !format.isSigned { return 0 }
      let magnitude = abs(Double(x))
      let sign: Double = x < 0 ? -1 : 1
      if magnitude >= limit { return sign * (format.hasInfinity ? .infinity : largest) }
      var (low, high) = (0, numbers.count)  // numbers[low] ≤ magnitude < numbers[high]
      while high - low > 1 {
        let middle = (low + high) / 2
        if numbers[middle] <= magnitude { low = middle } else { high = middle }
      }
      if high == numbers.count { return sign * largest }
      let (below, above) = (magnitude - numbers[low], numbers[high] - magnitude)
      let takesUpper = above < below || above == below && high % 2 == 0
      return sign * numbers[takesUpper ? high : low]
    }
    let xs = floats(20_000, around: format, seed: 1) + anyFloats(5_000, seed: 2)
    for x in xs where !x.isNaN {
      let (got, want) = (Double(format.rounded(x)), nearest(x))
      if got != want {
        Issue.record("\(format) rounds \(x) to \(got), the nearest is \(want)")
        return
      }
    }
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func `1-5-10 is Swift's Float16`() {
      let format = FloatFormat.half
      let sizes = floats(50_000, around: format, seed: 3)
      for x in anyFloats(50_000, seed: 4) + sizes where !x.isNaN {
        let want = Float16(x)
        if format.rounded(x).bitPattern != Float(want).bitPattern
          || format.encoded(x) != want.bitPattern
        {
          Issue.record("\(x) rounds to \(format.rounded(x)), Float16 has \(want)")
          return
        }
      }
      let wrong = (UInt16.min ... .max).first { pattern in
        let (got, want) = (format.decoded(pattern), Float16(bitPattern: pattern))
        return got != Float(want) && !(got.isNaN && want.isNaN)
      }
      #expect(wrong == nil)
    }
  #endif

  @Test func `1-8-7 is the upper half of a rounded Float`() {
    let format = FloatFormat.bfloat16
    let wrong = anyFloats(50_000, seed: 5).first { x in
      let want = roundedToBrainFloat(x).bitPattern
      return !x.isNaN
        && (format.rounded(x).bitPattern != want || format.encoded(x) != UInt16(want >> 16))
    }
    #expect(wrong == nil)
    let wrongPattern = (UInt16.min ... .max).first {
      format.decoded($0).bitPattern != UInt32($0) << 16
    }
    #expect(wrongPattern == nil)
  }

  @Test(arguments: formats) func `many numbers at once have the bits of one by one`(
    _ format: FloatFormat
  ) {
    let specials: [Float] = [
      0, -0.0, .infinity, -.infinity, .nan, -.nan, Float(bitPattern: 0x7F80_0001),
      .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .greatestFiniteMagnitude, format.largest,
      format.largest.nextUp, format.leastNormal, format.leastNormal.nextDown,
      format.leastSubnormal / 2, -format.leastSubnormal / 2,
    ]
    let numbers = finiteNumbers(format)
    let middles = zip(numbers, numbers.dropFirst()).map { Float(($0 + $1) / 2) }
    let all =
      specials + middles + middles.map { -$0 } + anyFloats(20_000, seed: 6)
      + floats(20_000, around: format, seed: 7)
    let want = all.map(format.rounded)
    #expect(difference(Tensor(all).rounded(to: format).scalars, want) == nil)
    // In place, from every place in a vector, of every length up to two vectors and a half.
    for count in 0...40 {
      var part = Array(all[count..<2 * count])
      part.withUnsafeMutableBufferPointer { format.round($0) }
      #expect(difference(part, want[count..<2 * count]) == nil)
    }
  }

  @Test func `a rounded tensor keeps its shape, is a constant, and leaves its source alone`() {
    let x = Tensor([[1.0001, 2], [-3.3, 1e-9]]).requiringGradient()
    let y = (x * 1).rounded(to: .half)
    #expect(y.shape == [2, 2] && !y.requiresGradient)
    #expect(y.scalars == [1, 2, -3.300_781_2, 0])
    #expect(x.scalars == [1.0001, 2, -3.3, 1e-9])
    #expect(Tensor.zeros([0, 3]).rounded(to: .half).shape == [0, 3])
  }

  @Test(arguments: formats) func `rounding keeps the order of numbers`(_ format: FloatFormat) {
    let sorted = anyFloats(20_000, seed: 8).filter { !$0.isNaN }.sorted()
    let rounded = sorted.map(format.rounded)
    #expect(zip(rounded, rounded.dropFirst()).allSatisfy { $0 <= $1 })
  }
}
