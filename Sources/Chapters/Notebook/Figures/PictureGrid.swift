import Images
import PictureFiles
import Sheets
import TensorCore

/// Pictures side by side with labels, enlarged to the width of a page.
///
///     out.figure("samples", PictureGrid(pictures, columns: 8, labels: captions), "…")
///     out.figure("decoded", PictureGrid(tensor, columns: 4, rows: ["input", "output"]), "…")
public struct PictureGrid: Figure {
  /// "png".
  public static let fileExtension = "png"

  /// The grid as a picture.
  public let image: Image

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
    let margin = rows.map(textWidth).max().map { $0 + 3 * textScale } ?? 0
    let side = pictures.map(\.width).max() ?? 1
    let fitting = (900 - margin - (columns + 1) * gutter) / (columns * side)
    let scale = scale ?? min(max(fitting, 1), 16)
    precondition(
      [0, pictures.count].contains(marks.count),
      "\(marks.count) marks for \(pictures.count) pictures")
    var enlarged = pictures.map { $0.enlarged(by: scale) }
    for (i, mark) in marks.enumerated() { if let mark { enlarged[i] = enlarged[i].marked(mark) } }
    // Labels are large where they fit.
    let labels = labels.map(inFont)
    let areShort = labels.allSatisfy {
      PixelFont.lines(of: $0, width: side * scale / textScale, maximumLines: 5).count < 5
    }
    func grid(_ some: Range<Int>) -> Image {
      Image.grid(
        Array(enlarged[some]), columns: columns, gutter: gutter,
        labels: labels.isEmpty ? [] : Array(labels[some]), labelLines: 4,
        labelScale: areShort ? textScale : 1)
    }
    let all = grid(pictures.indices)

    let top = title.isEmpty ? 0 : gutter + PixelFont.lineHeight * textScale
    var image = Image(
      width: max(margin + all.width, 2 * gutter + textWidth(title)), height: top + all.height,
      fill: (255, 255, 255))
    image.write(title, x: gutter, y: gutter)
    image.paste(all, x: margin, y: top)
    if !rows.isEmpty {
      // Pictures of a labelled grid have one height; rows differ in the labels below them.
      let pictureHeight = enlarged.map(\.height).max() ?? 0
      var y = top + gutter + (pictureHeight - capitalHeight) / 2
      for (i, label) in rows.enumerated() {
        image.write(label, x: margin - textWidth(label), y: y)
        let end = min((i + 1) * columns, pictures.count)
        y += grid(i * columns..<end).height - gutter
      }
    }
    self.image = image
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

  /// The grid as PNG.
  public func fileBytes() -> [UInt8] { image.pngData() }
}
