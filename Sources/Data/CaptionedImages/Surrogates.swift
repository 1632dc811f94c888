// JSON that holds half of a surrogate pair, "\ud83d", as programs write it that cut texts after a
// number of UTF-16 units. Foundation refuses the whole file.

import Foundation

/// What `read` makes of JSON. If it fails, halves of surrogate pairs become U+FFFD first, as in
/// `ftfy`: the character is lost, not the data set.
func readingJSON<Value>(
  _ json: some Sequence<UInt8>, _ read: (Data) throws -> Value
) throws -> Value {
  let data = Data(json)
  do { return try read(data) } catch {
    guard let repaired = replacingHalfPairs(in: Array(data)) else { throw error }
    return try read(Data(repaired))
  }
}

/// Any JSON value, read so.
func jsonObject(_ json: some Sequence<UInt8>) throws -> Any {
  try readingJSON(json) {
    try JSONSerialization.jsonObject(with: $0, options: .fragmentsAllowed)
  }
}

/// JSON with \ufffd for each half of a surrogate pair; nil if there is none.
private func replacingHalfPairs(in json: [UInt8]) -> [UInt8]? {
  var result = json
  var place = 0
  while place + 1 < json.count {
    guard json[place] == UInt8(ascii: "\\") else {
      place += 1
      continue
    }
    switch unit(json, place) ?? 0 {
    case 0xD800...0xDBFF where 0xDC00...0xDFFF ~= unit(json, place + 6) ?? 0: place += 12
    case 0xD800...0xDFFF:
      result.replaceSubrange(place + 2..<place + 6, with: "fffd".utf8)
      place += 6
    default: place += 2  // the character after a backslash is no backslash of its own
    }
  }
  return result == json ? nil : result
}

/// The UTF-16 unit of the escape \uXXXX at `place`; nil if there is another.
private func unit(_ json: [UInt8], _ place: Int) -> Int? {
  guard place + 6 <= json.count, json[place] == UInt8(ascii: "\\"),
    json[place + 1] == UInt8(ascii: "u")
  else { return nil }
  return Int(String(decoding: json[place + 2..<place + 6], as: UTF8.self), radix: 16)
}
