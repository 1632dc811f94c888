// What is wrong with the JSON of strangers, in words for people instead of the decoder's.

import Foundation

/// Why JSON cannot be read: one line about an error of `JSONDecoder` for `bytes`, which names the
/// place. Words of our own in a `DecodingError` are kept.
public func jsonFlaw(_ error: any Error, in bytes: some Collection<UInt8>) -> String {
  switch error {
  case DecodingError.keyNotFound(let key, let context):
    return "there is no \"\(name(key.stringValue))\"\(place(context, "in"))"
  case DecodingError.typeMismatch(let type, let context),
    DecodingError.valueNotFound(let type, let context):
    return "expected \(word(for: type))\(place(context, "at"))"
  case DecodingError.dataCorrupted(let context):
    let words = context.debugDescription
    if context.underlyingError != nil || words.contains("not valid JSON") {
      // That is also what the decoder says of numbers that do not fit.
      let isJSON = (try? JSONSerialization.jsonObject(with: Data(bytes))) != nil
      return isJSON
        ? "one of its numbers is not whole, or too large" : jsonSyntaxFlaw(of: bytes)
    }
    if words.hasPrefix("Parsed JSON number") || words.hasPrefix("Number ") {
      return "the number\(place(context, "at")) is not whole, or too large"
    }
    if words.hasPrefix("Cannot initialize") {
      return "the text\(place(context, "at")) is none of those known"
    }
    return printable(words, limit: 300) + place(context, "at")
  default:
    // The decoder's inner errors, such as that of half a surrogate pair.
    return jsonSyntaxFlaw(of: bytes)
  }
}

/// Why bytes are no text in UTF-8, and what to do; nil if they are.
public func encodingFlaw(of bytes: some Collection<UInt8>) -> String? {
  let start = Array(bytes.prefix(4))
  let zeros = start.map { $0 == 0 }
  let isAlternating = [[true, false, true, false], [false, true, false, true]].contains {
    zeros.count > 1 && $0.starts(with: zeros)
  }
  if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) || isAlternating {
    return "it is UTF-16; save it as UTF-8"
  }
  if zeros.contains(true) { return "it holds bytes of 0, not text; get it again" }
  if String(validating: bytes, as: UTF8.self) != nil { return nil }
  return "it is not UTF-8, perhaps Latin-1 or windows-1252; save it as UTF-8"
}

/// Why bytes are no JSON.
public func jsonSyntaxFlaw(of bytes: some Collection<UInt8>) -> String {
  if let flaw = encodingFlaw(of: bytes) { return flaw }
  let start = String(decoding: bytes.prefix(60), as: UTF8.self).drop { $0.isWhitespace }
  if let first = start.first, first != "{", first != "[" {
    return "it is not JSON: it begins with \"\(printable(String(start), limit: 20))\""
  }
  return "it is not valid JSON, perhaps cut off"
}

private func name(_ key: String) -> String { printable(key, limit: 80) }

/// " at "annotations[3].caption"", or nothing for the outermost value.
private func place(_ context: DecodingError.Context, _ preposition: String) -> String {
  let steps = context.codingPath.map { step in
    step.intValue.map { "[\($0)]" } ?? ".\(name(step.stringValue))"
  }
  let path = steps.joined()
  return path.isEmpty
    ? "" : " \(preposition) \"\(path.hasPrefix(".") ? path.dropFirst() : path[...])\""
}

private func word(for type: Any.Type) -> String {
  switch type {
  case is String.Type: "a text"
  case is Bool.Type: "true or false"
  case is Float.Type, is Double.Type: "a number"
  case is any FixedWidthInteger.Type: "a whole number"
  default: "\(type)".hasPrefix("Array") ? "a list" : "an object"
  }
}
