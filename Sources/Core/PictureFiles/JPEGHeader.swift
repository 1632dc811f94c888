// The segments of a JPEG file before its pixels (ISO 10918-1, annex B).

/// What a JPEG says about itself.
struct JPEGHeader {
  let width: Int
  let height: Int
  /// Exif's orientation, 1 … 8.
  let orientation: Int

  /// Codes of one bit stand for a block of 64 pixels, and a channel may have a sixteenth of them.
  static let pixelsPerByte = 8 * 64 * 16

  /// Reads the header of a file of `fileSize` bytes from its first ones; nil if it goes on after
  /// `data`.
  ///
  /// Throws a `PictureError` if it is damaged, too large, or of a kind that is not read.
  init?(_ data: [UInt8], fileSize: Int, _ name: String) throws(PictureError) {
    let damaged = { (reason: String) in
      PictureError.damaged(file: name, format: "JPEG", reason: reason)
    }
    func number(at offset: Int) -> Int { Int(data[offset]) << 8 | Int(data[offset + 1]) }
    var frame: (width: Int, height: Int)?
    var orientation: Int?
    var position = 2
    while true {
      // Between segments there may be padding.
      while position < data.count && data[position] != 0xFF { position += 1 }
      while position < data.count && data[position] == 0xFF { position += 1 }
      guard position + 2 < data.count else { break }
      let marker = data[position]
      if marker <= 1 || 0xD0...0xD7 ~= marker { continue }
      if marker == 0xD8 || marker == 0xD9 { throw damaged("the header is missing") }
      let length = number(at: position + 1)
      let content = position + 3..<max(position + 3, position + 1 + length)
      if marker == 0xDA {
        guard let frame else { throw damaged("the header is missing") }
        (width, height) = frame
        self.orientation = orientation ?? 1
        return
      }
      if length < 2 { throw damaged("a segment of \(length) bytes") }
      if content.upperBound > data.count { break }
      if marker == 0xE1, data[content].starts(with: "Exif\0\0".utf8), orientation == nil {
        orientation = PictureFiles.orientation(inExif: data[content].dropFirst(6))
      } else if isFrame(marker), frame == nil {
        frame = try Self.frame(marker, data[content], fileSize: fileSize, name)
      }
      position = content.upperBound
    }
    if data.count >= fileSize { throw damaged("the file ends too early") }
    return nil
  }

  /// The size in a frame header, which is checked: bits, height, width, channels.
  private static func frame(
    _ marker: UInt8, _ content: ArraySlice<UInt8>, fileSize: Int, _ name: String
  ) throws(PictureError) -> (width: Int, height: Int) {
    let kinds: [UInt8: String] = [
      0xC3: "without loss", 0xC9: "with arithmetic coding", 0xCA: "with arithmetic coding",
      0xCB: "without loss", 0xF7: "without loss (JPEG-LS)",
    ]
    if let kind = kinds[marker] { throw .unsupported(file: name, kind: kind) }
    if marker > 0xC2 { throw .unsupported(file: name, kind: "of several resolutions") }
    let bytes = content.prefix(6).map { Int($0) }
    guard bytes.count == 6 else {
      throw .damaged(file: name, format: "JPEG", reason: "the header is too short")
    }
    let (height, width) = (bytes[1] << 8 | bytes[2], bytes[3] << 8 | bytes[4])
    if bytes[0] != 8 { throw .unsupported(file: name, kind: "of \(bytes[0]) bits") }
    if ![1, 3, 4].contains(bytes[5]) {
      throw .unsupported(file: name, kind: "of \(bytes[5]) colour channels")
    }
    if height == 0 && width > 0 {
      throw .unsupported(file: name, kind: "that notes its height after the pixels")
    }
    if width == 0 {
      throw .damaged(
        file: name, format: "JPEG", reason: "the header claims \(width)×\(height) pixels")
    }
    try PictureLimits.check(
      width: width, height: height, fileSize: fileSize, pixelsPerByte: pixelsPerByte, name)
    return (width, height)
  }
}

/// Whether a marker begins a frame header, of any kind of JPEG.
private func isFrame(_ marker: UInt8) -> Bool {
  0xC0...0xCF ~= marker && ![0xC4, 0xC8, 0xCC].contains(marker) || marker == 0xF7
}
