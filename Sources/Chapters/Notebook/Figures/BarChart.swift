import Foundation

/// Bars for things with names, each with its number at its end, as SVG.
///
///     BarChart(
///       "Accuracy by model", "accuracy (%)", ["linear", "ViT"],
///       ["seen": [41.2, 91.3], "unseen": [40.0, 88.1]])
public struct BarChart: Figure {
  /// "svg".
  public static let fileExtension = "svg"

  /// The heading above the chart.
  public let title: String
  /// What it shows, for readers who cannot see it.
  public var description: String
  /// The width in pixels; 760 fills a page.
  public var width = 760.0

  let axis: Axis
  let things: [String]
  let series: [(name: String, values: [Double])]

  /// A bar for each of `things` and of the `series`, which have a value for every thing.
  public init(
    _ title: String, _ axis: Axis, _ things: [String],
    _ series: KeyValuePairs<String, [Double]>
  ) {
    for (name, values) in series {
      precondition(
        values.count == things.count && values.allSatisfy(\.isFinite),
        "\"\(name)\" needs \(things.count) finite values, got \(values)")
    }
    self.title = title
    self.axis = axis
    self.things = things
    self.series = series.map { ($0.key, $0.value) }
    description = "\(axis.label) of " + things.joined(separator: ", ")
  }

  /// A bar for each of `things`.
  public init(_ title: String, _ axis: Axis, _ things: [String], _ values: [Double]) {
    self.init(title, axis, things, ["": values])
  }

  /// The chart as SVG.
  public func fileBytes() -> [UInt8] {
    let hasLegend = series.count > 1
    let (bar, gap) = (20.0, 14.0)
    let top = (title.isEmpty ? 16 : 48) + (hasLegend ? 26.0 : 0)
    let group = bar * Double(series.count) + gap
    let bottom = top + group * Double(things.count)
    var svg = SVG(width: width, height: bottom + 58)
    if !title.isEmpty { svg.text(title, 20, 32, size: 17, bold: true) }

    let all = series.flatMap(\.values)
    let style = NumberStyle(for: all, digits: 3)
    let numberWidth = all.map { SVG.width(style.text($0), size: 13) }.max() ?? 0
    let left = 28 + (things.map { SVG.width($0) }.max() ?? 0)
    let right = width - 24 - numberWidth
    // Bars to the left have their numbers between the bar and the names.
    let leftmost = left + (all.contains { $0 < 0 } ? numberWidth : 0)
    let scale = Scale(
      axis, all + (axis.isLogarithmic ? [] : [0]), about: 6, pixels: (leftmost, right))
    let zero = axis.isLogarithmic ? left : scale.pixel(min(max(0, scale.low), scale.high))

    for tick in scale.ticks {
      let place = scale.pixel(tick.value)
      svg.line(place, top, place, bottom, SVG.faint)
      svg.text(tick.text, place, bottom + 20, size: 13, .middle, color: SVG.soft)
    }
    svg.text(axis.label, (left + right) / 2, bottom + 44, .middle)
    var place = left
    for (k, one) in series.enumerated() where hasLegend {
      svg.rectangle(place, top - 24, 12, 12, Palette.colour(k))
      svg.text(one.name, place + 18, top - 13)
      place += 44 + SVG.width(one.name)
    }
    for (i, thing) in things.enumerated() {
      let start = top + group * Double(i) + gap / 2
      let middle = start + bar * Double(series.count) / 2
      svg.text(thing, left - 10, middle + 5, .end)
      for (k, one) in series.enumerated() {
        let y = start + bar * Double(k)
        let end = scale.pixel(one.values[i])
        svg.rectangle(
          min(zero, end), y + 1, abs(end - zero), bar - 2, Palette.colour(k), radius: 1.5)
        let isLeft = end < zero
        svg.text(
          style.text(one.values[i]), end + (isLeft ? -6 : 6), y + bar / 2 + 4.5, size: 13,
          isLeft ? .end : .start)
      }
    }
    svg.line(zero, top, zero, bottom, SVG.soft)
    return svg.file(title: title.isEmpty ? description : title, description: description)
  }
}
