// The header of a safetensors file: a JSON object
//
//     {"__metadata__": {"key": "text", …},
//      "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
//
// Files come from unknown sources, so every claim is checked before it is used.

/// How the numbers of a tensor are stored. All are little-endian.
public enum StoredType: String, CaseIterable, Sendable {
  /// 32-bit float.
  case f32 = "F32"
  /// 16-bit float: 10 bits of fraction, at most 65504.
  case f16 = "F16"
  /// The upper half of a 32-bit float.
  case bf16 = "BF16"
  /// 64-bit whole number.
  case i64 = "I64"
  /// 32-bit whole number.
  case i32 = "I32"
  /// Byte.
  case u8 = "U8"
  /// Byte that is 0 or 1.
  case bool = "BOOL"
  /// 64-bit float, rounded to 32 bits when read; never written.
  case f64 = "F64"
  /// Whole numbers that are read, but never written.
  case i8 = "I8", i16 = "I16", u16 = "U16", u32 = "U32", u64 = "U64"
  /// 8-bit floats, which are neither read nor written: their scales lie elsewhere. A file may hold
  /// them beside tensors that are read.
  case f8e4m3 = "F8_E4M3", f8e5m2 = "F8_E5M2"

  /// Bytes per number.
  public var size: Int {
    switch self {
    case .f64, .i64, .u64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .i8, .u8, .bool, .f8e4m3, .f8e5m2: 1
    }
  }

  /// Whether numbers of this type are read as floats.
  package var isFloat: Bool { [.f32, .f16, .bf16, .f64].contains(self) }
}

/// What the header says about one tensor.
public struct TensorInfo: Equatable, Sendable {
  /// The type that its numbers are stored as.
  public let type: StoredType
  /// The sizes of its axes.
  public let shape: [Int]
  /// The place of its bytes, counted from the end of the header.
  let range: Range<Int>
}

/// What is wrong with a header.
struct Damage: Error {
  let reason: String
  /// Whether the file is whole, but of a kind that is not read: getting it again would not help.
  let isForeign: Bool

  init(_ reason: String, isForeign: Bool = false) {
    self.reason = reason
    self.isForeign = isForeign
  }
}

/// A checked header: the tensors' bytes follow each other without gap or overlap.
struct SafetensorsHeader {
  /// More axes than any model has; deeper shapes are refused.
  static let maximumRank = 16

  var metadata: [String: String] = [:]
  var tensors: [String: TensorInfo] = [:]
  /// The names, in the order of their data.
  var names: [String] = []

  /// Reads the header of a file in which `dataCount` bytes follow it.
  init(_ bytes: UnsafeRawBufferPointer, dataCount: Int) throws(Damage) {
    var reader = HeaderReader(bytes: bytes)
    guard bytes.first == UInt8(ascii: "{") else { throw Damage("the header is not a JSON object") }
    var sawMetadata = false
    try reader.object { (reader, name) throws(Damage) in
      if name == "__metadata__" {
        guard !sawMetadata else { throw Damage("__metadata__ appears twice") }
        sawMetadata = true
        try reader.require("an object", "its __metadata__")
        try reader.object { (reader, key) throws(Damage) in
          try reader.require("a text", "its metadata entry \(quoted(key))")
          guard metadata.updateValue(try reader.string(), forKey: key) == nil else {
            throw Damage("the metadata key \(quoted(key)) appears twice")
          }
        }
      } else {
        try reader.require("an object", "its entry \(quoted(name))")
        let info = try reader.tensorInfo(name)
        guard tensors.updateValue(info, forKey: name) == nil else {
          throw Damage("the tensor \(quoted(name)) appears twice")
        }
      }
    }
    try reader.end()
    try orderNames(dataCount: dataCount)
  }

  /// Checks that the tensors fill the data exactly.
  private mutating func orderNames(dataCount: Int) throws(Damage) {
    let order = tensors.sorted {
      let (a, b) = ($0.value.range, $1.value.range)
      return (a.lowerBound, a.upperBound, $0.key) < (b.lowerBound, b.upperBound, $1.key)
    }
    var end = 0
    for (name, info) in order {
      let begin = info.range.lowerBound
      guard begin >= end else {
        throw Damage("tensor \(quoted(name)) overlaps another at byte \(begin) of the data")
      }
      guard begin == end else {
        throw Damage("no tensor covers bytes \(end) to \(begin) of the data")
      }
      end = info.range.upperBound
    }
    guard end <= dataCount else {
      throw Damage("it is incomplete: its tensors take \(end) bytes, \(dataCount) are there")
    }
    guard end == dataCount else {
      throw Damage("the tensors end at byte \(end), the data at byte \(dataCount)")
    }
    names = order.map(\.key)
  }
}
