/// What `Image` and `FloatImage` have in common: a size, and that they can be cut and resized.
public protocol Picture: CustomStringConvertible {
  /// Columns, at least 1.
  var width: Int { get }
  /// Rows, at least 1.
  var height: Int { get }

  /// The `width`×`height` pixels whose top left corner is column `x` of row `y`.
  func cropped(x: Int, y: Int, width: Int, height: Int) -> Self

  /// The whole picture, scaled to `width`×`height`.
  func resized(width: Int, height: Int, _ filter: ResizeFilter) -> Self
}

extension Picture {
  /// The kind and the size; the pixels would be too many.
  public var description: String { "\(Self.self) of \(width)×\(height)" }

  /// The middle of the picture. When the border is odd, its halves are rounded to even numbers,
  /// as torchvision does.
  public func centerCropped(width: Int, height: Int) -> Self {
    let x = (Double(self.width - width) / 2).rounded(.toNearestOrEven)
    let y = (Double(self.height - height) / 2).rounded(.toNearestOrEven)
    return cropped(x: Int(x), y: Int(y), width: width, height: height)
  }

  /// The whole picture, scaled so that its shorter side has `length` pixels. The longer one is
  /// rounded down, as torchvision does.
  public func resized(shorterSide length: Int, _ filter: ResizeFilter) -> Self {
    let shorter = min(width, height)
    return resized(
      width: width * length / shorter, height: height * length / shorter, filter)
  }

  func checkCrop(_ x: Int, _ y: Int, _ width: Int, _ height: Int) {
    precondition(
      x >= 0 && y >= 0 && width > 0 && height > 0
        && x + width <= self.width && y + height <= self.height,
      "a crop of \(width)×\(height) at (\(x), \(y)) does not fit \(self.width)×\(self.height)")
  }
}
