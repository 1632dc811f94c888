import Files
import Foundation
import TensorCore

/// A tensor and the type to store it as.
public enum StoredTensor {
  /// Floats as F32, F16 or BF16, rounded to the nearest.
  case floats(Tensor, as: StoredType = .f32)
  /// Whole numbers as I64, I32, U8 or BOOL, which must hold them.
  case integers(IndexTensor, as: StoredType = .i64)

  var type: StoredType {
    switch self {
    case .floats(_, let type), .integers(_, let type): type
    }
  }

  /// The sizes of the axes.
  public var shape: [Int] {
    switch self {
    case .floats(let tensor, _): tensor.shape
    case .integers(let tensor, _): tensor.shape
    }
  }
}

/// Writes a safetensors file, or leaves what is at `path` as it is.
///
///     try writeSafetensors([("x", .floats(x)), ("ids", .integers(ids))], to: "out.safetensors")
///
/// The same tensors and metadata make the same bytes.
///
/// Throws a `CheckpointError` if the file cannot be written, or if a number is too large for F16.
public func writeSafetensors(
  _ tensors: [(name: String, value: StoredTensor)], metadata: [String: String] = [:],
  to path: String
) throws(CheckpointError) {
  precondition(
    Set(tensors.map(\.name) + ["__metadata__"]).count == tensors.count + 1,
    "tensors in a file have different names, got \(tensors.map(\.name).sorted())")
  // Wide types first: then each tensor lies at a multiple of its type's size.
  let ordered = [8, 4, 2, 1].flatMap { size in tensors.filter { $0.value.type.size == size } }

  try AtomicFile.write(to: path, failure: CheckpointError.init) { (file) throws(CheckpointError) in
    header(ordered, metadata).withUnsafeBytes(file.write)
    for (name, value) in ordered {
      switch value {
      case .floats(let tensor, let type): try write(tensor, as: type, name, to: file, path)
      case .integers(let tensor, let type): write(tensor.values, as: type, name, to: file)
      }
    }
  }
}

private func write(
  _ tensor: Tensor, as type: StoredType, _ name: String, to file: AtomicFile, _ path: String
) throws(CheckpointError) {
  switch type {
  case .f32:
    tensor.withScalars { file.write(UnsafeRawBufferPointer($0)) }
  case .f16:
    let narrow = tensor.withScalars { $0.map { Float16($0) } }
    let scalars = tensor.scalars
    if let i = narrow.indices.first(where: { narrow[$0].isInfinite && scalars[$0].isFinite }) {
      throw .unwritable(
        file: path,
        reason: "tensor \(name) holds \(scalars[i]), more than F16 can; store it as F32")
    }
    narrow.withUnsafeBytes(file.write)
  case .bf16:
    tensor.withScalars { $0.map(upperHalf) }.withUnsafeBytes(file.write)
  case .i64, .i32, .u8, .bool:
    preconditionFailure("tensor \(name) holds floats, which are not stored as \(type.rawValue)")
  }
}

private func write(
  _ values: [Int32], as type: StoredType, _ name: String, to file: AtomicFile
) {
  func require(_ range: ClosedRange<Int32>) {
    for value in values where !range.contains(value) {
      preconditionFailure("tensor \(name) holds \(value), which \(type.rawValue) cannot")
    }
  }
  switch type {
  case .i64: values.map(Int64.init).withUnsafeBytes(file.write)
  case .i32: values.withUnsafeBytes(file.write)
  case .u8, .bool:
    require(type == .bool ? 0...1 : 0...255)
    values.map { UInt8($0) }.withUnsafeBytes(file.write)
  case .f32, .f16, .bf16:
    preconditionFailure(
      "tensor \(name) holds whole numbers, which are not stored as \(type.rawValue)")
  }
}

/// The upper 16 bits of a float, rounded to the nearest, ties to even. NaN stays NaN.
private func upperHalf(_ x: Float) -> UInt16 {
  let bits = x.bitPattern
  if x.isNaN { return UInt16(bits >> 16) | 0x40 }
  return UInt16((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
}

/// Eight bytes with the header's length, then the header, filled up with spaces to a multiple
/// of eight.
private func header(
  _ tensors: [(name: String, value: StoredTensor)], _ metadata: [String: String]
) -> [UInt8] {
  var entries: [String] = []
  if !metadata.isEmpty {
    let pairs = metadata.sorted { $0.key < $1.key }.map { "\(json($0.key)):\(json($0.value))" }
    entries.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
  }
  var end = 0
  for (name, value) in tensors {
    let begin = end
    end += value.shape.reduce(value.type.size, *)
    let shape = value.shape.map(String.init).joined(separator: ",")
    entries.append(
      "\(json(name)):{\"dtype\":\"\(value.type.rawValue)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(begin),\(end)]}")
  }
  var text = Array("{\(entries.joined(separator: ","))}".utf8)
  while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
  return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
}

/// A JSON string.
private func json(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\0"..<" ": result += "\\u" + String(0x10000 + scalar.value, radix: 16).dropFirst()
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
