import Foundation
import Images
import TensorCore

/// How numbers become colours. Equal steps of the number look like equal steps of brightness:
/// the maps are straight in the lightness of Oklab (Ottosson, 2020), so they also work in grey.
public enum ColorMap: Sendable {
  /// Dark violet over teal to light yellow, for magnitudes such as attention.
  case dark
  /// White to dark blue, for counts and probabilities with numbers written on them.
  case light
  /// Blue over white to orange, for numbers with a sign; zero should be in the middle.
  case signed

  /// The colour at `place` in 0 … 1; what lies outside is cut off, NaN is grey.
  public func color(at place: Double) -> Image.Color {
    if place.isNaN { return (128, 128, 128) }
    let t = min(max(place, 0), 1)
    switch self {
    case .dark:
      return Self.rgb(lightness: 0.2 + 0.75 * t, chroma: 0.06 + 0.11 * t, hue: 305 - 195 * t)
    case .light:
      return Self.rgb(
        lightness: 0.99 - 0.64 * t, chroma: 0.14 * min(1, 1.6 * t), hue: 235 + 25 * t)
    case .signed:
      let side = abs(2 * t - 1)
      return Self.rgb(
        lightness: 0.98 - 0.45 * side, chroma: 0.16 * min(1, 1.3 * side), hue: t < 0.5 ? 252 : 48)
    }
  }

  /// A matrix as a picture, one pixel for each number. The ends of the map are the ends of
  /// `range`, by default the smallest and the largest number; for `signed`, zero is in the middle.
  public func image(_ matrix: Tensor, range: ClosedRange<Double>? = nil) -> Image {
    let sizes = matrix.shape.drop { $0 == 1 && matrix.rank > 2 }
    let (height, width) = (sizes.dropLast().reduce(1, *), sizes.last ?? 1)
    let numbers = matrix.scalars.map(Double.init)
    let range = range ?? self.range(of: numbers)
    var image = Image(width: width, height: height)
    for (i, number) in numbers.enumerated() {
      image[i % width, i / width] = color(at: place(of: number, in: range))
    }
    return image
  }

  /// What the ends of the map stand for by default.
  func range(of numbers: [Double]) -> ClosedRange<Double> {
    let finite = numbers.filter(\.isFinite)
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 0)
    if self != .signed { return low...high }
    let largest = max(abs(low), abs(high))
    return -largest...largest
  }

  func place(of number: Double, in range: ClosedRange<Double>) -> Double {
    let width = range.upperBound - range.lowerBound
    return width > 0 || number.isNaN ? (number - range.lowerBound) / width : 0.5
  }

  /// The colour of Oklab with at most this chroma that a screen can show. The hue is in degrees.
  private static func rgb(lightness: Double, chroma: Double, hue: Double) -> Image.Color {
    let angle = hue * .pi / 180
    for part in stride(from: 1.0, through: 0, by: -0.02) {
      let a = chroma * part * cos(angle)
      let b = chroma * part * sin(angle)
      let linear = linearRGB(lightness, a, b)
      if part == 0 || linear.allSatisfy({ $0 >= -1e-4 && $0 <= 1.0001 }) {
        let bytes = linear.map { UInt8((gamma(min(max($0, 0), 1)) * 255).rounded()) }
        return (bytes[0], bytes[1], bytes[2])
      }
    }
    return (0, 0, 0)
  }

  /// The matrices of the definition of Oklab.
  private static func linearRGB(_ lightness: Double, _ a: Double, _ b: Double) -> [Double] {
    let l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3)
    let m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3)
    let s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3)
    return [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    ]
  }

  private static func gamma(_ x: Double) -> Double {
    x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055
  }
}

/// Black or white, whichever can be read on `color`.
func inkColor(on color: Image.Color) -> String {
  let light = 0.299 * Double(color.0) + 0.587 * Double(color.1) + 0.114 * Double(color.2)
  return light > 140 ? "#141414" : "#ffffff"
}
