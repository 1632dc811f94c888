// Means and their standard errors.

/// A mean over independent cases, and its standard error.
public struct Estimate: Codable, Equatable, Sendable {
  /// The mean over all cases.
  public let value: Double
  /// The standard deviation of the mean over repetitions of the measurement.
  public let standardError: Double
  /// The number of cases.
  public let count: Int

  /// A mean computed elsewhere.
  public init(value: Double, standardError: Double, count: Int) {
    (self.value, self.standardError, self.count) = (value, standardError, count)
  }

  /// The share p of `right` cases among `count`, with the binomial error (p (1 - p) / n)^½. The
  /// error is 0 if all cases are alike, although further cases might differ.
  public init(right: Int, of count: Int) {
    precondition((0...count).contains(right), "\(right) of \(count) cases cannot be right")
    let n = Double(max(1, count))
    let p = Double(right) / n
    self.init(value: p, standardError: (p * (1 - p) / n).squareRoot(), count: count)
  }
}

/// A running mean and variance (Welford, 1962).
public struct Tally: Equatable, Sendable {
  /// The number of values.
  public private(set) var count = 0
  private var mean = 0.0
  private var squares = 0.0

  /// No values yet.
  public init() {}

  /// The tally of some values.
  public init(_ values: some Sequence<Double>) {
    for value in values { add(value) }
  }

  /// Adds a value, for instance a caption's share of right candidates.
  public mutating func add(_ value: Double) {
    count += 1
    let before = value - mean
    mean += before / Double(count)
    squares += before * (value - mean)
  }

  /// Adds all values of another tally.
  public mutating func add(_ other: Tally) {
    if other.count == 0 { return }
    let (n, m) = (Double(count), Double(other.count))
    let difference = other.mean - mean
    mean += difference * m / (n + m)
    squares += other.squares + difference * difference * n * m / (n + m)
    count += other.count
  }

  /// The mean, with the standard deviation of the values (divisor n - 1) over n^½ as its error,
  /// which is 0 for a single value; nil if there were no values.
  public var estimate: Estimate? {
    guard count > 0 else { return nil }
    let n = Double(count)
    let error = count > 1 ? (squares / (n - 1) / n).squareRoot() : 0
    return Estimate(value: mean, standardError: error, count: count)
  }
}

/// The standard error of any measure of a set of cases by the jackknife: from G values of it, each
/// measured without one of G groups of equally many cases, ((G - 1) / G · Σ (value - mean)²)^½. For a
/// mean over single cases that is the usual standard error.
public func jackknifeError(_ values: [Double]) -> Double {
  let n = Double(values.count)
  precondition(n > 1, "the jackknife needs values without 2 or more groups, got \(values.count)")
  let mean = values.reduce(0, +) / n
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return ((n - 1) / n * squares).squareRoot()
}
