/// A picture of 8-bit RGB pixels, row by row from the top left: `pixels[(y · width + x) · 3 + c]`.
public struct Image: Picture, Equatable, Sendable {
  /// Red, green and blue, each in 0 … 255.
  public typealias Color = (UInt8, UInt8, UInt8)

  /// Columns, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// The samples, [height, width, 3].
  public var pixels: [UInt8]

  /// A picture from its pixels [height, width, 3].
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
  public init(width: Int, height: Int, fill: Color = (0, 0, 0)) {
    precondition(width > 0 && height > 0, "a picture of \(width)×\(height) pixels has no area")
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: fill.0, count: width * height * 3)
    for i in stride(from: 0, to: pixels.count, by: 3) {
      pixels[i + 1] = fill.1
      pixels[i + 2] = fill.2
    }
  }

  /// The red, green and blue of column `x` in row `y`.
  public subscript(x: Int, y: Int) -> Color {
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

  /// The `width`×`height` pixels whose top left corner is column `x` of row `y`.
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> Image {
    checkCrop(x, y, width, height)
    let rows = (y..<y + height).map { row in pixels[index(x, row)..<index(x, row) + width * 3] }
    return Image(width: width, height: height, pixels: Array(rows.joined()))
  }

  /// The picture with left and right exchanged.
  public func flippedHorizontally() -> Image {
    var result = self
    for y in 0..<height {
      for x in 0..<width { result[x, y] = self[width - 1 - x, y] }
    }
    return result
  }

  /// Every pixel as a square of `factor`×`factor` pixels.
  public func enlarged(by factor: Int) -> Image {
    precondition(factor > 0, "a picture cannot be enlarged by \(factor)")
    var result = Image(width: width * factor, height: height * factor)
    for y in 0..<result.height {
      for x in 0..<result.width { result[x, y] = self[x / factor, y / factor] }
    }
    return result
  }

  /// Draws `image`, which must fit, over this one, its top left corner on column `x` of row `y`.
  public mutating func paste(_ image: Image, x: Int, y: Int) {
    checkCrop(x, y, image.width, image.height)
    let length = image.width * 3
    for row in 0..<image.height {
      let start = index(x, y + row)
      pixels.replaceSubrange(
        start..<start + length, with: image.pixels[row * length..<(row + 1) * length])
    }
  }
}
