import Images

extension Image {
  /// Where the labels of a grid are drawn.
  public enum LabelPosition: Sendable {
    /// Above its picture.
    case above
    /// Below its picture.
    case below
  }

  /// Pictures side by side, `columns` to a row, with `gutter` pixels around each.
  ///
  /// A cell is as wide as the widest picture of the grid and as high as the highest of its row;
  /// smaller pictures are centred in it. `labels` is empty or has a text for each picture, which is
  /// broken into at most `labelLines` lines of the cell's width and centred.
  public static func grid(
    _ images: [Image], columns: Int, gutter: Int = 4, background: Color = (255, 255, 255),
    labels: [String] = [], labelPosition: LabelPosition = .below, labelLines: Int = 3,
    labelColor: Color = (40, 40, 40), labelScale: Int = 1
  ) -> Image {
    precondition(!images.isEmpty, "a grid needs a picture")
    precondition(columns > 0, "a grid needs a column, got \(columns)")
    precondition(
      labels.isEmpty || labels.count == images.count,
      "\(labels.count) labels for \(images.count) pictures")
    precondition(labelLines > 0 && labelScale > 0, "labels need a line and a scale of 1 or more")

    let cellWidth = images.map(\.width).max() ?? 1
    let rows = stride(from: 0, to: images.count, by: columns).map { first in
      Row(
        images: images[first..<min(first + columns, images.count)],
        labels: labels.dropFirst(first).prefix(columns).map {
          PixelFont.lines(of: $0, width: cellWidth / labelScale, maximumLines: labelLines)
        },
        scale: labelScale)
    }
    var grid = Image(
      width: gutter + min(columns, images.count) * (cellWidth + gutter),
      height: gutter + rows.reduce(0) { $0 + $1.height + gutter },
      fill: background)

    var top = gutter
    for row in rows {
      let imageTop = labelPosition == .above ? top + row.labelHeight : top
      let labelTop = labelPosition == .above ? top : top + row.imageHeight + row.gap
      for (column, image) in row.images.enumerated() {
        let left = gutter + column * (cellWidth + gutter)
        grid.paste(
          image, x: left + (cellWidth - image.width) / 2,
          y: imageTop + (row.imageHeight - image.height) / 2)
      }
      for (column, lines) in row.labels.enumerated() {
        let left = gutter + column * (cellWidth + gutter)
        for (number, line) in lines.enumerated() {
          let width = PixelFont.width(of: line) * labelScale
          grid.draw(
            line, x: left + (cellWidth - width) / 2, y: labelTop + number * row.lineHeight,
            color: labelColor, scale: labelScale)
        }
      }
      top += row.height + gutter
    }
    return grid
  }
}

/// One row of a grid: pictures, and the lines of their labels.
private struct Row {
  let images: ArraySlice<Image>
  let labels: [[String]]
  let scale: Int

  var lineHeight: Int { PixelFont.lineHeight * scale }
  /// Between a picture and the label below it.
  var gap: Int { 3 * scale }
  var imageHeight: Int { images.map(\.height).max() ?? 0 }
  /// The last line needs no blank rows below it.
  var labelHeight: Int {
    let lines = labels.map(\.count).max() ?? 0
    return lines == 0 ? 0 : gap + lines * lineHeight - 2 * scale
  }
  var height: Int { imageHeight + labelHeight }
}
