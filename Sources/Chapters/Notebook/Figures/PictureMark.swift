import Images

/// A sign in the corner of a picture: a tick if it shows what was asked for, a cross if not.
public enum PictureMark: Sendable {
  case right, wrong

  /// `right` or `wrong`.
  public init(isRight: Bool) { self = isRight ? .right : .wrong }

  // Eight dots of two pixels a side, ink and ground.
  fileprivate var drawing: [String] {
    switch self {
    case .right:
      ["......##", ".....##.", "#...##..", "##.##...", ".###....", "..#....."]
    case .wrong:
      [".##..##.", "..####..", "...##...", "..####..", ".##..##.", "........"]
    }
  }

  fileprivate var color: Image.Color {
    self == .right ? (0, 118, 86) : (196, 62, 0)
  }
}

extension Image {
  /// The picture with a mark in its lower right corner.
  func marked(_ mark: PictureMark) -> Image {
    var result = self
    let (left, top) = (width - 22, height - 18)
    if left < 0 || top < 0 { return result }
    result.fill(x: left, y: top, width: 20, height: 16, (255, 255, 255))
    for (row, line) in mark.drawing.enumerated() {
      for (column, dot) in line.enumerated() where dot == "#" {
        result.fill(x: left + 2 + 2 * column, y: top + 2 + 2 * row, width: 2, height: 2, mark.color)
      }
    }
    return result
  }
}
