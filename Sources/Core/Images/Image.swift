/// A picture of 8-bit RGB pixels, row by row from the top left: `pixels[(y · width + x) · 3 + c]`.
public struct Image: Equatable, Sendable {
  public let width: Int
  public let height: Int
  public var pixels: [UInt8]  // [height, width, 3]

  /// A picture from its pixels, of which there must be width · height · 3.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "a picture of \(width)×\(height) pixels has no area")
    precondition(
      pixels.count == width * height * 3,
      "\(width)×\(height) RGB pixels are \(width * height * 3) values, got \(pixels.count)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A picture of one colour.
  public init(width: Int, height: Int, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)) {
    precondition(width > 0 && height > 0, "a picture of \(width)×\(height) pixels has no area")
    self.width = width
    self.height = height
    pixels = (0..<width * height).flatMap { _ in [fill.0, fill.1, fill.2] }
  }

  /// The red, green and blue of column `x` in row `y`.
  public subscript(x: Int, y: Int) -> (UInt8, UInt8, UInt8) {
    get {
      let i = index(x, y)
      return (pixels[i], pixels[i + 1], pixels[i + 2])
    }
    set {
      let i = index(x, y)
      (pixels[i], pixels[i + 1], pixels[i + 2]) = newValue
    }
  }

  private func index(_ x: Int, _ y: Int) -> Int {
    precondition(
      x >= 0 && x < width && y >= 0 && y < height,
      "pixel (\(x), \(y)) lies outside of \(width)×\(height)")
    return (y * width + x) * 3
  }
}
