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
/// The same tensors and metadata make the same bytes. The metadata get a checksum of everything
/// in the file, which `SafetensorsFile` compares.
///
/// Throws a `CheckpointError` if the file cannot be written, or if a number is too large for F16
/// or BF16.
public func writeSafetensors(
  _ tensors: [(name: String, value: StoredTensor)], metadata: [String: String] = [:],
  to path: String
) throws(CheckpointError) {
  precondition(
    Set(tensors.map(\.name) + ["__metadata__"]).count == tensors.count + 1,
    "tensors in a file have different names, got \(tensors.map(\.name).sorted())")
  precondition(
    metadata[SafetensorsFile.checksumKey] == nil, "the metadata get a checksum of their own")
  // Wide types first: then each tensor lies at a multiple of its type's size.
  let ordered = [8, 4, 2, 1].flatMap { size in tensors.filter { $0.value.type.size == size } }

  try AtomicFile.write(to: path, failure: CheckpointError.init) { (file) throws(CheckpointError) in
    let infos = places(of: ordered)
    // The header comes first and holds the checksum: numbers are narrowed twice, not kept.
    var sum = SafetensorsFile.checksum(
      metadata, Dictionary(uniqueKeysWithValues: zip(ordered.map(\.name), infos)))
    for (name, value) in ordered {
      try bytes(of: value, name, path) { sum = xxHash64($0, seed: sum) }
    }
    let checksum = [SafetensorsFile.checksumKey: SafetensorsFile.text(ofChecksum: sum)]
    header(Array(zip(ordered.map(\.name), infos)), metadata.merging(checksum) { $1 })
      .withUnsafeBytes(file.write)
    for (name, value) in ordered { try bytes(of: value, name, path, use: file.write) }
  }
}

/// Calls `use` with the bytes of a tensor as they are stored.
private func bytes(
  of value: StoredTensor, _ name: String, _ path: String, use: (UnsafeRawBufferPointer) -> Void
) throws(CheckpointError) {
  switch value {
  case .floats(let tensor, let type):
    if let largest = tensor.firstScalar(beyond: type) {
      throw .unwritable(
        file: path,
        reason: "tensor \(name) holds \(largest), more than \(type.rawValue) can; store it as F32")
    }
    write(tensor, as: type, name, use)
  case .integers(let tensor, let type): write(tensor.values, as: type, name, use)
  }
}

extension Tensor {
  /// The first finite number that would become infinite as `type`; nil if there is none.
  func firstScalar(beyond type: StoredType) -> Float? {
    // The least numbers that are rounded to infinity: F16's largest and half a step more.
    let bound: Float =
      switch type {
      case .f16: 65520
      case .bf16: Float(bitPattern: 0x7F7F_8000)
      default: .infinity
      }
    return withScalars { scalars in scalars.first { $0.isFinite && $0.magnitude >= bound } }
  }
}

private func write(
  _ tensor: Tensor, as type: StoredType, _ name: String, _ use: (UnsafeRawBufferPointer) -> Void
) {
  switch type {
  case .f32: tensor.withScalars { use(UnsafeRawBufferPointer($0)) }
  case .f16: tensor.withScalars { $0.map { Float16($0) } }.withUnsafeBytes(use)
  case .bf16: tensor.withScalars { $0.map(upperHalf) }.withUnsafeBytes(use)
  default:
    preconditionFailure("tensor \(name) holds floats, which are not stored as \(type.rawValue)")
  }
}

private func write(
  _ values: [Int32], as type: StoredType, _ name: String, _ use: (UnsafeRawBufferPointer) -> Void
) {
  func require(_ range: ClosedRange<Int32>) {
    for value in values where !range.contains(value) {
      preconditionFailure("tensor \(name) holds \(value), which \(type.rawValue) cannot")
    }
  }
  switch type {
  case .i64: values.map(Int64.init).withUnsafeBytes(use)
  case .i32: values.withUnsafeBytes(use)
  case .u8, .bool:
    require(type == .bool ? 0...1 : 0...255)
    values.map { UInt8($0) }.withUnsafeBytes(use)
  default:
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

/// What the header says about each tensor.
private func places(of tensors: [(name: String, value: StoredTensor)]) -> [TensorInfo] {
  var end = 0
  return tensors.map { _, value in
    let begin = end
    end += value.shape.reduce(value.type.size, *)
    return TensorInfo(type: value.type, shape: value.shape, range: begin..<end)
  }
}

/// Eight bytes with the header's length, then the header, filled up with spaces to a multiple
/// of eight.
private func header(
  _ tensors: [(name: String, info: TensorInfo)], _ metadata: [String: String]
) -> [UInt8] {
  var entries: [String] = []
  if !metadata.isEmpty {
    let pairs = metadata.sorted { $0.key < $1.key }.map { "\(json($0.key)):\(json($0.value))" }
    entries.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
  }
  for (name, info) in tensors {
    let shape = info.shape.map(String.init).joined(separator: ",")
    entries.append(
      "\(json(name)):{\"dtype\":\"\(info.type.rawValue)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(info.range.lowerBound),\(info.range.upperBound)]}")
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
