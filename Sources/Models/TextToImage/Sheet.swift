// What is shown of a draw.

import Foundation
import Images

extension [RankedPicture] {
  /// The pictures on one sheet under their caption, each with its number and score.
  public func sheet(titled caption: String) -> Image {
    let scale = Swift.max(1, 160 / Swift.max(first?.picture.width ?? 1, 1))
    let pictures = Image.grid(
      map { $0.picture.enlarged(by: scale) }, columns: Swift.min(4, count), gutter: 8,
      labels: map { "\($0.candidate)  \(String(format: "%.3f", $0.score))" })
    return Image.grid(
      [pictures], columns: 1, gutter: 4, labels: [caption], labelPosition: .above, labelLines: 3,
      labelScale: 2)
  }
}
