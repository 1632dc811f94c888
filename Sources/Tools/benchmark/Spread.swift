// What several repetitions of one measurement say together.

/// The least, the middle and the greatest of some measurements.
struct Spread: Encodable, Equatable {
  let minimum, median, maximum: Double

  /// Nil if there are none.
  init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    (minimum, median, maximum) = (first, sorted[sorted.count / 2], last)
  }

  /// One value that was measured once.
  init(_ value: Double) { (minimum, median, maximum) = (value, value, value) }
}
