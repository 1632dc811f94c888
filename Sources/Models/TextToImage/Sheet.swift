// Drawn pictures on one sheet.

import Foundation
import Images

extension [RankedPicture] {
  /// The pictures on one sheet under their caption, each with its number and score. For completions
  /// the `given` beginning comes first.
  public func sheet(titled caption: String, given: Image? = nil) -> Image {
    let scale = Swift.max(1, 160 / Swift.max(first?.picture.width ?? 1, 1))
    var cells = map {
      (picture: $0.picture, label: "\($0.candidate)  \(String(format: "%.3f", $0.score))")
    }
    if let given { cells.insert((given, "given"), at: 0) }
    let pictures = Image.grid(
      cells.map { $0.picture.enlarged(by: scale) },
      columns: Swift.min(given == nil ? 4 : 3, cells.count), gutter: 8, labels: cells.map(\.label))
    return Image.grid(
      [pictures], columns: 1, gutter: 4, labels: [caption], labelPosition: .above, labelLines: 3,
      labelScale: 2)
  }
}
