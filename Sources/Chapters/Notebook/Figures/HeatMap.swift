import Images
import TensorCore

/// A matrix as coloured cells with labels and a colour bar: attention, similarities, confusions.
///
///     out.figure("similarity", HeatMap(scores, rows: captions, columns: names), "…")
public struct HeatMap: Figure {
  /// "png".
  public static let fileExtension = "png"

  /// What stands over the map.
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
  /// Pixels of a cell; nil for what suits the page.
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
    let (cellWidth, cellHeight) = cell
    let gap = 2 * textScale
    let pad = 6 * textScale
    let turnsLabels = columns.contains { textWidth($0) + gap > cellWidth }
    let line = PixelFont.lineHeight * textScale

    // From left to right: title of the rows, their labels, the cells, the bar and its numbers.
    let rowLabelWidth = rows.map(textWidth).max().map { $0 + gap } ?? 0
    let left = pad + (rowTitle.isEmpty ? 0 : line + gap) + rowLabelWidth
    let mapWidth = width * cellWidth
    let bar = hasBar ? ticks(range) : []
    let barWidth = hasBar ? pad * 2 + 12 * textScale + (bar.map { textWidth($0.text) }.max() ?? 0) : 0
    // From top to bottom: title, title of the columns, their labels, the cells.
    let columnLabelHeight =
      columns.isEmpty
      ? 0 : turnsLabels ? (columns.map(textWidth).max() ?? 0) + gap : capitalHeight + 2 * gap
    let titleHeight = title.isEmpty ? 0 : line + gap
    let top = pad + titleHeight + (columnTitle.isEmpty ? 0 : line + 2 * gap) + columnLabelHeight
    let mapHeight = height * cellHeight

    let contentWidth = max(left + mapWidth + barWidth, pad + textWidth(title))
    var image = Image(
      width: contentWidth + pad, height: top + mapHeight + pad + capitalHeight / 2,
      fill: (255, 255, 255))
    image.write(title, x: pad, y: pad)
    if !columnTitle.isEmpty {
      image.write(
        columnTitle, x: max(left + (mapWidth - textWidth(columnTitle)) / 2, pad),
        y: pad + titleHeight)
    }
    if !rowTitle.isEmpty {
      let turned = Image.line(rowTitle).turnedLeft()
      let y = top + (mapHeight - turned.height) / 2
      if y >= 0 && y + turned.height <= image.height { image.paste(turned, x: pad, y: y) }
    }
    for (i, label) in rows.enumerated() {
      let y = top + i * cellHeight + (cellHeight - capitalHeight) / 2
      image.write(label, x: left - gap - textWidth(label), y: y)
    }
    for (j, label) in columns.enumerated() {
      let middle = left + j * cellWidth + cellWidth / 2
      if turnsLabels {
        let turned = Image.line(label).turnedLeft()
        let x = min(max(middle - capitalHeight / 2, 0), image.width - turned.width)
        image.paste(turned, x: x, y: top - gap - turned.height)
      } else {
        image.write(label, x: middle - textWidth(label) / 2, y: top - capitalHeight - gap)
      }
    }
    for i in 0..<height {
      for j in 0..<width {
        let color = map.color(at: map.place(of: numbers[i * width + j], in: range))
        let (x, y) = (left + j * cellWidth, top + i * cellHeight)
        image.fill(x: x, y: y, width: cellWidth, height: cellHeight, color)
        if !texts.isEmpty {
          let text = texts[i * width + j]
          image.write(
            text, x: x + (cellWidth - textWidth(text)) / 2,
            y: y + (cellHeight - capitalHeight) / 2, color: inkColor(on: color))
        }
      }
    }
    if hasBar { drawBar(bar, x: left + mapWidth + pad, y: top, height: mapHeight, in: &image) }
    return image
  }

  /// Width and height of a cell: wide enough for its text, and the whole map about 560 pixels.
  private var cell: (Int, Int) {
    let wanted = cellSize ?? min(max(560 / max(width, height), 4), 56)
    let widest = texts.map(textWidth).max().map { $0 + 5 * textScale } ?? 0
    let isText = !texts.isEmpty || !rows.isEmpty
    return (
      max(wanted, widest), max(wanted, isText ? capitalHeight + 3 * textScale : 0)
    )
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
    _ ticks: [(place: Double, text: String)], x: Int, y: Int, height: Int, in image: inout Image
  ) {
    let width = 8 * textScale
    for row in 0..<height {
      let place = 1 - (Double(row) + 0.5) / Double(height)
      image.fill(x: x, y: y + row, width: width, height: 1, map.color(at: place))
    }
    for (place, text) in ticks {
      let row = y + min(Int((1 - place) * Double(height)), height - 1)
      image.fill(x: x + width, y: row, width: 2 * textScale, height: 1, (40, 40, 40))
      image.write(text, x: x + width + 4 * textScale, y: max(row - capitalHeight / 2, 0))
    }
  }
}
