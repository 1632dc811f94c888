import Foundation

/// Curves, points and columns over two axes, as SVG.
///
///     out.figure(
///       "curve",
///       Plot(
///         "Learning to see", x: "step", y: Axis("loss (nats)", isLogarithmic: true),
///         .line("training", x: steps, losses), .line("validation", x: [0, 500, 1000], held),
///         .level("chance", log(10))),
///       "The loss falls below chance within 200 steps")
///
/// Every line has its name at its end, a colour of its own (Okabe and Ito) and a style of its own.
public struct Plot: Figure {
  /// The heading above the plot.
  public let title: String
  /// What it shows, for readers who cannot see it; by default the axes and the names.
  public var description: String
  /// The size in pixels; a width of 760 fills a page.
  public var size: (width: Double, height: Double) = (760, 420)

  let x, y: Axis
  let marks: [Mark]

  /// A plot of marks, drawn in their order.
  public init(_ title: String = "", x: Axis, y: Axis, _ marks: Mark...) {
    self.init(title, x: x, y: y, marks)
  }

  /// A plot of an array of marks, drawn in their order.
  public init(_ title: String = "", x: Axis, y: Axis, _ marks: [Mark]) {
    self.title = title
    self.x = x
    self.y = y
    self.marks = marks
    let names = marks.map(\.name).filter { !$0.isEmpty }
    description =
      "\(y.label) over \(x.label)" + (names.isEmpty ? "" : ": " + names.joined(separator: ", "))
  }

  /// The plot as SVG.
  public func fileBytes() -> [UInt8] {
    PlotDrawing(self).file(title: title.isEmpty ? description : title, description: description)
  }

  /// The mean of each value and the `count - 1` before it, for curves that jump.
  public static func smoothed<Number: BinaryFloatingPoint>(
    _ values: [Number], over count: Int
  ) -> [Number] {
    precondition(count > 0, "a mean needs a value, not \(count)")
    var sum: Number = 0
    return values.indices.map { i in
      sum += values[i]
      if i >= count { sum -= values[i - count] }
      return sum / Number(min(i + 1, count))
    }
  }
}

/// Something drawn in a plot.
public struct Mark: Sendable {
  enum Kind: Equatable { case line, points, columns, band, level, moment }

  let kind: Kind
  let name: String
  let x: [Double]
  let y: [Double]
  /// The upper ends of a band.
  var top: [Double] = []
  /// Texts beside points.
  var labels: [String] = []
  /// Whether a curve stays in the background.
  var isFaint = false

  /// A curve. NaN interrupts it. A faint one stays in the background, for instance the losses of
  /// single steps under their mean.
  public static func line(
    _ name: String, x: [some BinaryFloatingPoint], _ y: [some BinaryFloatingPoint],
    isFaint: Bool = false
  ) -> Mark {
    var mark = Mark(.line, name, x.map { Double($0) }, y.map { Double($0) })
    mark.isFaint = isFaint
    return mark
  }

  /// A curve over the numbers 0, 1, 2, …
  public static func line(
    _ name: String, _ y: [some BinaryFloatingPoint], isFaint: Bool = false
  ) -> Mark {
    line(name, x: y.indices.map(Double.init), y, isFaint: isFaint)
  }

  /// Points, with a text beside each of them if there are `labels`.
  public static func points(
    _ name: String, x: [some BinaryFloatingPoint], _ y: [some BinaryFloatingPoint],
    labels: [String] = []
  ) -> Mark {
    precondition(
      [0, x.count].contains(labels.count), "\(labels.count) labels for \(x.count) points")
    var mark = Mark(.points, name, x.map { Double($0) }, y.map { Double($0) })
    mark.labels = labels
    return mark
  }

  /// Columns from zero, for histograms and counts.
  public static func columns(
    _ name: String, x: [some BinaryFloatingPoint], _ y: [some BinaryFloatingPoint]
  ) -> Mark {
    Mark(.columns, name, x.map { Double($0) }, y.map { Double($0) })
  }

  /// How many of `values` lie in each of `bins` equal parts of their range.
  public static func histogram(
    _ name: String, _ values: [some BinaryFloatingPoint], bins: Int = 40
  ) -> Mark {
    let values = values.map { Double($0) }.filter(\.isFinite)
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let width = high > low ? (high - low) / Double(bins) : 1
    var counts = [Double](repeating: 0, count: bins)
    for value in values { counts[min(Int((value - low) / width), bins - 1)] += 1 }
    return Mark(.columns, name, (0..<bins).map { low + (Double($0) + 0.5) * width }, counts)
  }

  /// What lies between two curves, for instance a mean plus and minus a deviation. It has the
  /// colour of the line that follows it.
  public static func band(
    x: [some BinaryFloatingPoint], from low: [some BinaryFloatingPoint],
    to high: [some BinaryFloatingPoint]
  ) -> Mark {
    precondition(low.count == high.count, "a band of \(low.count) lower, \(high.count) upper ends")
    var mark = Mark(.band, "", x.map { Double($0) }, low.map { Double($0) })
    mark.top = high.map { Double($0) }
    return mark
  }

  /// A level to compare with.
  public static func level(_ name: String, _ y: some BinaryFloatingPoint) -> Mark {
    Mark(.level, name, [], [Double(y)])
  }

  /// A place on the horizontal axis.
  public static func moment(_ name: String, _ x: some BinaryFloatingPoint) -> Mark {
    Mark(.moment, name, [Double(x)], [])
  }

  private init(_ kind: Kind, _ name: String, _ x: [Double], _ y: [Double]) {
    precondition(
      kind == .level || kind == .moment || x.count == y.count,
      "\"\(name)\" has \(x.count) places for \(y.count) values")
    self.kind = kind
    self.name = name
    self.x = x
    self.y = y
  }
}

/// How marks differ: the colours of Okabe and Ito, from the most to the least contrast with white,
/// and dashes for readers who do not see colours.
enum Palette {
  static let colours = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000",
  ]
  static let dashes = ["", "8 4", "2 4", "10 4 2 4", "14 5", "5 3", "1 3", "9 3 2 3 2 3"]

  static func colour(_ i: Int) -> String { colours[i % colours.count] }
  static func dash(_ i: Int) -> String { dashes[i % dashes.count] }
}
