/// A picture of float samples, plane by plane as models take them:
/// `values[(c · height + y) · width + x]`, usually in 0 … 1.
public struct FloatImage: Picture, Equatable, Sendable {
  /// Columns, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// The samples, [3, height, width].
  public var values: [Float]

  /// A picture from its samples [3, height, width].
  public init(width: Int, height: Int, values: [Float]) {
    precondition(width > 0 && height > 0, "a picture of \(width)×\(height) pixels has no area")
    precondition(
      values.count == 3 * height * width,
      "three planes of \(width)×\(height) are \(3 * height * width) values, got \(values.count)")
    self.width = width
    self.height = height
    self.values = values
  }

  /// A picture from samples in the order of `Image`, [height, width, 3].
  init(width: Int, height: Int, interleaved samples: [Float]) {
    let area = width * height
    let values = (0..<3 * area).map { samples[$0 % area * 3 + $0 / area] }
    self.init(width: width, height: height, values: values)
  }

  /// The picture with samples in 0 … 1 instead of 0 … 255.
  public init(_ image: Image) {
    self.init(
      width: image.width, height: image.height, interleaved: image.pixels.map { Float($0) / 255 })
  }

  /// The `width`×`height` pixels whose top left corner is column `x` of row `y`.
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> FloatImage {
    checkCrop(x, y, width, height)
    var result: [Float] = []
    result.reserveCapacity(3 * height * width)
    for channel in 0..<3 {
      for row in y..<y + height {
        let start = (channel * self.height + row) * self.width + x
        result += values[start..<start + width]
      }
    }
    return FloatImage(width: width, height: height, values: result)
  }

  /// Every sample minus its channel's mean, divided by its channel's standard deviation.
  public func normalized(
    mean: (Float, Float, Float), standardDeviation: (Float, Float, Float)
  ) -> FloatImage {
    let area = width * height
    let mean = [mean.0, mean.1, mean.2]
    let deviation = [standardDeviation.0, standardDeviation.1, standardDeviation.2]
    let result = values.indices.map { (values[$0] - mean[$0 / area]) / deviation[$0 / area] }
    return FloatImage(width: width, height: height, values: result)
  }
}

extension Image {
  /// The picture with samples in 0 … 255 instead of 0 … 1. Values outside are cut off, and NaN
  /// becomes 0.
  public init(_ image: FloatImage) {
    let area = image.width * image.height
    let pixels = (0..<3 * area).map { byte(Double(image.values[$0 % 3 * area + $0 / 3]) * 255) }
    self.init(width: image.width, height: image.height, pixels: pixels)
  }
}

/// The nearest of 0 … 255; of two equally near ones the even one.
func byte(_ value: Double) -> UInt8 {
  value > 0 ? UInt8(min(value, 255).rounded(.toNearestOrEven)) : 0
}
