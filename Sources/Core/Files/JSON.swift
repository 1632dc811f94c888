import Foundation

/// A value as JSON for people and programs: an entry on each line, keys in alphabetical order, so
/// that equal values make equal bytes. No newline at the end.
///
/// Throws an `EncodingError` if JSON cannot hold the value, for instance infinity.
public func prettyJSON(_ value: some Encodable) throws -> Data {
  let encoder = JSONEncoder.sorted
  encoder.outputFormatting.insert(.prettyPrinted)
  return try encoder.encode(value)
}

extension JSONEncoder {
  /// A new encoder that writes JSON on one line, keys in alphabetical order, so that equal values
  /// make equal bytes.
  public static var sorted: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
