import Files
import Foundation

/// JSON with sorted keys, so that equal values make equal texts. Infinite numbers are allowed.
package func encode(_ value: some Encodable) -> Data {
  let encoder = JSONEncoder.sorted
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  do {
    return try encoder.encode(value)
  } catch {
    preconditionFailure("\(value) cannot be written as JSON: \(error)")
  }
}

/// The value that `encode` wrote. Throws a `DecodingError` if the JSON is not one.
package func decode<Value: Decodable>(_: Value.Type, _ json: Data) throws -> Value {
  let decoder = JSONDecoder()
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return try decoder.decode(Value.self, from: json)
}

/// Where two different texts differ: of two JSON objects, the first entry that does, called
/// `name.key.key`; of others, the texts themselves.
package func firstDifference(
  _ a: String, _ b: String, name: String
) -> (name: String, a: String, b: String) {
  let values = [a, b].map { try? JSONSerialization.jsonObject(with: Data($0.utf8)) }
  guard values.allSatisfy({ $0 is [String: Any] }) else { return (name, a, b) }
  return firstDifference(values[0], values[1], name) ?? (name, a, b)
}

private func firstDifference(
  _ a: Any?, _ b: Any?, _ name: String
) -> (name: String, a: String, b: String)? {
  if let a = a as? [String: Any], let b = b as? [String: Any] {
    return Set(a.keys).union(b.keys).sorted().lazy
      .compactMap { firstDifference(a[$0], b[$0], "\(name).\($0)") }.first
  }
  // As an element of a list, because `JSONSerialization` does not write a number alone.
  func text(_ value: Any?) -> String {
    guard let value else { return "unset" }
    let data = try? JSONSerialization.data(withJSONObject: [value], options: .sortedKeys)
    return String(decoding: (data ?? Data()).dropFirst().dropLast(), as: UTF8.self)
  }
  return text(a) == text(b) ? nil : (name, text(a), text(b))
}
