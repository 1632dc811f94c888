// Drawn pictures on one sheet.

import Images

extension Image {
  /// Labelled pictures on one sheet under their caption. For completions the `given` beginning comes
  /// first.
  public static func sheet(
    _ pictures: [(picture: Image, label: String)], titled caption: String, given: Image? = nil
  ) -> Image {
    precondition(!pictures.isEmpty, "a sheet needs a picture")
    let scale = max(1, 160 / max(pictures[0].picture.width, 1))
    let cells = (given.map { [($0, "given")] } ?? []) + pictures
    let grid = Image.grid(
      cells.map { $0.picture.enlarged(by: scale) },
      columns: min(given == nil ? 4 : 3, cells.count), gutter: 8, labels: cells.map(\.label))
    return Image.grid(
      [grid], columns: 1, gutter: 4, labels: [caption], labelPosition: .above, labelLines: 3,
      labelScale: 2)
  }
}
