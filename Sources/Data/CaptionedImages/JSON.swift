import Foundation

/// Decodes JSON, with errors that name the file and the place in it.
func decode<Value: Decodable>(
  _ type: Value.Type, from json: some Sequence<UInt8>, file: String
) throws(DataError) -> Value {
  do {
    return try JSONDecoder().decode(type, from: Data(json))
  } catch {
    throw .malformed(file: file, line: nil, reason: reason(error))
  }
}

/// A sentence about an error of the decoder.
func reason(_ error: any Error) -> String {
  switch error as? DecodingError {
  case .keyNotFound(let key, let context):
    return "there is no \"\(key.stringValue)\"\(place(context.codingPath))"
  case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
    return "expected \(word(for: type))\(place(context.codingPath))"
  default:
    return "it is not valid JSON, perhaps cut off"
  }
}

private func word(for type: Any.Type) -> String {
  switch type {
  case is String.Type: "a text"
  case is Int.Type, is Double.Type: "a number"
  case is [Any].Type: "a list"
  default: "\(type)".hasPrefix("Array") ? "a list" : "an object"
  }
}

/// " at annotations[3].caption", or nothing for the outermost value.
private func place(_ path: [any CodingKey]) -> String {
  let steps = path.map { step in step.intValue.map { "[\($0)]" } ?? ".\(step.stringValue)" }
  return path.isEmpty ? "" : " at \(steps.joined().drop { $0 == "." })"
}
