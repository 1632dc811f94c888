/// A sign in the corner of a picture: a tick if it shows what was asked for, a cross if not.
public enum PictureMark: Sendable {
  case right, wrong

  /// `right` or `wrong`.
  public init(isRight: Bool) { self = isRight ? .right : .wrong }
}

extension SVG {
  /// A mark on white in the lower right corner of a picture that ends at (x, y).
  mutating func mark(_ mark: PictureMark, _ x: Double, _ y: Double) {
    rectangle(x - 22, y - 20, 20, 18, "#ffffff", radius: 3)
    func stroke(_ points: [(x: Double, y: Double)], _ color: String) {
      polyline(points.map { (x: x - 22 + $0.x, y: y - 20 + $0.y) }, color, width: 3)
    }
    switch mark {
    case .right: stroke([(4, 9), (8, 13), (16, 4)], "#007656")
    case .wrong:
      stroke([(5, 4), (15, 14)], "#c43e00")
      stroke([(15, 4), (5, 14)], "#c43e00")
    }
  }
}
