import Images
import TensorCore

/// A matrix as coloured cells with labels and a colour bar: attention, similarities, confusions.
///
///     out.figure("similarity", HeatMap(scores, rows: captions, columns: names), "…")
public struct HeatMap: Figure {
  /// The heading above the map.
  public var title: String
  /// The colours.
  public var map: ColorMap
  /// What the ends of the colours stand for; nil for the smallest and largest number.
  public var range: ClosedRange<Double>?
  /// Labels of the rows, or none.
  public var rows: [String]
  /// Labels of the columns, or none.
  public var columns: [String]
  /// What the rows are, written to the left of their labels.
  public var rowTitle = ""
  /// What the columns are, written above their labels.
  public var columnTitle = ""
  /// Whether there is a colour bar.
  public var hasBar = true
  /// The side of a cell in pixels; nil for a size that suits the page.
  public var cellSize: Int?

  private let height: Int
  private let width: Int
  private let numbers: [Double]
  private var texts: [String] = []

  /// A heat map of a matrix [rows, columns]; with `showsNumbers` each cell has its number on it.
  public init(
    _ matrix: Tensor, _ title: String = "", rows: [String] = [], columns: [String] = [],
    map: ColorMap = .dark, range: ClosedRange<Double>? = nil, showsNumbers: Bool = false
  ) {
    let sizes = Array(matrix.shape.drop { $0 == 1 && matrix.rank > 2 })
    precondition(
      sizes.count == 2 && matrix.count > 0, "a heat map shows a matrix, got shape \(matrix.shape)")
    (height, width) = (sizes[0], sizes[1])
    precondition(
      [0, height].contains(rows.count) && [0, width].contains(columns.count),
      "a heat map of \(sizes) got labels for \(rows.count) rows and \(columns.count) columns")
    numbers = matrix.scalars.map(Double.init)
    self.title = title
    self.rows = rows
    self.columns = columns
    self.map = map
    self.range = range
    if showsNumbers {
      let style = NumberStyle(for: numbers, digits: 3)
      texts = numbers.map { style.text($0) }
    }
  }

  /// How often things of each kind (row) were taken for things of each kind (column). Colours
  /// are fractions of the row, numbers are counts.
  public static func confusion(_ counts: [[Int]], labels: [String], _ title: String = "") -> HeatMap
  {
    let fractions = counts.map { row in
      row.map { Float($0) / Float(max(row.reduce(0, +), 1)) }
    }
    var map = HeatMap(
      Tensor(fractions), title, rows: labels, columns: labels, map: .light, range: 0...1)
    map.texts = counts.joined().map { $0 == 0 ? "·" : "\($0)" }
    (map.rowTitle, map.columnTitle) = ("truth", "answer")
    return map
  }

  /// The map as SVG; its cells are a PNG file within.
  public func fileBytes() -> [UInt8] {
    let range = range ?? map.range(of: numbers)
    let ticks = hasBar ? ticks(range) : []
    let at = Layout(self, ticks)
    var svg = SVG(width: at.width, height: at.height)
    drawTitles(at, in: &svg)
    drawLabels(at, in: &svg)
    drawCells(at, range, in: &svg)
    if hasBar { drawBar(ticks, at, in: &svg) }
    func text(_ number: Double) -> String { NumberStyle(for: [number]).text(number) }
    return svg.file(
      title: title.isEmpty ? "Heat map" : title,
      description: "\(height) rows and \(width) columns of numbers from "
        + "\(text(range.lowerBound)) to \(text(range.upperBound)), as colours"
    )
  }

  /// Where everything is, in pixels.
  private struct Layout {
    let gap = 6.0
    let pad = 14.0
    let line = 20.0
    /// The top left corner of the cells.
    let left, top: Double
    let cellWidth, cellHeight: Double
    let mapWidth, mapHeight: Double
    /// The foot of the columns' title.
    let columnTitleFoot: Double
    /// Whether the labels of the columns read from bottom to top.
    let turnsLabels: Bool
    let width, height: Double

    init(_ map: HeatMap, _ ticks: [(place: Double, text: String)]) {
      // A cell is wide enough for its text, and the whole map is about 560 pixels.
      let wanted = Double(map.cellSize ?? min(max(560 / max(map.width, map.height), 4), 56))
      let widest = map.texts.map { SVG.width($0, size: textSize) + 10 }.max() ?? 0
      let hasText = !map.texts.isEmpty || !map.rows.isEmpty
      cellWidth = max(wanted, widest)
      cellHeight = max(wanted, hasText ? line : 0)
      mapWidth = Double(map.width) * cellWidth
      mapHeight = Double(map.height) * cellHeight

      // From left to right: title of the rows, their labels, the cells, the bar and its numbers.
      func longest(_ texts: [String]) -> Double {
        texts.map { SVG.width($0, size: textSize) }.max() ?? 0
      }
      let rowLabels = map.rows.isEmpty ? 0 : longest(map.rows) + gap
      left = pad + (map.rowTitle.isEmpty ? 0 : line + gap) + rowLabels
      let bar = map.hasBar ? 2 * pad + 22 + longest(ticks.map(\.text)) : 0
      width = max(left + mapWidth + bar, pad + SVG.width(map.title, size: titleSize)) + pad

      // From top to bottom: title, title of the columns, their labels, the cells.
      turnsLabels = longest(map.columns) > cellWidth - gap
      let labels = turnsLabels ? longest(map.columns) + gap : line
      columnTitleFoot = pad + (map.title.isEmpty ? 0 : line + gap) + textSize
      top =
        pad + (map.title.isEmpty ? 0 : line + gap) + (map.columnTitle.isEmpty ? 0 : line)
        + (map.columns.isEmpty ? 0 : labels)
      height = top + mapHeight + pad
    }
  }

  private func drawTitles(_ at: Layout, in svg: inout SVG) {
    if !title.isEmpty { svg.text(title, at.pad, at.pad + titleSize, size: titleSize, bold: true) }
    if !columnTitle.isEmpty {
      svg.text(
        columnTitle, at.left + at.mapWidth / 2, at.columnTitleFoot, size: textSize, .middle,
        color: SVG.soft)
    }
    if !rowTitle.isEmpty {
      svg.text(
        rowTitle, at.pad + textSize, at.top + at.mapHeight / 2, size: textSize, .middle,
        color: SVG.soft, turned: true)
    }
  }

  private func drawLabels(_ at: Layout, in svg: inout SVG) {
    for (i, label) in rows.enumerated() {
      let middle = at.top + (Double(i) + 0.5) * at.cellHeight
      svg.text(label, at.left - at.gap, middle + 5, size: textSize, .end)
    }
    for (j, label) in columns.enumerated() {
      let middle = at.left + (Double(j) + 0.5) * at.cellWidth
      if at.turnsLabels {
        svg.text(label, middle + 5, at.top - at.gap, size: textSize, turned: true)
      } else {
        svg.text(label, middle, at.top - at.gap, size: textSize, .middle)
      }
    }
  }

  private func drawCells(_ at: Layout, _ range: ClosedRange<Double>, in svg: inout SVG) {
    let colors = numbers.map { map.color(at: map.place(of: $0, in: range)) }
    var cells = Image(width: width, height: height)
    for (i, color) in colors.enumerated() { cells[i % width, i / width] = color }
    svg.picture(cells, at.left, at.top, at.mapWidth, at.mapHeight)
    for (i, text) in texts.enumerated() {
      svg.text(
        text, at.left + (Double(i % width) + 0.5) * at.cellWidth,
        at.top + (Double(i / width) + 0.5) * at.cellHeight + 5, size: textSize, .middle,
        color: inkColor(on: colors[i]))
    }
  }

  /// Where the bar has numbers, 0 at the bottom and 1 at the top.
  private func ticks(_ range: ClosedRange<Double>) -> [(place: Double, text: String)] {
    guard range.upperBound > range.lowerBound else {
      return [(0.5, NumberStyle(for: [range.lowerBound]).text(range.lowerBound))]
    }
    let ticks = niceTicks(from: range.lowerBound, to: range.upperBound, about: 4)
    return ticks.map { (map.place(of: $0.value, in: range), $0.text) }
  }

  private func drawBar(
    _ ticks: [(place: Double, text: String)], _ at: Layout, in svg: inout SVG
  ) {
    let steps = 128
    var bar = Image(width: 1, height: steps)
    for row in 0..<steps { bar[0, row] = map.color(at: 1 - (Double(row) + 0.5) / Double(steps)) }
    let x = at.left + at.mapWidth + at.pad
    svg.picture(bar, x, at.top, 16, at.mapHeight)
    for (place, text) in ticks {
      let y = at.top + (1 - place) * at.mapHeight
      svg.line(x + 16, y, x + 20, y, SVG.ink)
      svg.text(text, x + 22, min(max(y + 5, at.top + 10), at.height - 2), size: textSize)
    }
  }
}

/// The sizes of labels and of headings.
private let textSize = 14.0
private let titleSize = 16.0
