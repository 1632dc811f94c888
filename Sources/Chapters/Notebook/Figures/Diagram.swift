import Foundation

/// Boxes, arrows and words, as SVG: how things hang together.
///
///     var diagram = Diagram("Two towers", width: 760, height: 300)
///     diagram.box("text", x: 40, y: 60, width: 120, height: 40, 1)
///     diagram.arrow((160, 80), (260, 80), "vector [D]")
///
/// Coordinates are pixels from the upper left.
public struct Diagram: Figure {
  /// A place in the drawing.
  public typealias Place = (x: Double, y: Double)

  /// The heading above the drawing.
  public let title: String
  /// What it shows, for readers who cannot see it.
  public var description: String
  private var svg: SVG

  /// An empty drawing with a heading.
  public init(_ title: String, width: Double = 760, height: Double, description: String) {
    self.title = title
    self.description = description
    svg = SVG(width: width, height: height)
    svg.text(title, 20, 32, size: 17, bold: true)
  }

  /// A box with lines of text in its middle, filled with a pale form of the colour of that number.
  public mutating func box(
    _ text: String, x: Double, y: Double, width: Double, height: Double, _ colour: Int,
    size: Double = 14
  ) {
    svg.rectangle(x, y, width, height, Self.pale(Palette.colour(colour)), radius: 6)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let first = y + height / 2 - Double(lines.count - 1) * size * 0.64 + size * 0.34
    for (i, line) in lines.enumerated() {
      self.text(
        String(line), x: x + width / 2, y: first + Double(i) * size * 1.28, size: size,
        isCentred: true)
    }
  }

  /// An outline around boxes that belong together, with a heading within.
  public mutating func group(_ text: String, x: Double, y: Double, width: Double, height: Double) {
    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    svg.polyline(corners.map { (x: $0.0, y: $0.1) }, SVG.soft, width: 1.2, dash: "5 4")
    svg.text(text, x + 12, y + 22, size: 14, color: SVG.soft, bold: true)
  }

  /// A line with a head at its end, and at its beginning if it goes both ways. Its words stand in its
  /// middle: above it, or to the right of one that goes up or down.
  public mutating func arrow(
    _ from: Place, _ to: Place, _ text: String = "", _ colour: Int? = nil,
    goesBothWays: Bool = false
  ) {
    let colour = colour.map(Palette.colour) ?? SVG.soft
    svg.line(from.x, from.y, to.x, to.y, colour, width: 2)
    head(at: to, from: from, colour)
    if goesBothWays { head(at: from, from: to, colour) }
    if text.isEmpty { return }
    let middle = (x: (from.x + to.x) / 2, y: (from.y + to.y) / 2)
    if abs(to.x - from.x) > abs(to.y - from.y) {
      svg.text(text, middle.x, middle.y - 7, size: 13, .middle, color: colour)
    } else {
      svg.text(text, middle.x + 9, middle.y + 4.5, size: 13, color: colour)
    }
  }

  /// A line through several places, without a head.
  public mutating func line(_ places: [Place], _ colour: Int? = nil) {
    svg.polyline(
      places.map { (x: $0.x, y: $0.y) }, colour.map(Palette.colour) ?? SVG.soft, width: 2)
  }

  /// A line of text with its foot at `y`.
  public mutating func text(
    _ text: String, x: Double, y: Double, size: Double = 14, isCentred: Bool = false
  ) {
    svg.text(text, x, y, size: size, isCentred ? .middle : .start)
  }

  /// The drawing as SVG.
  public func fileBytes() -> [UInt8] { svg.file(title: title, description: description) }

  private mutating func head(at tip: Place, from start: Place, _ colour: String) {
    let length = hypot(tip.x - start.x, tip.y - start.y)
    let (dx, dy) = ((tip.x - start.x) / length, (tip.y - start.y) / length)
    func corner(_ side: Double) -> Place {
      (tip.x - 10 * dx - side * 5 * dy, tip.y - 10 * dy + side * 5 * dx)
    }
    svg.polygon([tip, corner(1), corner(-1)], colour)
  }

  /// A colour mixed with three parts of white.
  private static func pale(_ colour: String) -> String {
    let number = Int(colour.dropFirst(), radix: 16) ?? 0
    let parts = [16, 8, 0].map { (number >> $0 & 255) / 4 + 191 }
    return "#" + parts.map { String(format: "%02x", $0) }.joined()
  }
}
