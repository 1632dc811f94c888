// Rounding many numbers: `rounded` of Rounding.swift, with the same bits. It is fast because it has
// no branches: sixteen numbers at a time go both the way of normal numbers and that of subnormal ones,
// and chunks of 16,384 share the threads.

import Kernels
import TensorCore
import Vectors

extension Tensor {
  /// The nearest numbers of a format, by `FloatFormat.rounded`, as a constant: no gradient passes
  /// through. The shape stays.
  public func rounded(to format: FloatFormat) -> Tensor {
    let result = Tensor.zeros(shape)
    withScalars { from in
      result.update { to in
        guard let from = from.baseAddress, let to = to.baseAddress else { return }
        format.round(count, from, into: to)
      }
    }
    return result
  }
}

extension FloatFormat {
  /// Replaces numbers by the nearest ones of this format, by `rounded`.
  public func round(_ values: UnsafeMutableBufferPointer<Float>) {
    if let base = values.baseAddress { round(values.count, base, into: base) }
  }

  /// y = `rounded(x)` for n numbers; x and y may be the same memory.
  fileprivate func round(
    _ n: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    let lanes = RoundingLanes(self)
    parallelFor(n, grain: elementGrain) { part in
      inVectors(part, x, x, y) { n, x, _, y in map(n, x, y) { lanes.rounded($0) } }
    }
  }
}

/// What rounding to a format needs in each of sixteen lanes.
private struct RoundingLanes {
  private typealias Bits = SIMD16<UInt32>

  /// How many bits of a float's fraction go.
  private let dropped: Bits
  /// Just below half of the last place that stays.
  private let belowHalf: Bits
  /// The bits that stay.
  private let kept: Bits
  /// The bit of the sign, if it stays.
  private let sign: Bits
  /// The power of two whose neighbours are as far apart as the subnormal numbers.
  private let shifter: Float
  private let leastNormal: Float
  private let largest: F16
  /// What numbers beyond the largest become.
  private let overflow: F16
  /// Numbers below this one become 0.
  private let lowest: Float

  init(_ format: FloatFormat) {
    let count = UInt32(23 - format.significandBits)
    dropped = Bits(repeating: count)
    belowHalf = Bits(repeating: 1 << (count - 1) - 1)
    kept = Bits(repeating: .max << count)
    sign = Bits(repeating: format.isSigned ? 1 << 31 : 0)
    shifter = powerOfTwo(format.exponents.lowerBound + Int(count))
    leastNormal = format.leastNormal
    largest = F16(repeating: format.largest)
    overflow = F16(repeating: format.hasInfinity ? .infinity : format.largest)
    lowest = format.isSigned ? -.infinity : 0
  }

  @inline(__always)
  func rounded(_ x: F16) -> F16 {
    let magnitude = absolute(x)
    // Normal numbers: the sum carries into the last bit that stays, or not.
    let bits = unsafeBitCast(magnitude, to: Bits.self)
    let lastBit = (bits &>> dropped) & 1
    let normal = unsafeBitCast((bits &+ belowHalf &+ lastBit) & kept, to: F16.self)
    // Subnormal numbers: the processor rounds the sum to its own last place, to even.
    let subnormal = (magnitude + shifter) - shifter
    var y = ifLess(magnitude, leastNormal, subnormal, normal)
    y = ifLess(largest, y, overflow, y)
    let signs = unsafeBitCast(x, to: Bits.self) & sign
    y = unsafeBitCast(unsafeBitCast(y, to: Bits.self) | signs, to: F16.self)
    y = ifLess(x, lowest, F16(), y)
    return ifLessOrEqual(magnitude, .infinity, y, x)  // NaN stays as it is
  }
}
