import CourseKit
import Foundation
import Solutions
import TensorCore

let chapter6: [any Mutant6.Type] = [
  StrictAspect.self, ShortCaptions.self, SpacesCount.self, AnyTaken.self, HalfLetters.self,
  NoSubnormals.self, HalvesAway.self, CutOff.self, NoInfinity.self, LargestIsFinite.self,
  UnsignedZero.self, InfinityIsNaN.self, LinearScales.self, NoWindow.self, GrowsInWindow.self,
  HalvedScale.self, NoClamp.self, MachinesForgotten.self, NothingGathered.self, NoPrefetch.self,
  AllShared.self, SharedBlock.self, OneMachine.self, NotOrthonormal.self, SumOfMachines.self,
  OldQuery.self, ProductOnly.self, NoFeedback.self, LastErrorOnly.self, SignedLargest.self,
  AllOfError.self,
]

private func nearest(_ x: Double, step: Double) -> Double {
  (x / step).rounded(.toNearestOrEven) * step
}

enum NoSubnormals: Mutant6 {
  static let note = Note(
    "6.2", caughtBy: "below the normal numbers, in units of 2⁻²⁴",
    "numbers below the normal ones keep all their digits: there, neighbours come no closer")
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    let lowest = pow(2, Double(1 - bias))
    if x == 0 || !x.isFinite || abs(x) >= lowest {
      return try Reference6.rounded(
        x, exponentBits: exponentBits, significandBits: significandBits, bias: bias)
    }
    return nearest(x, step: pow(2, Double(Int(x.exponent) - significandBits)))
  }
}

enum HalvesAway: Mutant6 {
  static let note = Note(
    "6.2", caughtBy: "of two equally near, the even one",
    "halves are rounded away from zero; of two equally near numbers take the even one")
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    try roundedByStep(x, exponentBits, significandBits, bias) { $0.rounded() }
  }
}

enum CutOff: Mutant6 {
  static let note = Note(
    "6.2", caughtBy: "a third, in four formats",
    "digits are cut off; take the nearest number")
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    try roundedByStep(x, exponentBits, significandBits, bias) { $0.rounded(.towardZero) }
  }
}

private func roundedByStep(
  _ x: Double, _ exponentBits: Int, _ significandBits: Int, _ bias: Int,
  _ round: (Double) -> Double
) throws -> Double {
  if x == 0 || !x.isFinite { return x }
  let step = pow(2, Double(max(Int(x.exponent), 1 - bias) - significandBits))
  // What is rounded already is only checked for its size.
  return try Reference6.rounded(
    round(x / step) * step, exponentBits: exponentBits, significandBits: significandBits,
    bias: bias)
}

enum NoInfinity: Mutant6 {
  static let note = Note(
    "6.2", caughtBy: "beyond the largest, infinity and NaN",
    "numbers beyond the largest stay finite; they become infinite")
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    try Reference6.rounded(
      x, exponentBits: exponentBits + 4, significandBits: significandBits,
      bias: bias
    ).isFinite
      ? nearest(
        x,
        step: x == 0 ? 1 : pow(2, Double(max(Int(x.exponent), 1 - bias) - significandBits)))
      : x
  }
}

enum LargestIsFinite: Mutant6 {
  static let note = Note(
    "6.2", caughtBy: "beyond the largest, infinity and NaN",
    "the highest exponent is kept for infinity and NaN, so normal exponents end one below it")
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    let y = try Reference6.rounded(
      x / 2, exponentBits: exponentBits, significandBits: significandBits, bias: bias)
    let usual = try Reference6.rounded(
      x, exponentBits: exponentBits, significandBits: significandBits, bias: bias)
    return usual.isFinite ? usual : 2 * y
  }
}

enum UnsignedZero: Mutant6 {
  static let note = Note(
    "6.2", caughtBy: "below the normal numbers, in units of 2⁻²⁴",
    "a small number below zero becomes 0 here; it becomes -0")
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    let y = try Reference6.rounded(
      x, exponentBits: exponentBits, significandBits: significandBits, bias: bias)
    return y == 0 ? 0 : y
  }
}

enum InfinityIsNaN: Mutant6 {
  static let note = Note(
    "6.2", caughtBy: "beyond the largest, infinity and NaN",
    "infinity becomes NaN: ∞ / ∞ is none; return it before you divide")
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    x.isInfinite
      ? .nan
      : try Reference6.rounded(
        x, exponentBits: exponentBits, significandBits: significandBits, bias: bias)
  }
}

/// The rule with its parts exchanged.
private func scales(
  _ overflows: [[Bool]], machines: Int, window: Int = 125, division: Double = 0.5,
  growsInWindow: Bool = false, isClamped: Bool = true
) -> [[Double]] {
  let machines = log2(Double(machines))
  let count = overflows.first?.count ?? 0
  var scales = [Double](repeating: machines + 13, count: count)
  var divided = [Int](repeating: -window, count: count)
  return overflows.enumerated().map { update, overflow in
    for i in 0..<count {
      if overflow[i], update - divided[i] >= window {
        scales[i] -= division
        divided[i] = update
      } else if !overflow[i] || growsInWindow {
        scales[i] += 1.0 / 1000
      }
      if isClamped { scales[i] = min(max(scales[i], machines + 7), machines + 24) }
    }
    return scales
  }
}

enum LinearScales: Mutant6 {
  static let note = Note(
    "6.3", caughtBy: "an overflow of the second of two",
    "these are the scales themselves; return log₂ of them")
  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    Mutants.scales(overflows, machines: machines).map { $0.map { exp2($0) } }
  }
}

enum NoWindow: Mutant6 {
  static let note = Note(
    "6.3", caughtBy: "one division in 125 updates",
    "every overflow divides the scale; after a division it stays for 124 updates")
  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    Mutants.scales(overflows, machines: machines, window: 1)
  }
}

enum GrowsInWindow: Mutant6 {
  static let note = Note(
    "6.3", caughtBy: "one division in 125 updates",
    "an overflow soon after a division lets the scale grow; it should stay")
  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    Mutants.scales(overflows, machines: machines, growsInWindow: true)
  }
}

enum HalvedScale: Mutant6 {
  static let note = Note(
    "6.3", caughtBy: "an overflow of the second of two",
    "the scale is halved, as in loss scaling; divide by √2")
  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    Mutants.scales(overflows, machines: machines, division: 1)
  }
}

enum NoClamp: Mutant6 {
  static let note = Note(
    "6.3", caughtBy: "between 2⁷ and 2²⁴", "the scale leaves the range from M · 2⁷ to M · 2²⁴")
  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    Mutants.scales(overflows, machines: machines, isClamped: false)
  }
}

enum MachinesForgotten: Mutant6 {
  static let note = Note(
    "6.3", caughtBy: "many machines", "the number of machines is not used: it multiplies all scales"
  )
  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    Mutants.scales(overflows, machines: 1)
  }
}
