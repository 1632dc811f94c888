import Images
import TensorCore

/// Noise of a size.
func randomImage(_ width: Int, _ height: Int, seed: UInt64) -> Image {
  var random = Random(seed: seed)
  let pixels = (0..<width * height * 3).map { _ in UInt8(random.integer(below: 256)) }
  return Image(width: width, height: height, pixels: pixels)
}
