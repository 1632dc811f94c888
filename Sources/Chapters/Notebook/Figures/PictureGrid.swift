import Images
import TensorCore

/// Pictures side by side with labels, enlarged to the width of a page.
///
///     out.figure("samples", PictureGrid(pictures, columns: 8, labels: captions), "…")
///     out.figure("decoded", PictureGrid(tensor, columns: 4, rows: ["input", "output"]), "…")
public struct PictureGrid: Figure {
  private let pictures: [Image]
  private let columns: Int
  private let labels, rows: [String]
  private let marks: [PictureMark?]
  private let title: String
  /// The side of a pixel, and the space between pictures.
  private let scale, gutter: Double

  /// Pictures with a label for each of them, or none, and a label for each row, or none. Every
  /// pixel becomes a square of `scale` pixels, by default as many as a page of 900 has room for,
  /// at most 16. `marks`, one for each picture or none, say which are right. `gutter` is the space
  /// between pictures.
  public init(
    _ pictures: [Image], columns: Int? = nil, labels: [String] = [], rows: [String] = [],
    marks: [PictureMark?] = [], title: String = "", scale: Int? = nil, gutter: Int = 8
  ) {
    precondition(!pictures.isEmpty, "a grid needs a picture")
    let columns = columns ?? min(pictures.count, 8)
    let rowCount = (pictures.count - 1) / columns + 1
    precondition(
      [0, rowCount].contains(rows.count), "\(rows.count) labels for \(rowCount) rows of pictures")
    precondition(
      [0, pictures.count].contains(labels.count),
      "\(labels.count) labels for \(pictures.count) pictures")
    precondition(
      [0, pictures.count].contains(marks.count),
      "\(marks.count) marks for \(pictures.count) pictures")
    (self.pictures, self.columns, self.labels, self.rows) = (pictures, columns, labels, rows)
    (self.marks, self.title, self.gutter) = (marks, title, Double(gutter))
    let side = pictures.map(\.width).max() ?? 1
    let fitting = (900 - Int(Self.margin(rows)) - (columns + 1) * gutter) / (columns * side)
    self.scale = Double(scale ?? min(max(fitting, 1), 16))
  }

  /// Pictures [B, 3, H, W] of values in 0 … 1; what lies outside is cut off.
  public init(
    _ pictures: Tensor, columns: Int? = nil, labels: [String] = [], rows: [String] = [],
    marks: [PictureMark?] = [], title: String = "", scale: Int? = nil, gutter: Int = 8
  ) {
    self.init(
      Image.pictures(of: pictures), columns: columns, labels: labels, rows: rows, marks: marks,
      title: title, scale: scale, gutter: gutter)
  }

  /// The grid as SVG; its pictures are PNG files within.
  public func fileBytes() -> [UInt8] {
    let cell = scale * Double(pictures.map(\.width).max() ?? 1)
    let margin = Self.margin(rows)
    // Long labels are smaller.
    let size: Double =
      labels.allSatisfy { SVG.lines($0, width: cell, size: 14).count <= 4 } ? 14 : 12
    let lines = labels.map { SVG.lines($0, width: cell, size: size) }
    let starts = Array(stride(from: 0, to: pictures.count, by: columns))
    let heights = starts.map { start in
      let row = start..<min(start + columns, pictures.count)
      let label = lines.isEmpty ? 0 : lines[row].map(\.count).max() ?? 0
      return (
        picture: scale * Double(pictures[row].map(\.height).max() ?? 1),
        label: label == 0 ? 0 : 6 + Double(label) * size * 1.25
      )
    }
    let top = title.isEmpty ? gutter : gutter + 30
    var svg = SVG(
      width: max(
        margin + gutter + Double(min(columns, pictures.count)) * (cell + gutter),
        SVG.width(title, size: 16) + 2 * gutter),
      height: heights.reduce(top) { $0 + $1.picture + $1.label + gutter })
    if !title.isEmpty { svg.text(title, gutter, gutter + 18, size: 16, bold: true) }
    var y = top
    for (row, start) in starts.enumerated() {
      let (height, label) = heights[row]
      if !rows.isEmpty {
        let lines = Self.lines(rows[row])
        for (k, line) in lines.enumerated() {
          let middle = y + height / 2 + (Double(k) - Double(lines.count - 1) / 2) * 19
          svg.text(line, margin, middle + 5, size: 15, .end)
        }
      }
      for i in start..<min(start + columns, pictures.count) {
        let x = margin + gutter + Double(i - start) * (cell + gutter)
        let (w, h) = (scale * Double(pictures[i].width), scale * Double(pictures[i].height))
        let (left, upper) = (x + (cell - w) / 2, y + (height - h) / 2)
        svg.picture(pictures[i], left, upper, w, h)
        if !marks.isEmpty, let mark = marks[i] { svg.mark(mark, left + w, upper + h) }
        for (k, line) in (lines.isEmpty ? [] : lines[i]).enumerated() {
          svg.text(
            line, x + cell / 2, y + height + 4 + (Double(k) * 1.25 + 1) * size, size: size, .middle)
        }
      }
      y += height + label + gutter
    }
    return svg.file(
      title: title.isEmpty ? "Pictures" : title,
      description: "\(pictures.count) pictures in \(starts.count) rows"
        + (rows.isEmpty ? "" : ": " + rows.joined(separator: ", "))
        + (labels.isEmpty ? "" : "; " + labels.filter { !$0.isEmpty }.joined(separator: "; ")))
  }

  /// The label of a row in lines.
  private static func lines(_ row: String) -> [String] { SVG.lines(row, width: 150, size: 15) }

  /// The room for labels of rows.
  private static func margin(_ rows: [String]) -> Double {
    (rows.flatMap(lines).map { SVG.width($0, size: 15) }.max() ?? -6) + 6
  }
}
