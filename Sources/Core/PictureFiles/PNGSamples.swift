// Reading PNG. Every kind of file (grey, RGB, palette, with or without alpha, 1 to 16 bits,
// interlaced or not) becomes the same thing: 16-bit red, green, blue and alpha. Fewer bits are
// stretched to 0 … 65535 exactly (8-bit v becomes 257·v), so that nothing is lost; `Image` and
// `FloatImage` are made from that. Gamma and colour profiles are ignored.

import CPNGSupport
import Images

/// What to do with the alpha channel when a picture is made from samples.
public enum AlphaRule: Sendable {
  /// The picture is laid over this colour: c·α + background·(1 - α).
  case over(UInt8, UInt8, UInt8)
  /// Colours are taken as stored, even those of invisible pixels.
  case drop

  /// Over white paper.
  public static let overWhite = AlphaRule.over(255, 255, 255)
  /// Over black.
  public static let overBlack = AlphaRule.over(0, 0, 0)
}

/// The content of a PNG file at full precision.
public struct PNGSamples: Equatable, Sendable {
  /// Columns, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// Red, green, blue and alpha in 0 … 65535, [height, width, 4].
  public let values: [UInt16]

  /// Decodes a PNG in memory; errors call it `name`.
  ///
  /// Allocates 8 bytes per pixel and less than 4 MB besides, and only if the header is plausible:
  /// within the limits, and not beyond what `data` can hold.
  ///
  /// Throws a `PictureError` if `data` is no PNG, damaged or too large.
  public init(data: [UInt8], name: String) throws(PictureError) {
    let header = try PNGHeader(data, fileSize: data.count, name)
    var message = [CChar](repeating: 0, count: Int(PNGSUPPORT_MESSAGE_SIZE))
    let count = header.width * header.height * 4
    values = [UInt16](unsafeUninitializedCapacity: count) { pixels, initialized in
      let success = pngsupport_read_rgba16(
        data, data.count, UInt32(header.width), UInt32(header.height), pixels.baseAddress,
        &message)
      initialized = success == 1 ? count : 0
    }
    width = header.width
    height = header.height
    if values.isEmpty {
      throw .damaged(file: name, format: "PNG", reason: text(message))
    }
  }
}

extension Image {
  /// The picture of these samples, each rounded once to 8 bits, after alpha was applied.
  public init(_ samples: PNGSamples, alpha: AlphaRule = .overWhite) {
    let pixels = samples.composed(alpha) { UInt8(($0 * 255 + fullScale / 2) / fullScale) }
    self.init(width: samples.width, height: samples.height, pixels: pixels)
  }
}

extension FloatImage {
  /// The picture of these samples at full precision, in 0 … 1.
  public init(_ samples: PNGSamples, alpha: AlphaRule = .overWhite) {
    let pixels = samples.composed(alpha) { Float(Double($0) / Double(fullScale)) }
    let area = samples.width * samples.height
    let planes = (0..<3 * area).map { pixels[$0 % area * 3 + $0 / area] }
    self.init(width: samples.width, height: samples.height, values: planes)
  }
}

/// White, opaque: colour 65535 times alpha 65535.
private let fullScale: UInt64 = 65535 * 65535

extension PNGSamples {
  /// Red, green and blue of every pixel, [height, width, 3], each from 0 … fullScale by `scale`.
  fileprivate func composed<Sample>(_ rule: AlphaRule, _ scale: (UInt64) -> Sample) -> [Sample] {
    var background: [UInt64]?
    if case .over(let red, let green, let blue) = rule {
      background = [red, green, blue].map { UInt64($0) * 257 }
    }
    var result: [Sample] = []
    result.reserveCapacity(width * height * 3)
    for start in stride(from: 0, to: values.count, by: 4) {
      let alpha = UInt64(values[start + 3])
      for channel in 0..<3 {
        let value = UInt64(values[start + channel])
        if let background {
          result.append(scale(value * alpha + background[channel] * (65535 - alpha)))
        } else {
          result.append(scale(value * 65535))
        }
      }
    }
    return result
  }
}
