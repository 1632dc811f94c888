// JSON that holds half of a surrogate pair, "\ud83d", as programs write it that cut texts after a
// number of UTF-16 units. Foundation refuses the whole file.

import Foundation

/// Any JSON value, after `withoutHalfPairs`.
func jsonObject(_ json: some Sequence<UInt8>) throws -> Any {
  try JSONSerialization.jsonObject(
    with: withoutHalfPairs(json), options: .fragmentsAllowed)
}

/// JSON with U+FFFD for each half of a surrogate pair, as in `ftfy`: a character is lost, not the
/// data set.
func withoutHalfPairs(_ json: some Sequence<UInt8>) -> Data {
  var bytes = Array(json)
  var place = 0
  while let backslash = bytes[place...].firstIndex(of: UInt8(ascii: "\\")) {
    switch unit(bytes, backslash) ?? 0 {
    case 0xD800...0xDBFF where 0xDC00...0xDFFF ~= unit(bytes, backslash + 6) ?? 0:
      place = backslash + 12
    case 0xD800...0xDFFF:
      bytes.replaceSubrange(backslash + 2..<backslash + 6, with: "fffd".utf8)
      place = backslash + 6
    // The character after a backslash is no backslash of its own.
    default: place = min(backslash + 2, bytes.count)
    }
  }
  return Data(bytes)
}

/// The UTF-16 unit of the escape \uXXXX at `place`; nil if there is another.
private func unit(_ json: [UInt8], _ place: Int) -> Int? {
  guard place + 6 <= json.count, json[place] == UInt8(ascii: "\\"),
    json[place + 1] == UInt8(ascii: "u")
  else { return nil }
  return Int(String(decoding: json[place + 2..<place + 6], as: UTF8.self), radix: 16)
}
