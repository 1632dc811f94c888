// PNG files made by hand, chunk by chunk, so that tests know what is in them.

/// A PNG as its chunks, whose contents need not make sense.
struct PNGFile {
  struct Chunk {
    var type: [UInt8]
    var data: [UInt8]

    init(_ type: String, _ data: [UInt8]) {
      self.type = Array(type.utf8)
      self.data = data
    }

    /// The chunk as it is in a file, with the right length and checksum.
    var bytes: [UInt8] {
      bigEndian(data.count, 4) + type + data + bigEndian(crc32(type + data), 4)
    }
  }

  static let signature: [UInt8] = [137, 80, 78, 71, 13, 10, 26, 10]

  var chunks: [Chunk]

  var bytes: [UInt8] { Self.signature + chunks.flatMap(\.bytes) }

  init(chunks: [Chunk]) {
    self.chunks = chunks
  }

  /// The chunks of a whole file.
  init(_ bytes: [UInt8]) {
    chunks = []
    var rest = bytes.dropFirst(8)
    while rest.count >= 12 {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
      chunks.append(Chunk(type, Array(rest.dropFirst(8).prefix(length))))
      rest = rest.dropFirst(12 + length)
    }
  }
}

/// A kind of PNG.
struct PNGKind: CustomStringConvertible {
  var colorType: Int  // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  var bits: Int
  var interlaced = false
  /// Has a chunk tRNS: alpha of palette entries, or the one colour that is invisible.
  var transparency = false

  var channels: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colorType] ?? 1 }

  var description: String {
    "colour type \(colorType), \(bits) bits\(interlaced ? ", interlaced" : "")"
      + (transparency ? ", tRNS" : "")
  }

  /// All that the format allows.
  static let all = [
    (0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]),
  ].flatMap { colorType, depths in depths.map { PNGKind(colorType: colorType, bits: $0) } }
    .flatMap { kind in [kind, kind.with(\.interlaced)] }
    .flatMap { kind in kind.colorType < 4 ? [kind, kind.with(\.transparency)] : [kind] }

  private func with(_ property: WritableKeyPath<PNGKind, Bool>) -> PNGKind {
    var kind = self
    kind[keyPath: property] = true
    return kind
  }
}

extension PNGFile {
  /// A picture of `width`×`height` samples, [height, width, kind.channels], each below
  /// 2^kind.bits. `palette` and `tRNS` are the content of these chunks, empty for none.
  init(
    _ kind: PNGKind, width: Int, height: Int, samples: [Int], palette: [UInt8] = [],
    tRNS: [UInt8] = []
  ) {
    // Adam7: first column and row, then the steps.
    let passes =
      kind.interlaced
      ? [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
      ] : [(0, 0, 1, 1)]
    var rows: [UInt8] = []
    for (x0, y0, dx, dy) in passes where x0 < width {
      for y in stride(from: y0, to: height, by: dy) {
        var row: [Int] = []
        for x in stride(from: x0, to: width, by: dx) {
          row += samples[((y * width + x) * kind.channels)...].prefix(kind.channels)
        }
        rows += [0] + pack(row, kind.bits)  // filter 0: as it is
      }
    }
    let header =
      bigEndian(width, 4) + bigEndian(height, 4)
      + [UInt8(kind.bits), UInt8(kind.colorType), 0, 0, kind.interlaced ? 1 : 0]
    chunks = [Chunk("IHDR", header)]
    if !palette.isEmpty { chunks.append(Chunk("PLTE", palette)) }
    if !tRNS.isEmpty { chunks.append(Chunk("tRNS", tRNS)) }
    chunks += [Chunk("IDAT", zlibStored(rows)), Chunk("IEND", [])]
  }
}

/// Samples of 1 … 16 bits, the first in the highest bits; the last byte is filled up with zeros.
private func pack(_ samples: [Int], _ bits: Int) -> [UInt8] {
  if bits == 16 { return samples.flatMap { bigEndian($0, 2) } }
  let perByte = 8 / bits
  return stride(from: 0, to: samples.count, by: perByte).map { start in
    var byte = 0
    for i in 0..<perByte {
      byte = byte << bits | (start + i < samples.count ? samples[start + i] : 0)
    }
    return UInt8(byte)
  }
}

/// A zlib stream of blocks that are not compressed (RFC 1950, RFC 1951).
func zlibStored(_ bytes: [UInt8]) -> [UInt8] {
  var result: [UInt8] = [0x78, 0x01]
  for start in stride(from: 0, through: bytes.count, by: 65535) {
    let block = bytes[start..<min(start + 65535, bytes.count)]
    let length = [UInt8(block.count & 255), UInt8(block.count >> 8)]
    result += [start + 65535 > bytes.count ? 1 : 0] + length + length.map { ~$0 } + block
  }
  var (a, b) = (1, 0)  // Adler-32
  for byte in bytes {
    a = (a + Int(byte)) % 65521
    b = (b + a) % 65521
  }
  return result + bigEndian(b << 16 | a, 4)
}

/// The checksum of PNG chunks, ISO 3309.
func crc32(_ bytes: [UInt8]) -> Int {
  var crc: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
  }
  return Int(~crc)
}

func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
