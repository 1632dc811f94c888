// A checksum of everything that a file says: metadata, names, types, shapes and numbers. It finds
// accidents of disks and transfers, not forgeries.

import Foundation

extension SafetensorsFile {
  /// The key of the metadata that holds the checksum of a file by `writeSafetensors`.
  static let checksumKey = "checksum"

  /// Compares the contents with the checksum, if the file has one.
  func verifyChecksum() throws(Damage) {
    guard let checksum else { return }
    let sum = names.reduce(Self.checksum(header.metadata, header.tensors)) { sum, name in
      let range = header.tensors[name]?.range ?? 0..<0
      return xxHash64(UnsafeRawBufferPointer(rebasing: data[range]), seed: sum)
    }
    guard checksum == Self.text(ofChecksum: sum) else {
      throw Damage(
        "its contents have changed since it was written: their checksum is "
          + "\(Self.text(ofChecksum: sum)), the file says \(quoted(checksum))")
    }
  }

  /// The checksum of a header; those of the tensors begin with it, each with the one before.
  static func checksum(_ metadata: [String: String], _ tensors: [String: TensorInfo]) -> UInt64 {
    var text = ""
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != checksumKey {
      text += "\(key.utf8.count) \(key) \(value.utf8.count) \(value)\n"
    }
    for (name, info) in tensors.sorted(by: { $0.key < $1.key }) {
      let range = "\(info.range.lowerBound) \(info.range.upperBound)"
      text += "\(name.utf8.count) \(name) \(info.type.rawValue) \(info.shape) \(range)\n"
    }
    return Array(text.utf8).withUnsafeBytes { xxHash64($0) }
  }

  /// "xxh64:" and 16 hexadecimal digits.
  static func text(ofChecksum sum: UInt64) -> String { "xxh64:" + String(format: "%016lx", sum) }
}

/// XXH64 of Yann Collet's xxHash: a hash of 64 bits, made to be fast. Of no bytes it is the seed.
public func xxHash64(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
  if bytes.isEmpty { return seed }
  func word(_ place: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) }
  var (place, count) = (0, bytes.count)
  var hash: UInt64
  if count >= 32 {
    // Four lanes, each with every fourth word.
    var (a, b, c, d) = (seed &+ prime1 &+ prime2, seed &+ prime2, seed, seed &- prime1)
    while count - place >= 32 {
      (a, b) = (mixed(a, word(place)), mixed(b, word(place + 8)))
      (c, d) = (mixed(c, word(place + 16)), mixed(d, word(place + 24)))
      place += 32
    }
    hash = rotated(a, 1) &+ rotated(b, 7) &+ rotated(c, 12) &+ rotated(d, 18)
    for lane in [a, b, c, d] { hash = (hash ^ mixed(0, lane)) &* prime1 &+ prime4 }
  } else {
    hash = seed &+ prime5
  }
  hash &+= UInt64(count)
  while count - place >= 8 {
    hash = rotated(hash ^ mixed(0, word(place)), 27) &* prime1 &+ prime4
    place += 8
  }
  if count - place >= 4 {
    let half = UInt64(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
    hash = rotated(hash ^ half &* prime1, 23) &* prime2 &+ prime3
    place += 4
  }
  for byte in bytes[place...] { hash = rotated(hash ^ UInt64(byte) &* prime5, 11) &* prime1 }
  hash = (hash ^ hash >> 33) &* prime2
  hash = (hash ^ hash >> 29) &* prime3
  return hash ^ hash >> 32
}

private let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
private let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
private let prime3: UInt64 = 0x1656_67B1_9E37_79F9
private let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
private let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

private func rotated(_ x: UInt64, _ n: UInt64) -> UInt64 { x << n | x >> (64 - n) }

private func mixed(_ lane: UInt64, _ word: UInt64) -> UInt64 {
  rotated(lane &+ word &* prime2, 31) &* prime1
}
