import TensorCore

/// How far an answer may lie from the expected one: |Δ| ≤ atol + rtol · |expected|.
public struct Tolerance: Sendable, Equatable {
  /// The allowed error relative to the expected number.
  public let rtol: Double
  /// The allowed absolute error, added to the relative one.
  public let atol: Double
  /// Where these numbers come from; the grader prints it.
  public let reason: String

  /// A tolerance and where it comes from.
  public init(rtol: Double, atol: Double, because reason: String) {
    self.rtol = rtol
    self.atol = atol
    self.reason = reason
  }

  /// No error at all: numbers are moved or counted, not computed.
  public static let exact = Tolerance(rtol: 0, atol: 0, because: "nothing is rounded here")

  /// Random numbers that are only moved: they come from logarithms, whose last digit may differ
  /// between systems.
  public static let moved = Tolerance(
    rtol: 1e-6, atol: 0, because: "random numbers of different systems")

  /// A sum of `n` terms of size `scale` in 32 bits: 8·ε·√n of the result and as much of a term.
  public static func sums(of n: Int, scale: Double = 1) -> Tolerance {
    let error = 8 * Double(Float.ulpOfOne) * Double(n).squareRoot()
    return Tolerance(rtol: error, atol: error * scale, because: "8·ε·√n for sums of \(n) terms")
  }

  /// Sums in 64 bits.
  public static let double = Tolerance(rtol: 1e-9, atol: 1e-9, because: "sums in 64 bits")

  /// A share of `n` independent draws: five deviations of the least certain share.
  public static func shares(of n: Int) -> Tolerance {
    Tolerance(
      rtol: 0, atol: 2.5 / Double(n).squareRoot(), because: "5·√(¼/n) for shares of \(n) draws")
  }

  func allows(_ yours: Double, for expected: Double) -> Bool {
    if yours == expected || (yours.isNaN && expected.isNaN) { return true }
    return expected.isFinite && abs(yours - expected) <= atol + rtol * abs(expected)
  }
}

/// A test of one aspect of an exercise, with points of its own.
public struct Check: Sendable {
  /// What a check compares the answer with, from easy to hard.
  public enum Kind: String, Sendable, CaseIterable, Codable {
    /// Only the sizes.
    case shape
    /// A case that was computed by hand.
    case hand
    /// Random numbers, against the reference.
    case random
    /// A property of all right answers.
    case property
    /// The gradient.
    case gradient
  }

  /// Its name, unique in the exercise. Random inputs depend on it.
  public let name: String
  /// What it compares the answer with.
  public let kind: Kind
  /// The points it is worth.
  public let points: Int
  /// How far the answer may lie from the expected one.
  public let tolerance: Tolerance
  /// The right answer, if it can be written down; else the answer key holds it.
  public let expected: Answer?
  /// Runs an implementation on some input and returns its answer.
  public let probe: @Sendable (Implementation, inout Random) throws -> Answer

  /// A check of this kind. `probe` runs the implementation and may throw what it throws, or a
  /// `CheckError`.
  public init(
    _ kind: Kind, _ name: String, points: Int = 1, _ tolerance: Tolerance = .exact,
    expecting expected: Answer? = nil,
    probe: @escaping @Sendable (Implementation, inout Random) throws -> Answer
  ) {
    self.name = name
    self.kind = kind
    self.points = points
    self.tolerance = tolerance
    self.expected = expected
    self.probe = probe
  }

  /// How an answer differs from the expected one; nil when it does not.
  public func mismatch(_ yours: Answer, _ expected: Answer) -> Mismatch? {
    kind == .shape ? Mismatch(sizes: yours, expected) : Mismatch(yours, expected, tolerance)
  }

  /// Runs an implementation on input that depends only on the seed, the exercise and the check.
  ///
  /// Throws what the implementation throws, or a `CheckError`.
  public func ask(_ implementation: Implementation, exercise: String, seed: UInt64) throws
    -> Answer
  {
    var random = Random(seed: seed).split("\(exercise)/\(name)")
    return try probe(implementation, &random)
  }
}

/// Why an answer cannot be compared at all, for instance because its shape is wrong.
public struct CheckError: Error, CustomStringConvertible {
  /// The reason, in one sentence.
  public let description: String

  /// An error described by one sentence.
  public init(_ description: String) { self.description = description }
}
