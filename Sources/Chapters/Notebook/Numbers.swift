import Foundation

/// How the numbers of one table or line are written, so that they can be compared at a glance:
/// all with the same decimals, of which the largest number has four significant digits.
enum NumberStyle: Equatable {
  case whole
  case decimals(Int)
  case scientific(Int)

  /// The style that suits all of `values`. NaN and infinities are ignored.
  init(for values: some Sequence<Double>, digits: Int = 4) {
    var largest = 0.0
    var areWhole = true
    for value in values where value.isFinite {
      largest = max(largest, abs(value))
      areWhole = areWhole && value == value.rounded()
    }
    if areWhole && largest < 1e7 {
      self = .whole
    } else if largest < 1e-4 || largest >= 1e7 {
      self = .scientific(digits - 1)
    } else {
      // log10 of 0.01 may be -1.999…, so the digits are those that are printed.
      let places = Int(log10(largest).rounded(.down)) + 1
      let decimals = max(0, digits - places)
      let carried = (largest * pow(10, Double(decimals))).rounded() >= pow(10, Double(digits))
      self = .decimals(carried ? max(0, decimals - 1) : decimals)
    }
  }

  /// The number with a real minus sign: "−3.100", "1.2e−7", "nan", "∞".
  func text(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "−∞" : "∞" }
    let format =
      switch self {
      case .whole: "%.0f"
      case .decimals(let n): "%.\(n)f"
      case .scientific(let n): "%.\(n)e"
      }
    var text = String(format: format, value)
    if let e = text.firstIndex(of: "e"), let power = Int(text[text.index(after: e)...]) {
      text = "\(text[..<e])e\(power)"
    }
    // What rounds to zero has no sign.
    if !text.contains(where: { "123456789".contains($0) }) { text.removeAll { $0 == "-" } }
    return text.replacing("-", with: "−")
  }
}

/// How a headline number is written.
public enum ValueStyle: Sendable {
  /// With this many significant digits.
  case significant(Int)
  /// With this many digits after the decimal point.
  case fixed(Int)
  /// A fraction in per cent, with this many digits after the decimal point.
  case percent(Int)

  func text(_ value: Double) -> String {
    switch self {
    case .significant(let digits): NumberStyle(for: [value], digits: digits).text(value)
    case .fixed(let decimals): NumberStyle.decimals(decimals).text(value)
    case .percent(let decimals): NumberStyle.decimals(decimals).text(value * 100) + "%"
    }
  }
}

/// "12,288".
func grouped(_ count: Int) -> String {
  var digits = Array(String(count))
  for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
  return String(digits)
}

/// "[1, 64, 192]".
func text(_ shape: [Int]) -> String {
  "[\(shape.map(String.init).joined(separator: ", "))]"
}
