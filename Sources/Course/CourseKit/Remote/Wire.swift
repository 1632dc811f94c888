// What the grader and a submission's process tell each other, as bytes. The grader reads them with
// suspicion: a submission may write anything.

import Foundation

/// Bytes that are no message.
public struct WireError: Error, CustomStringConvertible {
  /// One sentence.
  public let description: String
}

/// A value that goes from process to process.
public enum Wire: Equatable, Sendable {
  /// Nothing: an optional without a value.
  case none
  /// A whole number.
  case integer(Int)
  /// A number.
  case number(Double)
  /// A text.
  case text(String)
  /// A tensor's sizes and numbers, and whether its gradient is wanted.
  case tensor([Int], [Float], requiresGradient: Bool)
  /// The sizes and numbers of an index tensor.
  case indices([Int], [Int32])
  /// The sizes and bytes of a mask.
  case mask([Int], [UInt8])
  /// Several values.
  case list([Wire])

  /// The longest message in bytes; the largest answer of the reference has a hundredth of it.
  public static let limit = 1 << 26

  /// The value as bytes.
  public var bytes: Data {
    var data = Data()
    append(to: &data)
    return data
  }

  /// The value in bytes. Throws a `WireError` if they hold anything else.
  public init(bytes: Data) throws(WireError) {
    var reader = WireReader(bytes: [UInt8](bytes))
    self = try reader.value(depth: 0)
    guard reader.rest == 0 else {
      throw WireError(description: "\(reader.rest) bytes follow the message")
    }
  }

  private func append(to data: inout Data) {
    func append(_ integer: Int) {
      withUnsafeBytes(of: UInt64(bitPattern: Int64(integer)).littleEndian) {
        data.append(contentsOf: $0)
      }
    }
    func append<Value>(_ tag: UInt8, _ shape: [Int], _ values: [Value]) {
      data.append(tag)
      append(shape.count)
      for size in shape { append(size) }
      append(values.count)
      values.withUnsafeBytes { data.append(contentsOf: $0) }
    }
    switch self {
    case .none: data.append(0)
    case .integer(let value):
      data.append(1)
      append(value)
    case .number(let value):
      data.append(2)
      append(Int(bitPattern: UInt(value.bitPattern)))
    case .text(let text):
      data.append(3)
      append(text.utf8.count)
      data.append(contentsOf: text.utf8)
    case .tensor(let shape, let values, let requiresGradient):
      append(requiresGradient ? 5 : 4, shape, values)
    case .indices(let shape, let values): append(6, shape, values)
    case .mask(let shape, let values): append(7, shape, values)
    case .list(let values):
      data.append(8)
      append(values.count)
      for value in values { value.append(to: &data) }
    }
  }
}

/// Reads values from bytes, and believes no count before it has seen the bytes.
private struct WireReader {
  let bytes: [UInt8]
  private var position = 0
  /// How many more values are read: each takes more memory than its byte.
  private var budget = 1 << 18
  var rest: Int { bytes.count - position }

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func value(depth: Int) throws(WireError) -> Wire {
    guard depth < 8 else { throw WireError(description: "lists are nested too deeply") }
    guard budget > 0 else { throw WireError(description: "the message has too many values") }
    budget -= 1
    let tag = try take(1, UInt8.self)[0]
    switch tag {
    case 0: return .none
    case 1: return .integer(try integer())
    case 2: return .number(Double(bitPattern: UInt64(UInt(bitPattern: try integer()))))
    case 3: return .text(String(decoding: try take(integer(), UInt8.self), as: UTF8.self))
    case 4, 5:
      let shape = try shape()
      return .tensor(shape, try values(of: shape, Float.self), requiresGradient: tag == 5)
    case 6:
      let shape = try shape()
      return .indices(shape, try values(of: shape, Int32.self))
    case 7:
      let shape = try shape()
      return .mask(shape, try values(of: shape, UInt8.self))
    case 8:
      let count = try integer()
      guard (0...rest).contains(count) else {
        throw WireError(description: "a list claims \(count) values in \(rest) bytes")
      }
      var values: [Wire] = []
      for _ in 0..<count { values.append(try value(depth: depth + 1)) }
      return .list(values)
    default: throw WireError(description: "there is no value of kind \(tag)")
    }
  }

  private mutating func integer() throws(WireError) -> Int {
    Int(Int64(littleEndian: try take(1, Int64.self)[0]))
  }

  /// Sizes whose product, zeros left out, is small: no order of the axes can overflow.
  private mutating func shape() throws(WireError) -> [Int] {
    let rank = try integer()
    guard (0...16).contains(rank) else {
      throw WireError(description: "a shape has \(rank) sizes; up to 16 are read")
    }
    var shape: [Int] = []
    var product = 1
    for _ in 0..<rank {
      let size = try integer()
      guard (0...Wire.limit).contains(size), product * max(1, size) <= Wire.limit else {
        throw WireError(description: "a shape is too large: \(shape + [size])")
      }
      product *= max(1, size)
      shape.append(size)
    }
    return shape
  }

  private mutating func values<Value>(of shape: [Int], _ type: Value.Type) throws(WireError)
    -> [Value]
  {
    let count = try integer()
    guard shape.reduce(1, *) == count else {
      throw WireError(description: "\(count) values do not fill the shape \(shape)")
    }
    return try take(count, type)
  }

  private mutating func take<Value>(_ count: Int, _ type: Value.Type) throws(WireError) -> [Value] {
    let size = MemoryLayout<Value>.size
    guard count >= 0, count <= rest / size else {
      throw WireError(description: "\(count) values of \(size) bytes are claimed, \(rest) are left")
    }
    let start = position
    position += count * size
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { raw.loadUnaligned(fromByteOffset: start + $0 * size, as: Value.self) }
    }
  }
}
