import TensorCore

extension Tensor {
  /// Pictures of one size as planes: [B, 3, H, W] in 0 … 1.
  public init(_ images: [Image]) {
    let (width, height) = (images.first?.width ?? 0, images.first?.height ?? 0)
    self = Tensor.zeros([images.count, 3, height, width])
    let area = width * height
    update { values in
      for (b, image) in images.enumerated() {
        precondition(
          image.width == width && image.height == height,
          "pictures of a batch have one size, got \(width)×\(height) and \(image)")
        image.pixels.withUnsafeBufferPointer { pixels in
          for channel in 0..<3 {
            let plane = (b * 3 + channel) * area
            for i in 0..<area { values[plane + i] = Float(pixels[3 * i + channel]) / 255 }
          }
        }
      }
    }
  }
}

extension Image {
  /// A picture from planes [3, H, W]; values outside of 0 … 1 are clamped, NaN is black.
  public init(_ planes: Tensor) {
    precondition(
      planes.rank == 3 && planes.shape[0] == 3, "a picture is [3, H, W], got \(planes.shape)")
    let (height, width) = (planes.shape[1], planes.shape[2])
    self.init(width: width, height: height)
    let area = width * height
    planes.withScalars { values in
      for i in 0..<area {
        for channel in 0..<3 {
          // max(0, NaN) is 0.
          let value = min(1, max(0, values[channel * area + i]))
          pixels[3 * i + channel] = UInt8((value * 255).rounded())
        }
      }
    }
  }
}
