import Foundation

/// A plot while it is drawn: scales first, then axes, marks and names.
struct PlotDrawing {
  private let plot: Plot
  private let left, right, top, bottom: Double
  private let x, y: Scale
  private var svg: SVG
  /// The names to the right of the plot, each with its height, colour and style.
  private var names: [Name] = []

  private struct Name {
    let text: String
    let wanted: Double
    let colour: String
    let dash: String
    let isFaint: Bool
    let kind: Mark.Kind
    let number: Int
  }

  init(_ plot: Plot) {
    self.plot = plot
    let lastNames = plot.marks.filter { $0.kind != .moment }.map(\.name)
    let nameWidth = lastNames.map { SVG.width($0) }.max() ?? 0
    top = plot.title.isEmpty ? 20 : 52
    bottom = plot.size.height - 58
    right = plot.size.width - (nameWidth > 0 ? nameWidth + 48 : 24)

    var ys = plot.marks.flatMap { $0.y + $0.top }
    if plot.marks.contains(where: { $0.kind == .columns }) { ys.append(0) }
    // The numbers of the vertical axis decide how much room they need.
    let draft = Scale(plot.y, ys, about: 6, pixels: (bottom, top))
    left = 44 + (draft.ticks.map { SVG.width($0.text, size: 13) }.max() ?? 0)
    y = draft
    var xs = plot.marks.flatMap(\.x)
    for mark in plot.marks where mark.kind == .columns {
      let half = Self.columnWidth(mark) / 2
      xs += [(mark.x.min() ?? 0) - half, (mark.x.max() ?? 0) + half]
    }
    x = Scale(plot.x, xs, about: 7, pixels: (left, right))
    svg = SVG(width: plot.size.width, height: plot.size.height)
  }

  func file(title: String, description: String) -> [UInt8] {
    var drawing = self
    drawing.drawAxes()
    drawing.drawMarks()
    drawing.drawNames()
    return drawing.svg.file(title: title, description: description)
  }

  private mutating func drawAxes() {
    if !plot.title.isEmpty { svg.text(plot.title, 20, 32, size: 17, bold: true) }
    for tick in y.ticks {
      let height = y.pixel(tick.value)
      svg.line(left, height, right, height, SVG.faint)
      svg.text(tick.text, left - 8, height + 4.5, size: 13, .end, color: SVG.soft)
    }
    // Numbers that would touch their neighbour are left out.
    var end = -Double.infinity
    for tick in x.ticks {
      let place = x.pixel(tick.value)
      let half = SVG.width(tick.text, size: 13) / 2
      svg.line(place, bottom, place, bottom + 5, SVG.soft)
      if place - half < end + 8 { continue }
      svg.text(tick.text, place, bottom + 20, size: 13, .middle, color: SVG.soft)
      end = place + half
    }
    svg.line(left, bottom, right, bottom, SVG.soft)
    svg.text(plot.x.label, (left + right) / 2, bottom + 44, .middle)
    svg.text(plot.y.label, 22, (top + bottom) / 2, .middle, turned: true)
  }

  private mutating func drawMarks() {
    var count = 0
    // Others have the number, and so the colour, of the next one.
    let numbered = plot.marks.map { mark in
      defer { if [.line, .points, .columns].contains(mark.kind) { count += 1 } }
      return (mark, count)
    }
    var drawing = svg
    drawing.clipped(x: left, y: top - 4, width: right - left + 4, height: bottom - top + 4) { svg in
      for (mark, number) in numbered where mark.kind != .points { draw(mark, number, in: &svg) }
    }
    // A point that lies on an axis must not be cut in half.
    for (mark, number) in numbered where mark.kind == .points { draw(mark, number, in: &drawing) }
    svg = drawing
    for (mark, number) in numbered { name(mark, number) }
  }

  private func draw(_ mark: Mark, _ number: Int, in svg: inout SVG) {
    let colour = Palette.colour(number)
    let pixels = zip(mark.x, mark.y).map { (x: x.pixel($0), y: y.pixel($1)) }
    switch mark.kind {
    case .line:
      for piece in pixels.split(whereSeparator: { !$0.y.isFinite || !$0.x.isFinite }) {
        let thinned = Self.thinned(Array(piece))
        if mark.isFaint {
          svg.polyline(thinned, colour, width: 1, opacity: 0.4)
        } else {
          svg.polyline(thinned, colour, dash: Palette.dash(number))
        }
      }
    case .points:
      for (i, point) in pixels.enumerated() where isInside(point) {
        Self.symbol(number, at: point, colour, in: &svg)
        if !mark.labels.isEmpty {
          let isLeft = point.x + 10 + SVG.width(mark.labels[i], size: 13) < right
          svg.text(
            mark.labels[i], point.x + (isLeft ? 8 : -8), point.y + 4.5, size: 13,
            isLeft ? .start : .end)
        }
      }
    case .columns:
      // Columns of several marks stand side by side, with a space between groups.
      let sides = plot.marks.count { $0.kind == .columns }
      let numbered = plot.marks.filter { [.line, .points, .columns].contains($0.kind) }
      let side = numbered.prefix(number).count { $0.kind == .columns }
      let width = Self.columnWidth(mark) * (sides > 1 ? 0.8 / Double(sides) : 1)
      let moved = (Double(side) - Double(sides - 1) / 2) * width
      for (place, height) in zip(mark.x, mark.y) where height.isFinite {
        let (from, to) = (
          x.pixel(place + moved - width / 2), x.pixel(place + moved + width / 2)
        )
        let (foot, head) = (min(max(y.pixel(0), top), bottom), y.pixel(height))
        let gap = to - from > 6 ? 1.0 : 0
        svg.rectangle(
          from + gap / 2, min(foot, head), max(to - from - gap, 0.5), abs(foot - head), colour)
      }
    case .band:
      let upper = zip(mark.x, mark.top).map { (x: x.pixel($0), y: y.pixel($1)) }
      svg.polygon(pixels + upper.reversed(), colour, opacity: 0.2)
    case .level:
      let height = y.pixel(mark.y[0])
      svg.line(left, height, right, height, SVG.soft, width: 1.5, dash: "3 4")
    case .moment:
      let place = x.pixel(mark.x[0])
      svg.line(place, top, place, bottom, SVG.soft, width: 1.5, dash: "3 4")
      let isLeft = place + 8 + SVG.width(mark.name, size: 13) < right
      svg.text(
        mark.name, place + (isLeft ? 6 : -6), top + 12, size: 13, isLeft ? .start : .end,
        color: SVG.soft)
    }
  }

  /// Whether a point lies between the axes, or on one.
  private func isInside(_ point: (x: Double, y: Double)) -> Bool {
    point.x >= left - 0.5 && point.x <= right + 0.5 && point.y >= top - 0.5
      && point.y <= bottom + 0.5
  }

  /// Notes the best height for the name of a mark.
  private mutating func name(_ mark: Mark, _ number: Int) {
    if mark.name.isEmpty || mark.kind == .moment || mark.kind == .band { return }
    let heights = mark.y.filter(\.isFinite).map { y.pixel($0) }
    let wanted = mark.kind == .line || mark.kind == .level ? heights.last ?? top : top
    let isLevel = mark.kind == .level
    names.append(
      Name(
        text: mark.name, wanted: min(max(wanted, top), bottom),
        colour: isLevel ? SVG.soft : Palette.colour(number),
        dash: isLevel ? "3 4" : mark.isFaint ? "" : Palette.dash(number), isFaint: mark.isFaint,
        kind: mark.kind, number: number))
  }

  private mutating func drawNames() {
    let heights = spread(names.map(\.wanted), apart: 19, from: top, to: bottom)
    for (name, height) in zip(names, heights) {
      let start = right + 8
      switch name.kind {
      case .points: Self.symbol(name.number, at: (start + 11, height), name.colour, in: &svg)
      case .columns: svg.rectangle(start + 5, height - 6, 12, 12, name.colour)
      default:
        if abs(height - name.wanted) > 2 {
          svg.line(right + 1, name.wanted, start, height, SVG.soft, width: 0.7)
        }
        svg.polyline(
          [(start, height), (start + 24, height)], name.colour,
          width: name.isFaint ? 1 : name.kind == .level ? 1.5 : 2.2, dash: name.dash,
          opacity: name.isFaint ? 0.6 : 1)
      }
      svg.text(name.text, start + 30, height + 5)
    }
  }

  /// One of four shapes; marks beyond the fourth repeat them in other colours.
  private static func symbol(
    _ number: Int, at p: (x: Double, y: Double), _ colour: String, in svg: inout SVG
  ) {
    switch number % 4 {
    case 0: svg.circle(p.x, p.y, radius: 4, colour)
    case 1: svg.rectangle(p.x - 3.6, p.y - 3.6, 7.2, 7.2, colour)
    case 2: svg.polygon([(p.x, p.y - 5), (p.x + 4.6, p.y + 3.6), (p.x - 4.6, p.y + 3.6)], colour)
    default:
      svg.polygon([(p.x, p.y - 5), (p.x + 5, p.y), (p.x, p.y + 5), (p.x - 5, p.y)], colour)
    }
  }

  /// The smallest distance between columns, in the numbers of the axis.
  private static func columnWidth(_ mark: Mark) -> Double {
    let sorted = mark.x.sorted()
    return zip(sorted.dropFirst(), sorted).map { $0 - $1 }.filter { $0 > 0 }.min() ?? 1
  }

  /// The same curve with at most the lowest and the highest point of each pixel's column.
  private static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    guard points.count > 1000 else { return points }
    var result: [(x: Double, y: Double)] = []
    var start = 0
    while start < points.count {
      var end = start + 1
      while end < points.count && points[end].x < points[start].x + 1 { end += 1 }
      let low = (start..<end).min { points[$0].y < points[$1].y } ?? start
      let high = (start..<end).max { points[$0].y < points[$1].y } ?? start
      result += Set([low, high]).sorted().map { points[$0] }
      start = end
    }
    return result
  }
}

/// Places as near to the wanted ones as possible, in the same order, at least `apart` from each
/// other and, if there is room, between `low` and `high`.
func spread(_ wanted: [Double], apart: Double, from low: Double, to high: Double) -> [Double] {
  let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
  // Neighbours that are too close become a group around the mean of what they want.
  var groups: [(members: [Int], middle: Double)] = []
  for i in order {
    groups.append(([i], wanted[i]))
    while groups.count > 1 {
      let (a, b) = (groups[groups.count - 2], groups[groups.count - 1])
      let room = apart * Double(a.members.count + b.members.count) / 2
      if b.middle - a.middle >= room { break }
      groups.removeLast(2)
      let members = a.members + b.members
      let mean = members.map { wanted[$0] }.reduce(0, +) / Double(members.count)
      let half = apart * Double(members.count - 1) / 2
      groups.append((members, max(min(mean, high - half), low + half)))
    }
  }
  var result = wanted
  for (members, middle) in groups {
    for (k, i) in members.enumerated() {
      result[i] = middle + (Double(k) - Double(members.count - 1) / 2) * apart
    }
  }
  return result
}
