// Text in pictures: its width, its lines, and how to draw it.

import Images

extension PixelFont {
  /// The width of `text` on one line, in columns of one pixel per dot.
  public static func width(of text: some StringProtocol) -> Int {
    // One blank column after each glyph but the last.
    max(text.reduce(-1) { $0 + glyph($1).width + 1 }, 0)
  }

  /// `text` in lines of at most `width` columns, broken at line feeds and, where possible, between
  /// words. What does not fit into `maximumLines` is cut off, and the last line then ends in "…".
  public static func lines(of text: String, width: Int, maximumLines: Int) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n") {
      var line = ""
      for word in paragraph.split(separator: " ") {
        let longer = line.isEmpty ? String(word) : line + " " + word
        if self.width(of: longer) <= width {
          line = longer
          continue
        }
        if !line.isEmpty { lines.append(line) }
        // A word wider than a line is broken anywhere, at least one character to a line.
        line = ""
        for character in word {
          if !line.isEmpty && self.width(of: line + String(character)) > width {
            lines.append(line)
            line = ""
          }
          line.append(character)
        }
      }
      lines.append(line)
    }
    if lines.count > maximumLines {
      lines.removeLast(lines.count - maximumLines)
      var last = lines.removeLast()
      while !last.isEmpty && self.width(of: last + "…") > width { last.removeLast() }
      lines.append(last + "…")
    }
    return lines
  }
}

extension Image {
  /// Draws `text`, the top left corner of its first capital at column `x` of row `y`, every dot
  /// as a square of `scale` pixels. Line feeds begin a new line. Dots outside the picture are cut
  /// off.
  public mutating func draw(
    _ text: String, x: Int, y: Int, color: Color = (0, 0, 0), scale: Int = 1
  ) {
    precondition(scale > 0, "text cannot be drawn at scale \(scale)")
    var y = y
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var left = x
      for character in line {
        let glyph = PixelFont.glyph(character)
        for (row, dots) in glyph.ink.enumerated() {
          for (column, dot) in dots.enumerated() where dot {
            fill(x: left + column * scale, y: y + row * scale, size: scale, color)
          }
        }
        left += (glyph.width + 1) * scale
      }
      y += PixelFont.lineHeight * scale
    }
  }

  /// Fills the part of a square that lies in the picture.
  private mutating func fill(x: Int, y: Int, size: Int, _ color: Color) {
    for row in max(y, 0)..<max(min(y + size, height), max(y, 0)) {
      for column in max(x, 0)..<max(min(x + size, width), max(x, 0)) {
        self[column, row] = color
      }
    }
  }
}
