import TensorCore

extension Tensor {
  /// B pictures of one size as planes: [B, 3, H, W] in 0 … 1.
  public init(_ images: [Image]) {
    let (width, height) = (images.first?.width ?? 0, images.first?.height ?? 0)
    self.init(
      shape: [images.count, 3, height, width],
      images.flatMap { image in
        precondition(
          image.width == width && image.height == height,
          "pictures of a batch have one size, got \(width)×\(height) and \(image)")
        return FloatImage(image).values
      })
  }
}

extension Image {
  /// The picture of planes [3, H, W] in 0 … 1; values outside are cut off.
  public init(_ planes: Tensor) {
    precondition(
      planes.rank == 3 && planes.shape[0] == 3, "a picture is [3, H, W], got \(planes.shape)")
    self.init(
      FloatImage(width: planes.shape[2], height: planes.shape[1], values: planes.scalars))
  }

  /// The B pictures of planes [B, 3, H, W] in 0 … 1; values outside are cut off.
  public static func pictures(of tensor: Tensor) -> [Image] {
    (0..<tensor.shape[0]).map { Image(tensor.at($0, axis: 0)) }
  }
}
