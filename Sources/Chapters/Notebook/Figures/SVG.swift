import Foundation
import Images
import PictureFiles

/// A drawing of lines and text as SVG: sharp at every size, small in diffs, and its text can be
/// selected and read aloud.
struct SVG {
  let width, height: Double
  private var body: [String] = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, width: Double = 1,
    dash: String = ""
  ) {
    body.append(
      "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" stroke=\"\(color)\" "
        + "stroke-width=\"\(n(width))\"\(dashes(dash))/>")
  }

  mutating func polyline(
    _ points: [(x: Double, y: Double)], _ color: String, width: Double = 2, dash: String = "",
    opacity: Double = 1
  ) {
    body.append(
      "<polyline points=\"\(list(points))\" fill=\"none\" stroke=\"\(color)\" "
        + "stroke-width=\"\(n(width))\" stroke-linejoin=\"round\" stroke-linecap=\"round\""
        + "\(dashes(dash))\(opacity < 1 ? " stroke-opacity=\"\(n(opacity))\"" : "")/>")
  }

  mutating func polygon(_ points: [(x: Double, y: Double)], _ color: String, opacity: Double = 1) {
    body.append(
      "<polygon points=\"\(list(points))\" fill=\"\(color)\" fill-opacity=\"\(n(opacity))\"/>")
  }

  mutating func circle(_ x: Double, _ y: Double, radius: Double, _ color: String) {
    body.append("<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\" fill=\"\(color)\"/>")
  }

  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ color: String,
    radius: Double = 0
  ) {
    let round = radius > 0 ? " rx=\"\(n(radius))\"" : ""
    body.append(
      "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" "
        + "fill=\"\(color)\"\(round)/>")
  }

  enum Anchor: String { case start, middle, end }

  /// A line of text with its foot at `y`.
  mutating func text(
    _ text: String, _ x: Double, _ y: Double, size: Double = 14, _ anchor: Anchor = .start,
    color: String = SVG.ink, bold: Bool = false, turned: Bool = false
  ) {
    let place =
      turned
      ? "transform=\"translate(\(n(x)) \(n(y))) rotate(-90)\"" : "x=\"\(n(x))\" y=\"\(n(y))\""
    body.append(
      "<text \(place) font-size=\"\(n(size))\" text-anchor=\"\(anchor.rawValue)\" fill=\"\(color)\""
        + "\(bold ? " font-weight=\"600\"" : "")>\(escaped(text))</text>")
  }

  /// A picture whose pixels are squares or other rectangles with sharp edges.
  mutating func picture(
    _ picture: Image, _ x: Double, _ y: Double, _ width: Double, _ height: Double
  ) {
    body.append(
      "<image x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" "
        + "preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
        + "href=\"data:image/png;base64,\(Data(picture.pngData()).base64EncodedString())\"/>")
  }

  /// Draws with everything outside a rectangle cut off.
  mutating func clipped(
    x: Double, y: Double, width: Double, height: Double, _ draw: (inout SVG) -> Void
  ) {
    body.append(
      "<clipPath id=\"area\"><rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" "
        + "height=\"\(n(height))\"/></clipPath>")
    body.append("<g clip-path=\"url(#area)\">")
    draw(&self)
    body.append("</g>")
  }

  /// The file, with a title and a description for readers who cannot see it. The white panel
  /// keeps it readable on dark pages.
  func file(title: String, description: String) -> [UInt8] {
    let head = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(width)) \(n(height))" \
      width="\(n(width))" height="\(n(height))" role="img" \
      font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">
      <title>\(escaped(title))</title>
      <desc>\(escaped(description))</desc>
      <rect width="\(n(width))" height="\(n(height))" rx="6" fill="#ffffff"/>
      """
    return Array((([head] + body + ["</svg>"]).joined(separator: "\n") + "\n").utf8)
  }

  static let ink = "#222222"
  static let faint = "#e4e4e4"
  static let soft = "#666666"

  /// The approximate width of a text in the widest font of most systems.
  static func width(_ text: String, size: Double = 14) -> Double {
    func share(_ c: Character) -> Double {
      if "iIjl.,:;|!'·()[] tfr".contains(c) { return 0.36 }
      return "mwMW@%→".contains(c) ? 0.9 : c.isUppercase || "<>=+−×".contains(c) ? 0.74 : 0.62
    }
    return text.reduce(0) { $0 + size * share($1) }
  }

  /// A text in lines of about `width` pixels, broken between words.
  static func lines(_ text: String, width: Double, size: Double) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, self.width("\(last) \(word)", size: size) <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  private func dashes(_ dash: String) -> String {
    dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
  }

  private func list(_ points: [(x: Double, y: Double)]) -> String {
    points.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
  }
}

/// A coordinate, to a tenth.
private func n(_ value: Double) -> String {
  let tenths = (value * 10).rounded() / 10
  return tenths == tenths.rounded() ? String(Int(tenths)) : String(format: "%.1f", tenths)
}

func escaped(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    .replacing("\"", with: "&quot;")
}
