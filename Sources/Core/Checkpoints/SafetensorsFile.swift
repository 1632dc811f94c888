import Foundation
import TensorCore

/// A safetensors file, mapped into memory: a tensor is read only when it is requested.
///
///     let file = try SafetensorsFile("vit.safetensors")
///     let weight = try file.tensor("classifier.weight")     // [10, 192]
///     let ids = try file.integers("labels")
///
/// Opening checks the whole header. A file from an unknown source can do little harm: its header
/// has at most 100 MB (as in the format's own library) and must lie in the file; opening allocates
/// less than 32 bytes for each byte of the header, and reading a tensor at most 4 bytes for each
/// of its bytes in the file. A file that shrinks while it is read ends the process, as with
/// all mapped files; files written by `writeSafetensors` are replaced whole, never changed.
public final class SafetensorsFile: @unchecked Sendable {
  /// The path the file was opened with.
  public let path: String
  /// The texts under `__metadata__` in the header, by key.
  public var metadata: [String: String] { header.metadata }
  /// The names of the tensors, in the order of their data.
  public var names: [String] { header.names }

  /// The number of bytes of all tensors together.
  public var byteCount: Int { data.count }

  // None of this changes between `init` and `deinit`, so threads may share it.
  private let header: SafetensorsHeader
  private let map: UnsafeRawBufferPointer
  private let data: UnsafeRawBufferPointer

  static let maximumHeader = 100_000_000

  /// Opens a file and checks its header.
  ///
  /// Throws a `CheckpointError` if the file cannot be read, or is no whole, valid safetensors file.
  public init(_ path: String) throws(CheckpointError) {
    let map = try mapFile(path)
    do throws(Damage) {
      // Eight bytes for the length of the header, the header, the data.
      guard map.count >= 8 else { throw Damage("it has \(map.count) bytes, expected 8 or more") }
      let length = UInt64(littleEndian: map.loadUnaligned(as: UInt64.self))
      guard length <= UInt64(map.count - 8) else {
        throw Damage("its header claims \(length) bytes, \(map.count - 8) are there")
      }
      guard length <= UInt64(Self.maximumHeader) else {
        throw Damage("its header has \(length) bytes, the limit is \(Self.maximumHeader)")
      }
      let start = 8 + Int(length)
      data = UnsafeRawBufferPointer(rebasing: map[start...])
      header = try SafetensorsHeader(
        UnsafeRawBufferPointer(rebasing: map[8..<start]), dataCount: data.count)
    } catch {
      unmap(map)
      throw .damaged(file: path, reason: error.reason)
    }
    self.path = path
    self.map = map
  }

  deinit { unmap(map) }

  /// The type and shape of the tensor `name`.
  ///
  /// Throws a `CheckpointError` if there is none.
  public func info(_ name: String) throws(CheckpointError) -> TensorInfo {
    guard let info = header.tensors[name] else {
      throw .mismatch(file: path, reason: "there is no tensor \(quoted(name)) in it")
    }
    return info
  }

  /// The tensor `name` of type F32, F16 or BF16, in the shape that the file gives it. The latter
  /// two types are exact as 32-bit floats.
  ///
  /// Throws a `CheckpointError` if there is none, or if it holds whole numbers.
  public func tensor(_ name: String) throws(CheckpointError) -> Tensor {
    let tensor = Tensor.zeros(try info(name).shape)
    try read(name, into: tensor)
    return tensor
  }

  /// The tensor `name` of type I64, I32, U8 or BOOL, in the shape that the file gives it.
  ///
  /// Throws a `CheckpointError` if there is none, or if it holds floats or numbers over 32 bits.
  public func integers(_ name: String) throws(CheckpointError) -> IndexTensor {
    let info = try info(name)
    let bytes = UnsafeRawBufferPointer(rebasing: data[info.range])
    return IndexTensor(shape: info.shape, try integers(bytes, info.type, name))
  }

  /// Some rows of a tensor of whole numbers, [n, ...] → [rows.count, ...]. Only they are read.
  ///
  /// Throws a `CheckpointError` if there is no tensor `name`, or if it holds floats or numbers over
  /// 32 bits.
  public func integers(
    _ name: String, rows: Range<Int>
  ) throws(CheckpointError) -> IndexTensor {
    let info = try info(name)
    let count = info.shape.first ?? 0
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= count,
      "rows \(rows) are not all among the \(count) of \(name)")
    let size = info.range.count / max(count, 1)
    let start = info.range.lowerBound + rows.lowerBound * size
    let bytes = UnsafeRawBufferPointer(rebasing: data[start..<start + rows.count * size])
    return IndexTensor(
      shape: [rows.count] + info.shape.dropFirst(), try integers(bytes, info.type, name))
  }

  private func integers(
    _ bytes: UnsafeRawBufferPointer, _ type: StoredType, _ name: String
  ) throws(CheckpointError) -> [Int32] {
    switch type {
    case .i64:
      let wide = numbers(bytes, Int64.self)
      if let large = wide.first(where: { Int32(exactly: $0) == nil }) {
        throw .mismatch(
          file: path, reason: "tensor \(quoted(name)) holds \(large), which needs over 32 bits")
      }
      return wide.map(Int32.init)
    case .i32: return Array(numbers(bytes, Int32.self))
    case .u8, .bool: return bytes.map(Int32.init)
    case .f32, .f16, .bf16:
      throw .mismatch(
        file: path,
        reason: "tensor \(quoted(name)) holds \(type.rawValue), expected whole numbers")
    }
  }

  /// Fills `tensor`, which has the shape of the one in the file.
  func read(_ name: String, into tensor: Tensor) throws(CheckpointError) {
    let info = try info(name)
    precondition(tensor.shape == info.shape)
    let bytes = UnsafeRawBufferPointer(rebasing: data[info.range])
    switch info.type {
    case .f32: tensor.update { UnsafeMutableRawBufferPointer($0).copyMemory(from: bytes) }
    case .f16: tensor.fill(numbers(bytes, UInt16.self)) { Float(Float16(bitPattern: $0)) }
    case .bf16: tensor.fill(numbers(bytes, UInt16.self)) { Float(bitPattern: UInt32($0) << 16) }
    case .i64, .i32, .u8, .bool:
      throw .mismatch(
        file: path, reason: "tensor \(quoted(name)) holds \(info.type.rawValue), expected floats")
    }
  }
}

/// The numbers in some bytes, which need not be aligned. The machines we run on are little-endian,
/// as the format is.
private func numbers<Number: BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, _: Number.Type
) -> some RandomAccessCollection<Number> {
  let size = MemoryLayout<Number>.size
  return (0..<bytes.count / size).lazy.map {
    bytes.loadUnaligned(fromByteOffset: $0 * size, as: Number.self)
  }
}

extension Tensor {
  fileprivate func fill<Element>(
    _ source: some RandomAccessCollection<Element>, _ convert: (Element) -> Float
  ) {
    update { numbers in
      for (i, element) in source.enumerated() { numbers[i] = convert(element) }
    }
  }
}

/// A whole file as memory, whose pages are read when they are touched.
func mapFile(_ path: String) throws(CheckpointError) -> UnsafeRawBufferPointer {
  func failure() -> CheckpointError {
    .unreadable(file: path, reason: String(cString: strerror(errno)))
  }
  // Without O_NONBLOCK a named pipe would wait for a writer.
  let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  guard file >= 0 else { throw failure() }
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw failure() }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw .unreadable(file: path, reason: "it is not a file but a folder or a device")
  }
  let count = Int(status.st_size)
  if count == 0 { return UnsafeRawBufferPointer(start: nil, count: 0) }
  let map = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0)
  guard let map, map != MAP_FAILED else { throw failure() }
  return UnsafeRawBufferPointer(start: map, count: count)
}

func unmap(_ map: UnsafeRawBufferPointer) {
  if let start = map.baseAddress {
    munmap(UnsafeMutableRawPointer(mutating: start), map.count)
  }
}
