import Images
import Sheets

// Text in PNG figures: the pixel font at twice its size, which is readable on a page.

/// Pixels of the figure for each dot of the font.
let textScale = 2
/// From the top of a capital to its foot.
let capitalHeight = 7 * textScale

/// The width of a line in pixels.
func textWidth(_ text: String) -> Int { PixelFont.width(of: inFont(text)) * textScale }

/// A text in characters that the font has.
func inFont(_ text: String) -> String {
  String(text.map { "·…×–".contains($0) ? String($0) : plain(String($0)) }.joined())
}

extension Image {
  /// Draws a line of text whose capitals begin at row `y`.
  mutating func write(_ text: String, x: Int, y: Int, color: Color = (40, 40, 40)) {
    draw(inFont(text), x: x, y: y, color: color, scale: textScale)
  }

  /// The picture turned to the left by 90°.
  func turnedLeft() -> Image {
    var result = Image(width: height, height: width)
    for y in 0..<height {
      for x in 0..<width { result[y, width - 1 - x] = self[x, y] }
    }
    return result
  }

  /// Fills a rectangle.
  mutating func fill(x: Int, y: Int, width: Int, height: Int, _ color: Color) {
    paste(Image(width: width, height: height, fill: color), x: x, y: y)
  }

  /// A white picture that is just large enough for a line of text.
  static func line(_ text: String) -> Image {
    var image = Image(
      width: max(textWidth(text), 1), height: PixelFont.lineHeight * textScale,
      fill: (255, 255, 255))
    image.write(text, x: 0, y: 0)
    return image
  }
}
