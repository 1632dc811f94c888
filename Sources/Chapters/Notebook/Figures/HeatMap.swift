import Images
import PictureFiles
import Sheets
import TensorCore

/// A matrix as coloured cells with labels and a colour bar: attention, similarities, confusions.
///
///     out.figure("similarity", HeatMap(scores, rows: captions, columns: names), "…")
public struct HeatMap: Figure {
  /// "png".
  public static let fileExtension = "png"

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

  /// The map as PNG.
  public func fileBytes() -> [UInt8] { image.pngData() }

  /// The map as a picture, for instance for a grid of maps.
  public var image: Image {
    let range = range ?? map.range(of: numbers)
    let ticks = hasBar ? ticks(range) : []
    let layout = Layout(self, ticks)
    var image = Image(width: layout.width, height: layout.height, fill: (255, 255, 255))
    drawTitles(layout, in: &image)
    drawLabels(layout, in: &image)
    drawCells(layout, range, in: &image)
    if hasBar { drawBar(ticks, layout, in: &image) }
    return image
  }

  /// Where everything is, in pixels.
  private struct Layout {
    let gap = 2 * textScale
    let pad = 6 * textScale
    let line = PixelFont.lineHeight * textScale
    /// The top left corner of the cells.
    let left, top: Int
    let cellWidth, cellHeight: Int
    let mapWidth, mapHeight: Int
    /// Where the title of the columns stands.
    let columnTitleTop: Int
    /// Whether the labels of the columns read from bottom to top.
    let turnsLabels: Bool
    let width, height: Int

    init(_ map: HeatMap, _ ticks: [(place: Double, text: String)]) {
      // A cell is wide enough for its text, and the whole map is about 560 pixels.
      let wanted = map.cellSize ?? min(max(560 / max(map.width, map.height), 4), 56)
      let widest = map.texts.map(textWidth).max().map { $0 + 5 * textScale } ?? 0
      let hasText = !map.texts.isEmpty || !map.rows.isEmpty
      cellWidth = max(wanted, widest)
      cellHeight = max(wanted, hasText ? capitalHeight + 3 * textScale : 0)
      mapWidth = map.width * cellWidth
      mapHeight = map.height * cellHeight

      // From left to right: title of the rows, their labels, the cells, the bar and its numbers.
      let rowLabelWidth = map.rows.isEmpty ? 0 : (map.rows.map(textWidth).max() ?? 0) + gap
      left = pad + (map.rowTitle.isEmpty ? 0 : line + gap) + rowLabelWidth
      let numberWidth = ticks.map { textWidth($0.text) }.max() ?? 0
      let barWidth = map.hasBar ? 2 * pad + 12 * textScale + numberWidth : 0
      width = max(left + mapWidth + barWidth, pad + textWidth(map.title)) + pad

      // From top to bottom: title, title of the columns, their labels, the cells.
      let longest = map.columns.map(textWidth).max() ?? 0
      turnsLabels = longest > cellWidth - gap
      let labelHeight = turnsLabels ? longest + gap : capitalHeight + 2 * gap
      columnTitleTop = pad + (map.title.isEmpty ? 0 : line + 2 * gap)
      top =
        columnTitleTop + (map.columnTitle.isEmpty ? 0 : line + 2 * gap)
        + (map.columns.isEmpty ? 0 : labelHeight)
      height = top + mapHeight + pad + capitalHeight / 2
    }
  }

  private func drawTitles(_ at: Layout, in image: inout Image) {
    image.write(title, x: at.pad, y: at.pad)
    let x = at.left + (at.mapWidth - textWidth(columnTitle)) / 2
    image.write(columnTitle, x: max(x, at.pad), y: at.columnTitleTop)
    let turned = Image.line(rowTitle).turnedLeft()
    let y = max(at.top + (at.mapHeight - turned.height) / 2, 0)
    let visible = min(turned.height, image.height - y)
    if rowTitle.isEmpty { return }
    image.paste(
      turned.cropped(x: 0, y: 0, width: turned.width, height: visible), x: at.pad, y: y)
  }

  private func drawLabels(_ at: Layout, in image: inout Image) {
    for (i, label) in rows.enumerated() {
      let y = at.top + i * at.cellHeight + (at.cellHeight - capitalHeight) / 2
      image.write(label, x: at.left - at.gap - textWidth(label), y: y)
    }
    for (j, label) in columns.enumerated() {
      let middle = at.left + j * at.cellWidth + at.cellWidth / 2
      if at.turnsLabels {
        let turned = Image.line(label).turnedLeft()
        let x = min(max(middle - capitalHeight / 2, 0), image.width - turned.width)
        image.paste(turned, x: x, y: at.top - at.gap - turned.height)
      } else {
        image.write(label, x: middle - textWidth(label) / 2, y: at.top - capitalHeight - at.gap)
      }
    }
  }

  private func drawCells(_ at: Layout, _ range: ClosedRange<Double>, in image: inout Image) {
    for (i, number) in numbers.enumerated() {
      let color = map.color(at: map.place(of: number, in: range))
      let (x, y) = (at.left + i % width * at.cellWidth, at.top + i / width * at.cellHeight)
      image.fill(x: x, y: y, width: at.cellWidth, height: at.cellHeight, color)
      if texts.isEmpty { continue }
      image.write(
        texts[i], x: x + (at.cellWidth - textWidth(texts[i])) / 2,
        y: y + (at.cellHeight - capitalHeight) / 2, color: inkColor(on: color))
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
    _ ticks: [(place: Double, text: String)], _ at: Layout, in image: inout Image
  ) {
    let (x, width, height) = (at.left + at.mapWidth + at.pad, 8 * textScale, at.mapHeight)
    for row in 0..<height {
      let place = 1 - (Double(row) + 0.5) / Double(height)
      image.fill(x: x, y: at.top + row, width: width, height: 1, map.color(at: place))
    }
    for (place, text) in ticks {
      let row = at.top + min(Int((1 - place) * Double(height)), height - 1)
      image.fill(x: x + width, y: row, width: 2 * textScale, height: 1, (40, 40, 40))
      image.write(text, x: x + width + 4 * textScale, y: max(row - capitalHeight / 2, 0))
    }
  }
}
