/// What `Image` and `FloatImage` have in common: a size, cropping and resizing.
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
  /// The type and the size, for instance "Image of 64×64".
  public var description: String { "\(Self.self) of \(width)×\(height)" }

  /// The middle of the picture. If an odd number of pixels is cut off, the first half is rounded to
  /// the nearest whole number, of two equally near ones to the even one, as in torchvision.
  public func centerCropped(width: Int, height: Int) -> Self {
    let x = (Double(self.width - width) / 2).rounded(.toNearestOrEven)
    let y = (Double(self.height - height) / 2).rounded(.toNearestOrEven)
    return cropped(x: Int(x), y: Int(y), width: width, height: height)
  }

  /// The whole picture, scaled so that its shorter side has `length` pixels. The longer one is
  /// rounded down, as in torchvision.
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
