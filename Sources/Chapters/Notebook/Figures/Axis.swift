import Foundation

/// An axis of a plot: what it measures, and its scale.
///
///     Plot(x: "step", y: Axis("loss (nats)", isLogarithmic: true), …)
public struct Axis: ExpressibleByStringLiteral, Sendable {
  /// What is measured, with its unit.
  public let label: String
  /// Whether equal steps are equal ratios.
  public let isLogarithmic: Bool
  /// The range that the axis shows; nil to fit the data.
  public let range: ClosedRange<Double>?

  /// An axis with a label; linear and fitted to the data unless said otherwise.
  public init(
    _ label: String, isLogarithmic: Bool = false, range: ClosedRange<Double>? = nil
  ) {
    self.label = label
    self.isLogarithmic = isLogarithmic
    self.range = range
  }

  /// A linear axis that fits the data.
  public init(stringLiteral label: String) { self.init(label) }
}

/// An axis with its limits and the pixels it covers.
struct Scale {
  let low, high: Double
  let isLogarithmic: Bool
  let ticks: [Tick]
  /// The pixels of `low` and `high`.
  let pixels: (Double, Double)

  /// The scale of `axis` over all the finite `values`, with about `count` ticks.
  init(_ axis: Axis, _ values: [Double], about count: Int, pixels: (Double, Double)) {
    let finite = values.filter(\.isFinite)
    precondition(
      !axis.isLogarithmic || finite.allSatisfy { $0 > 0 },
      "the logarithmic axis \"\(axis.label)\" needs numbers above 0, got \(finite.min() ?? 0)")
    var low = axis.range?.lowerBound ?? finite.min() ?? 0
    var high = axis.range?.upperBound ?? finite.max() ?? 1
    isLogarithmic = axis.isLogarithmic
    if low == high {
      (low, high) = isLogarithmic ? (low / 2, high * 2) : (low - 0.5, high + 0.5)
    }
    if axis.range == nil {
      if isLogarithmic {
        let margin = pow(high / low, 0.03)
        (low, high) = (low / margin, high * margin)
      } else {
        // Extended to zero where that is near, as zero usually means something.
        if low > 0 && low < 0.25 * high { low = 0 }
        if high < 0 && high > 0.25 * low { high = 0 }
        let step = niceStep(from: low, to: high, about: count)
        (low, high) = (-Self.end(-low, step, high - low), Self.end(high, step, high - low))
      }
    }
    ticks =
      isLogarithmic
      ? logarithmicTicks(from: low, to: high) : niceTicks(from: low, to: high, about: count)
    self.low = low
    self.high = high
    self.pixels = pixels
  }

  /// An end of a linear axis: the next tick if that is near, else slightly beyond the data.
  private static func end(_ value: Double, _ step: Double, _ length: Double) -> Double {
    let next = (value / step - 1e-9).rounded(.up) * step
    return next - value <= 0.4 * step ? next : value + 0.03 * length
  }

  /// Where a value lies.
  func pixel(_ value: Double) -> Double {
    let place =
      isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
    return pixels.0 + place * (pixels.1 - pixels.0)
  }
}

/// A mark on an axis.
struct Tick: Equatable {
  let value: Double
  let text: String
}

/// About `count` round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten.
func niceTicks(from low: Double, to high: Double, about count: Int) -> [Tick] {
  guard high > low else { return [Tick(value: low, text: tickText(low, step: 1))] }
  let step = niceStep(from: low, to: high, about: count)
  let slack = 1e-9 * step
  let first = Int(((low - slack) / step).rounded(.up))
  let last = Int(((high + slack) / step).rounded(.down))
  guard first <= last else { return [] }
  return (first...last).map {
    let value = Double($0) * step
    return Tick(value: value, text: tickText(value, step: step))
  }
}

/// 1, 2 or 5 times a power of ten, which divides a range into about `count` parts.
private func niceStep(from low: Double, to high: Double, about count: Int) -> Double {
  let rough = (high - low) / Double(max(count, 1))
  let power = pow(10, log10(rough).rounded(.down))
  return ([1, 2, 5].first { $0 * power >= rough * 0.75 } ?? 10) * power
}

/// Powers of ten; also 2 and 5 times them where the axis is short.
func logarithmicTicks(from low: Double, to high: Double) -> [Tick] {
  let decades = log10(high / low)
  let factors: [Double] = decades < 1 ? [1, 2, 3, 4, 5, 7] : decades < 2.5 ? [1, 2, 5] : [1]
  let powers = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
  var ticks: [Tick] = []
  for power in powers {
    for factor in factors {
      let value = factor * pow(10, Double(power))
      if value < low * (1 - 1e-9) || value > high * (1 + 1e-9) { continue }
      ticks.append(Tick(value: value, text: tickText(value, step: value)))
    }
  }
  return ticks
}

/// A tick's number with as many decimals as the distance to the next one needs: "0.05", "20k".
private func tickText(_ value: Double, step: Double) -> String {
  let size = max(abs(value), step)
  if size < 1e-3 || size >= 1e9 {
    let power = Int((log10(size) + 1e-9).rounded(.down))
    let mantissa = value / pow(10, Double(power))
    let digits = String(power).map { superscripts[$0] ?? $0 }
    let factor = abs(mantissa - 1) < 1e-9 ? "" : shortest(mantissa) + "·"
    return value == 0 ? "0" : factor + "10" + String(digits)
  }
  for (unit, letter) in [(1e6, "M"), (1e4, "k")] where size >= unit {
    let divisor = letter == "k" ? 1e3 : unit
    if (value / divisor * 10).rounded() == value / divisor * 10 {
      return value == 0 ? "0" : shortest(value / divisor) + letter
    }
  }
  let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
  return NumberStyle.decimals(decimals).text(value)
}

private func shortest(_ value: Double) -> String {
  NumberStyle.decimals(value == value.rounded() ? 0 : 1).text(value)
}

private let superscripts: [Character: Character] = [
  "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
  "8": "⁸", "9": "⁹",
]
