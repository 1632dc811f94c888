import Foundation

/// How an answer differs from the expected one.
public struct Mismatch: Codable, Sendable, Equatable {
  /// The difference, in lines that fit a screen.
  public let lines: [String]

  /// Two lists of sizes or counts that differ; nil when they are the same.
  public init?(sizes yours: Answer, _ expected: Answer) {
    if yours == expected { return nil }
    func show(_ sizes: Answer) -> String {
      "[\(sizes.values.map(Self.number).joined(separator: ", "))]"
    }
    lines = ["expected  \(show(expected))", "yours     \(show(yours))"]
  }

  /// Two answers that differ by more than the tolerance; nil when they do not.
  public init?(_ yours: Answer, _ expected: Answer, _ tolerance: Tolerance) {
    if !yours.texts.isEmpty || !expected.texts.isEmpty {
      guard let lines = Self.texts(yours.texts, expected.texts) else { return nil }
      self.lines = lines
      return
    }
    guard yours.shape == expected.shape else {
      var lines = ["expected shape \(expected.shape)", "yours          \(yours.shape)"]
      if yours.values.count == expected.values.count,
        zip(yours.values, expected.values).allSatisfy({ tolerance.allows($0, for: $1) })
      {
        lines.append("all values are right, and in the right order")
      }
      self.lines = lines
      return
    }
    let pairs = zip(yours.values, expected.values)
    let wrong = pairs.enumerated().filter { !tolerance.allows($1.0, for: $1.1) }.map(\.offset)
    guard let first = wrong.first else { return nil }
    lines = Self.numbers(yours, expected, first: first, wrong: wrong.count, tolerance)
  }

  private static func numbers(
    _ yours: Answer, _ expected: Answer, first: Int, wrong: Int, _ tolerance: Tolerance
  ) -> [String] {
    var lines: [String] = []
    let strange = yours.values.indices.first {
      !yours.values[$0].isFinite && expected.values[$0].isFinite
    }
    if let strange {
      lines.append("yours is \(number(yours.values[strange])) at \(place(strange, yours.shape))")
    }
    let shown = first..<min(first + 4, yours.values.count)
    let more = shown.upperBound < yours.values.count ? " …" : ""
    if yours.values.count > 1 {
      lines.append(
        "first difference at \(place(first, yours.shape))  (\(shown.count) of "
          + "\(yours.values.count) numbers shown)")
    }
    lines.append(
      "expected  " + shown.map { number(expected.values[$0]) }.joined(separator: "  ") + more)
    lines.append(
      "yours     " + shown.map { number(yours.values[$0]) }.joined(separator: "  ") + more)
    let largest = zip(yours.values, expected.values).map { abs($0 - $1) }.filter(\.isFinite).max()
    let allowed =
      tolerance.rtol == 0
      ? String(format: "%.3g", tolerance.atol)
      : String(format: "%.3g + %.3g·|expected|", tolerance.atol, tolerance.rtol)
    lines.append(
      "max |Δ| \(number(largest ?? .nan)) · \(wrong) of \(yours.values.count) differ · allowed "
        + "|Δ| ≤ \(allowed) (\(tolerance.reason))")
    return lines
  }

  private static func texts(_ yours: [String], _ expected: [String]) -> [String]? {
    if yours == expected { return nil }
    let first =
      zip(yours, expected).enumerated().first { $1.0 != $1.1 }?.offset
      ?? min(yours.count, expected.count)
    func show(_ texts: [String]) -> String {
      let rest = texts.dropFirst(first).prefix(3).map { String($0.prefix(80)).debugDescription }
      return rest.isEmpty ? "nothing more" : rest.joined(separator: ", ")
    }
    return [
      "first difference at [\(first)]  (\(yours.count) texts, expected \(expected.count))",
      "expected  \(show(expected))", "yours     \(show(yours))",
    ]
  }

  /// The indices of number `offset`.
  private static func place(_ offset: Int, _ shape: [Int]) -> String {
    var rest = offset
    var indices: [Int] = []
    for size in shape.reversed() where size > 0 {
      indices.insert(rest % size, at: 0)
      rest /= size
    }
    return "\(indices)"
  }

  /// A number with at most six digits.
  public static func number(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? String(format: "%.6g", value)
  }
}
