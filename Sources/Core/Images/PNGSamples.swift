// Reading PNG. Every kind of file (grey, RGB, palette, with or without alpha, 1 to 16 bits,
// interlaced or not) becomes the same thing: 16-bit red, green, blue and alpha. Fewer bits are
// stretched to 0 … 65535 exactly (8-bit v becomes 257·v), so that nothing is lost; `Image` and
// `FloatImage` are made from that. Gamma and colour profiles are ignored.

import CPNGSupport
import Files

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

  /// No picture is wider or higher than this.
  public static let maximumSide = 1 << 16
  /// No picture has more pixels than this; one that has takes 512 MB as samples.
  public static let maximumPixels = 1 << 26

  /// Decodes a PNG in memory; errors call it `name`.
  ///
  /// Allocates 8 bytes per pixel and less than 4 MB besides, and only if the header is plausible:
  /// within the limits, and not beyond what `data` can hold.
  ///
  /// Throws a `PNGError` if `data` is no PNG, damaged or too large.
  public init(data: [UInt8], name: String) throws(PNGError) {
    let header = try Header(data, fileSize: data.count, name)
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
      let reason = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .damaged(file: name, reason: String(decoding: reason, as: UTF8.self))
    }
  }

  /// Decodes the PNG file at `path`.
  ///
  /// Throws a `PNGError` if the file cannot be read, is no PNG, damaged or too large.
  public init(path: String) throws(PNGError) {
    // A picture of `maximumPixels` 16-bit RGBA samples is shorter, even if hardly compressed.
    let data: [UInt8]
    do throws(FileError) { data = try readFile(path, limit: 1 << 30) } catch {
      throw PNGError(error)
    }
    try self.init(data: data, name: path)
  }
}

/// The start of a PNG file: the signature, then the chunk IHDR.
private struct Header {
  let width: Int
  let height: Int

  /// Signature, length and name of the chunk, its 13 bytes and their checksum.
  static let length = 33

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Deflate codes at best 258 equal bytes in two bits.
  static let bestCompression = 258 * 8 / 2

  /// `data` is the file of `fileSize` bytes, or at least its start.
  init(_ data: [UInt8], fileSize: Int, _ name: String) throws(PNGError) {
    guard data.starts(with: Self.signature) else { throw .notPNG(file: name) }
    // length, "IHDR", width, height, bits per sample, …
    guard data.count >= Self.length, data[12..<16].elementsEqual("IHDR".utf8) else {
      throw .damaged(file: name, reason: "the header is missing")
    }
    func integer(at offset: Int) -> Int {
      data[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    (width, height) = (integer(at: 16), integer(at: 20))
    guard width > 0, height > 0 else {
      throw .damaged(file: name, reason: "the header claims \(width)×\(height) pixels")
    }
    let limit = PNGSamples.maximumSide
    guard width <= limit, height <= limit, width * height <= PNGSamples.maximumPixels else {
      throw .tooLarge(file: name, width: width, height: height)
    }
    let bits = max(Int(data[24]), 1)
    guard width * height * bits / 8 <= fileSize * Self.bestCompression else {
      throw .overstated(file: name, width: width, height: height, bytes: fileSize)
    }
  }
}

extension Image {
  /// The picture in the PNG file at `path`. 16-bit samples are rounded to 8 bits.
  ///
  /// Throws a `PNGError` if the file cannot be read, is no PNG, damaged or too large.
  public init(png path: String, alpha: AlphaRule = .overWhite) throws(PNGError) {
    self.init(try PNGSamples(path: path), alpha: alpha)
  }

  /// The picture in a PNG in memory; errors call it `name`.
  ///
  /// Throws a `PNGError` if `data` is no PNG, damaged or too large.
  public init(png data: [UInt8], name: String, alpha: AlphaRule = .overWhite) throws(PNGError) {
    self.init(try PNGSamples(data: data, name: name), alpha: alpha)
  }

  /// The size of the picture in the PNG file at `path`, read from its header alone.
  ///
  /// Throws a `PNGError` if the file cannot be read, is no PNG, or claims an impossible size.
  public static func size(
    png path: String
  ) throws(PNGError) -> (width: Int, height: Int) {
    let start: (bytes: [UInt8], fileSize: Int)
    do throws(FileError) { start = try readStart(of: path, count: Header.length) } catch {
      throw PNGError(error)
    }
    let header = try Header(start.bytes, fileSize: start.fileSize, path)
    return (header.width, header.height)
  }

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
    self.init(width: samples.width, height: samples.height, interleaved: pixels)
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
