import Foundation

/// How alike two pictures of one size are: the peak signal-to-noise ratio in dB,
/// 10 · log₁₀(1 / mean squared error) of values in 0 … 1; infinite for equal pictures.
public func psnr(_ a: Image, _ b: Image) -> Double {
  precondition(
    a.width == b.width && a.height == b.height,
    "pictures of \(a.width)×\(a.height) and \(b.width)×\(b.height) pixels have no PSNR")
  var sum = 0
  for (x, y) in zip(a.pixels, b.pixels) { sum += (Int(x) - Int(y)) * (Int(x) - Int(y)) }
  return -10 * log10(Double(sum) / Double(a.pixels.count) / (255 * 255))
}
