// What is shown of a draw.

import Foundation
import Images

extension [RankedPicture] {
  /// The pictures on one sheet under their caption, each with its number and score, and before
  /// them what was `given` if they are completions.
  public func sheet(titled caption: String, given: Image? = nil) -> Image {
    let scale = Swift.max(1, 160 / Swift.max(first?.picture.width ?? 1, 1))
    let shown = [given].compactMap(\.self) + map(\.picture)
    let labels = map { "\($0.candidate)  \(String(format: "%.3f", $0.score))" }
    let pictures = Image.grid(
      shown.map { $0.enlarged(by: scale) }, columns: Swift.min(given == nil ? 4 : 3, shown.count),
      gutter: 8, labels: (given == nil ? [] : ["given"]) + labels)
    return Image.grid(
      [pictures], columns: 1, gutter: 4, labels: [caption], labelPosition: .above, labelLines: 3,
      labelScale: 2)
  }
}
