// Reading pictures. The content of a file decides what it is, not its name.

import CJPEGSupport
import Files
import Images

extension Image {
  /// The picture in the PNG or JPEG file at `path`, turned upright as its Exif data says. 16-bit
  /// samples are rounded to 8 bits; `alpha` says what becomes of transparency.
  ///
  /// Throws a `PictureError` if the file cannot be read, is something else, damaged or too large.
  public init(
    contentsOf path: RawPath, alpha: AlphaRule = .overWhite
  ) throws(PictureError) {
    // A picture of as many pixels as allowed is shorter, even if hardly compressed.
    let data: [UInt8]
    do throws(FileError) { data = try readFile(path, limit: 1 << 30) } catch {
      throw PictureError(error)
    }
    try self.init(data: data, name: path.text, alpha: alpha)
  }

  /// The same for a path in UTF-8.
  public init(contentsOf path: String, alpha: AlphaRule = .overWhite) throws(PictureError) {
    try self.init(contentsOf: RawPath(path), alpha: alpha)
  }

  /// The picture in a PNG or JPEG in memory; errors call it `name`.
  ///
  /// Throws a `PictureError` if `data` is something else, damaged or too large.
  public init(
    data: [UInt8], name: String, alpha: AlphaRule = .overWhite
  ) throws(PictureError) {
    switch pictureFormat(of: data) {
    case "PNG":
      let samples = try PNGSamples(data: data, name: name)
      self = Image(samples, alpha: alpha).turned(pngOrientation(data))
    case "JPEG":
      self = try Image(jpeg: data, name)
    default:
      throw .notPicture(file: name, reason: objection(to: data))
    }
  }

  /// The size of the picture in the file at `path` as it is stored, perhaps lying on its side, read
  /// from its header alone.
  ///
  /// Throws a `PictureError` if the file cannot be read, is something else, or claims an impossible
  /// size.
  public static func storedSize(
    of path: RawPath
  ) throws(PictureError) -> (width: Int, height: Int) {
    // The header of a JPEG follows its preview and its colour profile.
    for count in [1 << 10, 1 << 16, 1 << 20, 1 << 30] {
      let (start, fileSize): ([UInt8], Int)
      do throws(FileError) { (start, fileSize) = try readStart(of: path, count: count) } catch {
        throw PictureError(error)
      }
      switch pictureFormat(of: start) {
      case "PNG":
        let header = try PNGHeader(start, fileSize: fileSize, path.text)
        return (header.width, header.height)
      case "JPEG":
        if let header = try JPEGHeader(start, fileSize: fileSize, path.text) {
          return (header.width, header.height)
        }
      default:
        throw .notPicture(file: path.text, reason: objection(to: start))
      }
    }
    throw .damaged(file: path.text, format: "JPEG", reason: "the header does not end")
  }

  private init(jpeg data: [UInt8], _ name: String) throws(PictureError) {
    guard let header = try JPEGHeader(data, fileSize: data.count, name) else {
      throw .damaged(file: name, format: "JPEG", reason: "the header does not end")
    }
    var message = [CChar](repeating: 0, count: Int(JPEGSUPPORT_MESSAGE_SIZE))
    let count = header.width * header.height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { pixels, initialized in
      let success = jpegsupport_read_rgb(
        data, data.count, UInt32(header.width), UInt32(header.height), pixels.baseAddress,
        &message)
      initialized = success == 1 ? count : 0
    }
    if pixels.isEmpty {
      throw .damaged(file: name, format: "JPEG", reason: text(message))
    }
    self = Image(width: header.width, height: header.height, pixels: pixels)
      .turned(header.orientation)
  }
}

/// A message from C.
func text(_ message: [CChar]) -> String {
  String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
