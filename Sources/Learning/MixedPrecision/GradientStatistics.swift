// What is seen of gradients on their way through a resblock.

import Foundation
import NumberFormats
import TensorCore

/// How many numbers have which power of two.
public struct ExponentHistogram: Sendable {
  /// Exact zeros.
  public private(set) var zeros = 0
  /// NaN and infinite ones.
  public private(set) var nonfinite = 0
  /// By the exponent's code in a `Float`: 2^(code - 127) ≤ |x| < 2^(code - 126), and less for code 0.
  private var codes = [Int](repeating: 0, count: 255)

  /// An empty histogram.
  public init() {}

  /// Counts all numbers of a tensor of any shape.
  public mutating func add(_ x: Tensor) {
    x.withScalars { values in
      for value in values {
        let code = Int(value.bitPattern >> 23 & 255)
        if value == 0 {
          zeros += 1
        } else if code == 255 {
          nonfinite += 1
        } else {
          codes[code] += 1
        }
      }
    }
  }

  /// Finite numbers other than 0.
  public var nonzero: Int { codes.reduce(0, +) }

  /// The number of those with 2ⁿ ≤ |x| < 2ⁿ⁺¹, for n from -126 to 127.
  public subscript(exponent n: Int) -> Int { codes[n + 127] }

  /// The powers of two that occur, from the smallest to the largest; -127 stands for all numbers below
  /// 2⁻¹²⁶. Nil without a number.
  public var exponents: ClosedRange<Int>? {
    guard let first = codes.firstIndex(where: { $0 > 0 }),
      let last = codes.lastIndex(where: { $0 > 0 })
    else { return nil }
    return first - 127...last - 127
  }

  /// The share of the nonzero numbers that lie below 2ⁿ, n from -126 to 128.
  public func share(below n: Int) -> Double {
    nonzero == 0 ? 0 : Double(codes[..<(n + 127)].reduce(0, +)) / Double(nonzero)
  }

  /// The share of the nonzero numbers that a format rounds to 0: below half of its smallest. (Exactly
  /// half becomes 0, too, and is not counted.)
  public func share(lostIn format: FloatFormat) -> Double {
    share(below: max(-126, Int(format.leastSubnormal.exponent) - 1))
  }

  /// The share of the nonzero numbers that a format holds with fewer digits or not at all: below its
  /// smallest normal number.
  public func share(belowNormalOf format: FloatFormat) -> Double {
    share(below: Int(format.leastNormal.exponent))
  }

  /// Adds the counts of another histogram.
  public mutating func add(_ other: ExponentHistogram) {
    zeros += other.zeros
    nonfinite += other.nonfinite
    for i in codes.indices { codes[i] += other.codes[i] }
  }
}

/// The gradients of the activations of a resblock in one backward pass.
public struct ResblockGradients: Sendable {
  /// The norm of the gradient at the resblock's output, which comes down the identity path, before it
  /// is scaled.
  public internal(set) var norm = 0.0
  /// The norm of what the resblock adds to that gradient, after the filter and without the scale.
  public internal(set) var addedNorm = 0.0
  /// The share of the nonzero numbers of the gradient at the output that are 0 after scale and cast.
  public internal(set) var lostAtOutput = 0.0
  /// Nonzero gradients of activations inside the resblock before their casts, and those of them that
  /// are 0 afterwards. A gradient that is 0 because all it came from was lost counts in neither.
  public internal(set) var (nonzero, lost) = (0, 0)
  /// Of all these gradients, times the scale, before their casts.
  public internal(set) var histogram = ExponentHistogram()
  /// The largest gradient of a weight of the resblock's matrices, times the scale, without its sign.
  /// Being a sum over all tokens, it is the first to overflow.
  public internal(set) var weightPeak: Float = 0

  /// The share of nonzero gradients inside that are 0 after the cast.
  public var lostShare: Double { nonzero == 0 ? 0 : Double(lost) / Double(nonzero) }
  /// The share of all gradients inside that are 0 after the cast, whatever the reason.
  public var zeroShare: Double {
    let all = histogram.zeros + histogram.nonfinite + histogram.nonzero
    return all == 0 ? 0 : Double(histogram.zeros + lost) / Double(all)
  }
}

extension ResblockGradients {
  /// The largest n for which 2ⁿ times any of these gradients, of activations and of weights, is surely
  /// finite in a format. Where all are 0, that of the number 1.
  public func headroom(in format: FloatFormat) -> Int {
    let largest = max(
      histogram.exponents?.upperBound ?? -127, weightPeak == 0 ? -127 : Int(weightPeak.exponent))
    return format.exponents.upperBound - 1 - (largest == -127 ? 0 : largest)
  }
}

extension [ResblockGradients] {
  /// The shares of the gradients of activations that a format rounds to 0 under the best powers of two
  /// as scales: one for all resblocks, or one for each. A scale is best if it is the largest that lets
  /// nothing overflow.
  public func lostShares(in format: FloatFormat) -> [(oneScale: Double, ownScale: Double)] {
    let headrooms = map { $0.headroom(in: format) }
    let least = headrooms.min() ?? 0
    let smallest = Int(format.leastSubnormal.exponent) - 1
    return zip(self, headrooms).map { gradients, own in
      func share(_ n: Int) -> Double {
        gradients.histogram.share(below: Swift.max(-126, smallest - n))
      }
      return (share(least), share(own))
    }
  }
}

/// Collects the gradients of one resblock.
final class ResblockProbe {
  private(set) var gradients = ResblockGradients()

  /// The gradients of the resblock's parameters after the backward pass; only those of matrices count.
  func note(weights: [Tensor]) {
    for gradient in weights.compactMap(\.gradient) where gradient.rank == 2 {
      gradient.withScalars { values in
        for value in values where value.isFinite {
          gradients.weightPeak = max(gradients.weightPeak, abs(value))
        }
      }
    }
  }

  /// A gradient inside before and after its cast. Any shape.
  func note(_ before: Tensor, _ after: Tensor) {
    let (nonzero, lost) = losses(before, after)
    gradients.nonzero += nonzero
    gradients.lost += lost
    gradients.histogram.add(before)
  }

  /// The gradient at the output: as it comes, scaled, and cast. Any shape.
  func noteIncoming(_ g: Tensor, _ scaled: Tensor, _ cast: Tensor) {
    gradients.norm = norm(g)
    let (nonzero, lost) = losses(scaled, cast)
    gradients.lostAtOutput = nonzero == 0 ? 0 : Double(lost) / Double(nonzero)
    note(scaled, cast)
  }

  /// What the resblock sends back. Any shape.
  func noteResult(_ g: Tensor) { gradients.addedNorm = norm(g) }

  private func losses(_ before: Tensor, _ after: Tensor) -> (nonzero: Int, lost: Int) {
    before.withScalars { x in
      after.withScalars { y in
        var (nonzero, lost) = (0, 0)
        for i in x.indices where x[i] != 0 {
          nonzero += 1
          if y[i] == 0 { lost += 1 }
        }
        return (nonzero, lost)
      }
    }
  }

  private func norm(_ x: Tensor) -> Double {
    x.withScalars { $0.reduce(0.0) { $0 + Double($1) * Double($1) } }.squareRoot()
  }
}
