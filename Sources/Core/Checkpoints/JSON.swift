import Foundation

/// JSON with sorted keys, so that equal values make equal texts. Infinite numbers are allowed.
func encode(_ value: some Encodable) -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  do {
    return try encoder.encode(value)
  } catch {
    preconditionFailure("\(value) cannot be written as JSON: \(describe(error))")
  }
}

func decode<Value: Decodable>(_: Value.Type, _ json: Data) throws -> Value {
  let decoder = JSONDecoder()
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return try decoder.decode(Value.self, from: json)
}

/// What a JSON error says, in a few words on one line.
func describe(_ error: any Error) -> String {
  func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? "" : " in \(quoted(path))"
  }
  switch error {
  case DecodingError.keyNotFound(let key, let context):
    return "\(quoted(key.stringValue)) is missing\(place(context))"
  case DecodingError.typeMismatch(let type, let context),
    DecodingError.valueNotFound(let type, let context):
    return "expected \(type)\(place(context))"
  case DecodingError.dataCorrupted(let context):
    return "not valid\(place(context)): \(printable(context.debugDescription, limit: 200))"
  default:
    return quoted("\(error)")
  }
}
