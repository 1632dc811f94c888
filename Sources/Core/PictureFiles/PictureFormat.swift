// What a file is, by its first bytes: names of files often lie.

/// The name of the format of a picture that begins with these bytes, such as "WebP"; nil if it is
/// none that is known. Only "PNG" and "JPEG" are read.
public func pictureFormat(of start: [UInt8]) -> String? {
  func has(_ bytes: [UInt8], at offset: Int = 0) -> Bool {
    start.dropFirst(offset).starts(with: bytes)
  }
  func has(_ text: String, at offset: Int = 0) -> Bool { has(Array(text.utf8), at: offset) }
  if has(PNGHeader.signature) { return "PNG" }
  if has([0xFF, 0xD8, 0xFF]) { return "JPEG" }
  if has("GIF8") { return "GIF" }
  if has("RIFF") && has("WEBP", at: 8) { return "WebP" }
  if has("II*\0") || has("MM\0*") || has("II+\0") || has("MM\0+") { return "TIFF" }
  if has("BM"), start.count > 14, [12, 40, 52, 56, 64, 108, 124].contains(start[14]) {
    return "BMP"
  }
  if has("ftyp", at: 4) {
    let brand = String(decoding: start.dropFirst(8).prefix(4), as: UTF8.self)
    if ["avif", "avis"].contains(brand) { return "AVIF" }
    return ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"].contains(brand) ? "HEIC" : nil
  }
  if has([0xFF, 0x0A]) || has("JXL ", at: 4) { return "JPEG XL" }
  if has("jP  ", at: 4) || has([0xFF, 0x4F, 0xFF, 0x51]) { return "JPEG 2000" }
  if has("8BPS") { return "Photoshop" }
  if has([0, 0, 1, 0]) { return "ICO" }
  if has("qoif") { return "QOI" }
  if has("P"), start.count > 2, UInt8(ascii: "1")...UInt8(ascii: "7") ~= start[1], start[2] == 10 {
    return "PNM"
  }
  return beginning(of: start).contains("<svg") ? "SVG" : nil
}

/// What is wrong with a file that begins with these bytes and is neither PNG nor JPEG, and what to
/// do about it.
func objection(to start: [UInt8]) -> String {
  if start.isEmpty { return "is empty; get the file again" }
  if let format = pictureFormat(of: start) {
    return "is a \(format) picture, and only PNG and JPEG are read; convert it to one of them"
  }
  if start.allSatisfy({ $0 == 0 }) {
    return "holds nothing but zeros; the download or the disk failed, get the file again"
  }
  // Line ends changed, the eighth bit cut off, or bytes taken for characters.
  let name = Array("PNG".utf8)
  if [1, 2, 3].contains(where: { start.dropFirst($0).starts(with: name) }) {
    return "is a PNG that was spoilt when it was transferred as text; transfer it as binary"
  }
  let text = beginning(of: start)
  if text.hasPrefix("version https://git-lfs") {
    return "is a Git LFS pointer, not the picture itself; run git lfs pull where it came from"
  }
  if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.hasPrefix("<head") {
    return "is a web page, not a picture; the download failed, get the file again"
  }
  let others = [("%pdf", "a PDF document"), ("pk\u{3}\u{4}", "a ZIP archive"), ("<?xml", "XML")]
  if let (_, what) = others.first(where: { text.hasPrefix($0.0) }) {
    return "is \(what), not a picture; only PNG and JPEG are read"
  }
  let isText = !text.isEmpty && !text.unicodeScalars.contains { $0.value < 9 || $0 == "\u{FFFD}" }
  return "is \(isText ? "a text file" : "something else"), not a PNG or JPEG picture; "
    + "get the file again"
}

/// The first bytes as text in lower case, without a byte order mark and white space before it.
private func beginning(of start: [UInt8]) -> String {
  let text = String(decoding: start.prefix(512), as: UTF8.self).lowercased()
  // The last character may have been cut in two.
  let whole = start.count > 512 ? String(text.dropLast()) : text
  return String(whole.drop { $0 == "\u{FEFF}" || $0.isWhitespace })
}
