import Files
import Foundation
import TensorCore

/// A safetensors file, mapped into memory: a tensor is read only when it is requested. Only files
/// with a checksum, which are our own, are read through on opening.
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
  /// The texts under `__metadata__` in the header, by key, without the checksum.
  public var metadata: [String: String] {
    header.metadata.filter { $0.key != Self.checksumKey }
  }
  /// The checksum that the file carries, with which its contents were compared; files of other
  /// programs have none.
  public var checksum: String? { header.metadata[Self.checksumKey] }
  /// The names of the tensors, in the order of their data.
  public var names: [String] { header.names }

  /// The number of bytes of all tensors together.
  public var byteCount: Int { data.count }

  // None of this changes between `init` and `deinit`, so threads may share it.
  let header: SafetensorsHeader
  private let map: UnsafeRawBufferPointer
  let data: UnsafeRawBufferPointer

  static let maximumHeader = 100_000_000

  /// Opens a file and checks its header.
  ///
  /// Throws a `CheckpointError` if the file cannot be read, or is no whole, valid safetensors file.
  public init(_ path: String) throws(CheckpointError) {
    let map = try mapFile(path)
    do throws(Damage) {
      let start = try Self.endOfHeader(map)
      data = UnsafeRawBufferPointer(rebasing: map[start...])
      header = try SafetensorsHeader(
        UnsafeRawBufferPointer(rebasing: map[8..<start]), dataCount: data.count)
    } catch {
      unmap(map)
      throw CheckpointError(error, path)
    }
    self.path = path
    self.map = map
    do throws(Damage) { try verifyChecksum() } catch { throw CheckpointError(error, path) }
  }

  /// Where the data begin: after eight bytes with the length of the header, and the header.
  private static func endOfHeader(_ map: UnsafeRawBufferPointer) throws(Damage) -> Int {
    // The length of a header may look like the beginning of another kind of file; its brace not.
    let mayHaveHeader = map.count > 8 && map[8] == UInt8(ascii: "{")
    // In a file of up to eight bytes nothing can be told apart but an empty one.
    if map.isEmpty || map.count > 8 && !mayHaveHeader,
      let kind = foreignKind(ofFileBeginning: map.prefix(64))
    {
      throw Damage("\(kind); expected a .safetensors file", isForeign: true)
    }
    // The length of a header has zeros in it.
    if map.count > 8, map[0] == UInt8(ascii: "{"), !map.prefix(8).contains(0) {
      throw Damage(
        "is a JSON text, perhaps a server's message; expected a .safetensors file", isForeign: true)
    }
    guard map.count > 8 else { throw Damage("it has \(map.count) bytes, expected more than 8") }
    let length = UInt64(littleEndian: map.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(map.count - 8) else {
      let isCut = mayHaveHeader && length <= UInt64(maximumHeader)
      throw Damage(
        "\(isCut ? "it is incomplete: " : "")its header claims \(length) bytes, "
          + "\(map.count - 8) are there")
    }
    guard length <= UInt64(maximumHeader) else {
      throw Damage("its header has \(length) bytes, the limit is \(maximumHeader)")
    }
    return 8 + Int(length)
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

  package func contains(_ name: String) -> Bool { header.tensors[name] != nil }

  /// The tensor `name` of type F32, F16, BF16 or F64, in the shape that the file gives it. F16 and
  /// BF16 are exact as 32-bit floats, F64 is rounded.
  ///
  /// Throws a `CheckpointError` if there is none, or if it holds whole numbers.
  public func tensor(_ name: String) throws(CheckpointError) -> Tensor {
    let info = try info(name)
    guard info.type.isFloat else { throw notFloats(name, info.type) }
    let tensor = Tensor.zeros(info.shape)
    try read(name, into: tensor)
    return tensor
  }

  /// The tensor `name` of whole numbers or of type BOOL, in the shape that the file gives it.
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
    case .i64: return try narrowed(numbers(bytes, Int64.self), name)
    case .u64: return try narrowed(numbers(bytes, UInt64.self), name)
    case .u32: return try narrowed(numbers(bytes, UInt32.self), name)
    case .i32: return Array(numbers(bytes, Int32.self))
    case .i16: return numbers(bytes, Int16.self).map(Int32.init)
    case .u16: return numbers(bytes, UInt16.self).map(Int32.init)
    case .i8: return numbers(bytes, Int8.self).map(Int32.init)
    case .u8, .bool: return bytes.map(Int32.init)
    case .f32, .f16, .bf16, .f64, .f8e4m3, .f8e5m2:
      throw .mismatch(
        file: path,
        reason: "tensor \(quoted(name)) holds \(type.rawValue), expected whole numbers")
    }
  }

  private func narrowed(
    _ wide: some RandomAccessCollection<some BinaryInteger>, _ name: String
  ) throws(CheckpointError) -> [Int32] {
    if let large = wide.first(where: { Int32(exactly: $0) == nil }) {
      throw .mismatch(
        file: path, reason: "tensor \(quoted(name)) holds \(large), which needs over 32 bits")
    }
    return wide.map { Int32($0) }
  }

  private func notFloats(_ name: String, _ type: StoredType) -> CheckpointError {
    .mismatch(
      file: path, reason: "tensor \(quoted(name)) holds \(type.rawValue), expected floats")
  }

  /// Fills `tensor`, which has the shape of the one in the file.
  package func read(_ name: String, into tensor: Tensor) throws(CheckpointError) {
    let info = try info(name)
    precondition(tensor.shape == info.shape)
    let bytes = UnsafeRawBufferPointer(rebasing: data[info.range])
    switch info.type {
    case .f32: tensor.update { UnsafeMutableRawBufferPointer($0).copyMemory(from: bytes) }
    case .f16: tensor.fill(numbers(bytes, UInt16.self)) { Float(Float16(bitPattern: $0)) }
    case .bf16: tensor.fill(numbers(bytes, UInt16.self)) { Float(bitPattern: UInt32($0) << 16) }
    case .f64:
      let doubles = numbers(bytes, Double.self)
      if let large = doubles.first(where: { $0.isFinite && !Float($0).isFinite }) {
        throw .mismatch(
          file: path, reason: "tensor \(quoted(name)) holds \(large), more than F32 can")
      }
      tensor.fill(doubles) { Float($0) }
    case .i64, .i32, .i16, .i8, .u64, .u32, .u16, .u8, .bool, .f8e4m3, .f8e5m2:
      throw notFloats(name, info.type)
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
  if path.isEmpty { throw .unreadable(file: "the file", reason: "it has no name") }
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
