// Cameras store pictures as the sensor lies, and note in Exif how to turn them.

import Images

/// The orientation 1 … 8 that Exif data, a TIFF file without pictures, notes (Exif 2.32, tag
/// 0x0112); 1, upright, if it notes none.
func orientation(inExif tiff: ArraySlice<UInt8>) -> Int {
  let bytes = Array(tiff)
  let isLittle = bytes.starts(with: "II".utf8)
  guard isLittle || bytes.starts(with: "MM".utf8) else { return 1 }
  func number(at offset: Int, _ count: Int) -> Int? {
    guard offset >= 0, offset + count <= bytes.count else { return nil }
    let part = bytes[offset..<offset + count]
    return isLittle
      ? part.reversed().reduce(0) { $0 << 8 | Int($1) } : part.reduce(0) { $0 << 8 | Int($1) }
  }
  guard let directory = number(at: 4, 4), let entries = number(at: directory, 2) else { return 1 }
  for entry in 0..<entries {
    let start = directory + 2 + 12 * entry
    guard let tag = number(at: start, 2), let type = number(at: start + 2, 2) else { return 1 }
    if tag == 0x0112 {
      let value = number(at: start + 8, type == 4 ? 4 : 2) ?? 1  // LONG, or SHORT as it should be
      return 1...8 ~= value ? value : 1
    }
  }
  return 1
}

extension Image {
  /// The picture as it should be seen, for an orientation 1 … 8 of Exif.
  func turned(_ orientation: Int) -> Image {
    if orientation == 1 { return self }
    let (right, bottom) = (width - 1, height - 1)
    let isTransposed = orientation > 4
    var result = Image(
      width: isTransposed ? height : width, height: isTransposed ? width : height)
    for y in 0..<result.height {
      for x in 0..<result.width {
        result[x, y] =
          switch orientation {
          case 2: self[right - x, y]
          case 3: self[right - x, bottom - y]
          case 4: self[x, bottom - y]
          case 5: self[y, x]
          case 6: self[y, bottom - x]
          case 7: self[right - y, bottom - x]
          default: self[right - y, x]
          }
      }
    }
    return result
  }
}
