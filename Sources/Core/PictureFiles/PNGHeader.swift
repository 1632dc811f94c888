/// The start of a PNG file: the signature, then the chunk IHDR.
struct PNGHeader {
  let width: Int
  let height: Int

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Signature, length and name of the chunk, its 13 bytes and their checksum.
  private static let length = 33

  /// `data` is the file of `fileSize` bytes, or at least its start.
  init(_ data: [UInt8], fileSize: Int, _ name: String) throws(PictureError) {
    guard data.starts(with: Self.signature) else {
      throw .notPicture(file: name, reason: objection(to: data))
    }
    if data.dropFirst(12).starts(with: "CgBI".utf8) {
      throw .notPicture(
        file: name,
        reason: "is a PNG of Apple's own kind, as in apps for iPhones (CgBI), which is not read; "
          + "convert it: xcrun pngcrush -revert-iphone-optimizations a.png b.png")
    }
    // length, "IHDR", width, height, bits per sample, …
    guard data.count >= Self.length, data[12..<16].elementsEqual("IHDR".utf8) else {
      throw .damaged(file: name, format: "PNG", reason: "the header is missing")
    }
    (width, height) = (bigEndian(data, at: 16), bigEndian(data, at: 20))
    guard width > 0, height > 0 else {
      throw .damaged(
        file: name, format: "PNG", reason: "the header claims \(width)×\(height) pixels")
    }
    // Deflate codes at best 258 equal bytes in two bits.
    let bits = max(Int(data[24]), 1)
    try PictureLimits.check(
      width: width, height: height, fileSize: fileSize, pixelsPerByte: 258 * 8 / 2 * 8 / bits, name)
  }
}

/// The orientation 1 … 8 in the chunk eXIf of a whole PNG; 1 if there is none, or a damaged one.
func pngOrientation(_ data: [UInt8]) -> Int {
  var position = PNGHeader.signature.count
  while position + 12 <= data.count {
    let length = bigEndian(data, at: position)
    guard length <= data.count - position - 12 else { break }
    let content = position + 8..<position + 8 + length
    if data[position + 4..<position + 8].elementsEqual("eXIf".utf8) {
      let isSound =
        crc32(data[position + 4..<content.upperBound])
        == bigEndian(data, at: content.upperBound)
      return isSound ? orientation(inExif: data[content]) : 1
    }
    position = content.upperBound + 4
  }
  return 1
}

private func bigEndian(_ data: [UInt8], at offset: Int) -> Int {
  data[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
}

/// The checksum of PNG chunks (ISO 3309).
private func crc32(_ bytes: ArraySlice<UInt8>) -> Int {
  var crc: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
  }
  return Int(~crc)
}
