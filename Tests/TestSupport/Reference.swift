// Reads the reference values in Tests/Reference, or in the folder that the environment variable
// REFERENCE names. The format is safetensors; this reader is kept apart from the one under test.

import Foundation

/// Where the reference values are.
public let referenceFolder: URL =
  if let folder = ProcessInfo.processInfo.environment["REFERENCE"] {
    URL(filePath: folder)
  } else {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Reference")
  }

/// A problem with a reference file, or with the use that a test makes of it.
public struct ReferenceError: Error, CustomStringConvertible {
  /// One sentence.
  public let description: String
}

/// One safetensors file of reference values.
///
///     let file = try ReferenceFile("images")
///     let (shape, values) = try file.floats("resize.in")   // [3, h, w] and 3·h·w floats
public struct ReferenceFile: Sendable {
  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  /// Names of all tensors, sorted.
  public let names: [String]
  private let entries: [String: Entry]
  private let configText: String
  private let data: Data

  /// Opens `name`.safetensors.
  public init(_ name: String) throws {
    let file = try Data(contentsOf: referenceFolder.appending(path: "\(name).safetensors"))
    let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = file.dropFirst(8).prefix(length)
    data = Data(file.dropFirst(8 + length))

    let json = try JSONSerialization.jsonObject(with: header) as? [String: Any] ?? [:]
    configText = (json["__metadata__"] as? [String: String])?["config"] ?? "{}"
    let tensors = try JSONSerialization.data(
      withJSONObject: json.filter { $0.key != "__metadata__" })
    entries = try JSONDecoder().decode([String: Entry].self, from: tensors)
    names = entries.keys.sorted()
  }

  /// The file's `config`, as JSONSerialization gives it.
  public var config: [String: Any] {
    get throws {
      try JSONSerialization.jsonObject(with: Data(configText.utf8)) as? [String: Any] ?? [:]
    }
  }

  /// Shape and values of a tensor of any kind, as floats.
  public func floats(_ name: String) throws -> (shape: [Int], values: [Float]) {
    let (entry, bytes) = try find(name)
    if entry.dtype != "F32" {
      let (shape, values) = try integers(name)
      return (shape, values.map { Float($0) })
    }
    return (entry.shape, Self.numbers(bytes, UInt32.self).map { Float(bitPattern: $0) })
  }

  /// Shape and values of a tensor of whole numbers: ids (I64) or a mask (U8).
  public func integers(_ name: String) throws -> (shape: [Int], values: [Int]) {
    let (entry, bytes) = try find(name)
    switch entry.dtype {
    case "I64": return (entry.shape, Self.numbers(bytes, Int64.self).map { Int($0) })
    case "U8": return (entry.shape, bytes.map { Int($0) })
    default: throw ReferenceError(description: "\(name) is \(entry.dtype), not I64 or U8")
    }
  }

  private func find(_ name: String) throws -> (Entry, Data) {
    guard let entry = entries[name] else {
      throw ReferenceError(description: "there is no tensor \(name) among \(names.count)")
    }
    return (entry, data[entry.data_offsets[0]..<entry.data_offsets[1]])
  }

  private static func numbers<N: FixedWidthInteger>(_ bytes: Data, _ type: N.Type) -> [N] {
    let size = MemoryLayout<N>.size
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / size).map {
        N(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * size, as: N.self))
      }
    }
  }
}

/// Nil when |got - want| ≤ atol + rtol · |want| everywhere, else a sentence about the worst value.
///
///     #expect(difference(got, want, atol: 1e-5) == nil)
public func difference(
  _ got: [Float], _ want: [Float], atol: Float = 0, rtol: Float = 0
) -> String? {
  guard got.count == want.count else { return "\(got.count) values, expected \(want.count)" }
  var worst: (index: Int, excess: Float)?
  for (i, (got, want)) in zip(got, want).enumerated() where got != want {
    let excess = abs(got - want) - (atol + rtol * abs(want))
    if excess.isNaN { return "value \(i) is \(got), expected \(want)" }
    if excess > worst?.excess ?? 0 { worst = (i, excess) }
  }
  guard let worst else { return nil }
  let (g, w) = (got[worst.index], want[worst.index])
  return "value \(worst.index) of \(got.count) is \(g), expected \(w): off by \(abs(g - w))"
}
