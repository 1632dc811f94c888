// A reader for the JSON of safetensors headers only: nothing nests deeper than a list in an
// object in an object, so no input can make it recurse, and it sees duplicate names and exact
// numbers, which general JSON readers lose. It allocates memory for what it has read, never for
// what a number claims.

/// Reads JSON values from the front of `bytes`.
struct HeaderReader {
  let bytes: UnsafeRawBufferPointer
  var position = 0

  /// `{"dtype": …, "shape": […], "data_offsets": [begin, end]}` with all its checks.
  mutating func tensorInfo(_ name: String) throws(Damage) -> TensorInfo {
    func wrong(_ what: String) -> Damage { Damage("tensor \(quoted(name)) \(what)") }
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try object { (reader, key) throws(Damage) in
      let first: Bool
      switch key {
      case "dtype":
        first = typeName == nil
        typeName = try reader.string()
      case "shape":
        first = shape == nil
        shape = try reader.integers(atMost: SafetensorsHeader.maximumRank, of: "shape")
      case "data_offsets":
        first = offsets == nil
        offsets = try reader.integers(atMost: 2, of: "data_offsets")
      default: throw wrong("has an unknown entry \(quoted(key))")
      }
      guard first else { throw wrong("has two entries \(quoted(key))") }
    }
    guard let typeName, let shape, let offsets else {
      throw wrong("lacks its dtype, shape or data_offsets")
    }
    guard let type = StoredType(rawValue: typeName) else {
      let known = StoredType.allCases.map(\.rawValue).joined(separator: ", ")
      throw Damage(
        "tensor \(quoted(name)) has the type \(quoted(typeName)); this program knows \(known)",
        isForeign: true)
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw wrong("has data_offsets \(offsets), expected [begin, end]")
    }
    // An axis of size 0 makes a tensor empty, but must not hide an absurd one.
    var size = type.size
    for axis in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: max(axis, 1))
      guard !overflow else { throw wrong("has the impossible shape \(shape)") }
      size = product
    }
    if shape.contains(0) { size = 0 }
    guard size == offsets[1] - offsets[0] else {
      throw wrong(
        "of shape \(shape) takes \(size) bytes as \(typeName), data_offsets \(offsets) say otherwise"
      )
    }
    return TensorInfo(type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// `{"key": value, …}`; `member` reads each value.
  mutating func object(
    _ member: (inout HeaderReader, String) throws(Damage) -> Void
  ) throws(Damage) {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while take(",")
    try expect("}")
  }

  /// Checks that a value of the kind `wanted` follows, for instance "a text".
  mutating func require(_ wanted: String, _ what: String) throws(Damage) {
    skipSpace()
    let found =
      switch peek.map({ Character(Unicode.Scalar($0)) }) {
      case "\"": "a text"
      case "{": "an object"
      case "[": "a list"
      case "n": "null"
      case "t", "f": "true or false"
      case "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": "a number"
      default: wanted  // no value at all, as the reader of the value finds out
      }
    if found != wanted {
      throw Damage("\(what) is \(found), the format demands \(wanted)", isForeign: true)
    }
  }

  /// A list of at most `limit` whole numbers.
  mutating func integers(atMost limit: Int, of what: String) throws(Damage) -> [Int] {
    var list: [Int] = []
    try expect("[")
    if take("]") { return list }
    repeat {
      guard list.count < limit else { throw Damage("a \(what) has more than \(limit) numbers") }
      list.append(try integer())
    } while take(",")
    try expect("]")
    return list
  }

  /// A whole number from 0 on, in plain digits.
  private mutating func integer() throws(Damage) -> Int {
    skipSpace()
    if peek == UInt8(ascii: "-") { throw Damage("a negative number at byte \(position)") }
    let start = position
    var value = 0
    while let digit = peek.map({ Int($0) - 0x30 }), 0...9 ~= digit {
      let (tens, overflow1) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = tens.addingReportingOverflow(digit)
      guard !overflow1, !overflow2 else { throw Damage("a number above 2⁶³ at byte \(start)") }
      value = sum
      position += 1
    }
    let leadingZero = position > start + 1 && bytes[start] == UInt8(ascii: "0")
    guard position > start, !leadingZero else { throw unexpected("a whole number", at: start) }
    return value
  }

  /// A string with its escapes resolved.
  mutating func string() throws(Damage) -> String {
    try expect("\"")
    var text: [UInt8] = []
    var start = position  // of the run that is not yet in `text`
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        let rest = bytes[start..<position - 1]
        let result =
          text.isEmpty
          ? String(validating: rest, as: UTF8.self)
          : String(validating: text + rest, as: UTF8.self)
        guard let result else { throw Damage("a text before byte \(position) is not UTF-8") }
        return result
      case UInt8(ascii: "\\"):
        text += bytes[start..<position - 1]
        try text.append(contentsOf: String(escape()).utf8)
        start = position
      case 0..<0x20: throw unexpected("a text without control characters", at: position - 1)
      default: break
      }
    }
    throw Damage("a text does not end")
  }

  /// What follows a backslash.
  private mutating func escape() throws(Damage) -> Unicode.Scalar {
    let start = position
    guard let byte = peek else { throw Damage("a text does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let high = try fourHexDigits()
      if let scalar = Unicode.Scalar(high) { return scalar }
      // Characters beyond 2¹⁶ come as two escapes, a pair of surrogates.
      if high < 0xDC00, takeRaw("\\"), takeRaw("u") {
        let low = try fourHexDigits()
        if 0xDC00..<0xE000 ~= low,
          let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        {
          return scalar
        }
      }
      throw Damage("half of a character at byte \(start)")
    default: throw unexpected("an escape", at: start)
    }
  }

  private mutating func fourHexDigits() throws(Damage) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = peek.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw unexpected("a hexadecimal digit", at: position)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// Checks that only white space is left.
  mutating func end() throws(Damage) {
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end of the header", at: position) }
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  private mutating func takeRaw(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return takeRaw(character)
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Damage) {
    guard take(character) else { throw unexpected("\(character)", at: position) }
  }

  private func unexpected(_ wanted: String, at place: Int) -> Damage {
    let found = place < bytes.count ? quoted(String(Unicode.Scalar(bytes[place]))) : "nothing"
    return Damage("expected \(wanted) at byte \(place) of the header, found \(found)")
  }
}
