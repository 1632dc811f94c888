import Foundation

/// Decodes JSON, with errors that name the file and the place in it.
func decode<Value: Decodable>(
  _ type: Value.Type, from json: some Sequence<UInt8>, file: String, line: Int? = nil
) throws(DataError) -> Value {
  do {
    return try JSONDecoder().decode(type, from: Data(json))
  } catch {
    throw .malformed(file: file, line: line, reason: reason(error))
  }
}

private func reason(_ error: any Error) -> String {
  switch error as? DecodingError {
  case .keyNotFound(let key, let context):
    return "there is no \"\(key.stringValue)\"\(place(context.codingPath))"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    return "wrong type\(place(context.codingPath)) (\(context.debugDescription))"
  default:
    return "it is not valid JSON, perhaps cut off"
  }
}

/// " at annotations[3].caption", or nothing for the outermost value.
private func place(_ path: [any CodingKey]) -> String {
  let steps = path.map { step in step.intValue.map { "[\($0)]" } ?? ".\(step.stringValue)" }
  return path.isEmpty ? "" : " at \(steps.joined().drop { $0 == "." })"
}
