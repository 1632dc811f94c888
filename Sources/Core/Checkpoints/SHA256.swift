import Foundation

/// The hash of FIPS 180-4. No two different files with the same hash are known, so a hash can
/// identify the file that something was made from.
public enum SHA256 {
  /// The hash of a file, as 64 hexadecimal digits.
  ///
  /// Throws a `CheckpointError` if the file cannot be read.
  public static func hex(ofFile path: String) throws(CheckpointError) -> String {
    let map = try mapFile(path)
    defer { unmap(map) }
    return hex(map)
  }

  /// The hash of some bytes, as 64 hexadecimal digits.
  public static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
    var state = initialState
    var schedule = [UInt32](repeating: 0, count: 64)
    let whole = bytes.count / 64 * 64
    for start in stride(from: 0, to: whole, by: 64) {
      mix(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 64]), into: &state, &schedule)
    }
    // The end: a one bit, zeros, and the length in bits, up to a multiple of 64 bytes.
    var end = bytes[whole...] + [0x80]
    while end.count % 64 != 56 { end.append(0) }
    end += withUnsafeBytes(of: UInt64(bytes.count * 8).bigEndian, Array.init)
    end.withUnsafeBytes { end in
      for start in stride(from: 0, to: end.count, by: 64) {
        mix(UnsafeRawBufferPointer(rebasing: end[start..<start + 64]), into: &state, &schedule)
      }
    }
    return state.map { String(format: "%08x", $0) }.joined()
  }

  /// One block of 64 bytes.
  private static func mix(
    _ block: UnsafeRawBufferPointer, into state: inout [UInt32], _ w: inout [UInt32]
  ) {
    for i in 0..<16 {
      w[i] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))
    }
    for i in 16..<64 {
      let s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3
      let s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10
      w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for i in 0..<64 {
      let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      let t1 = h &+ s1 &+ (e & f ^ ~e & g) &+ constants[i] &+ w[i]
      let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      let t2 = s0 &+ (a & b ^ a & c ^ b & c)
      (h, g, f, e) = (g, f, e, d &+ t1)
      (d, c, b, a) = (c, b, a, t1 &+ t2)
    }
    for (i, value) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= value }
  }

  private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }

  // The standard's constants: the first 32 bits of the fractions of square and cube roots of primes.
  private static let initialState = primes.prefix(8).map { fraction(Double($0).squareRoot()) }
  private static let constants = primes.map { fraction(cbrt(Double($0))) }
  private static let primes = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }

  private static func fraction(_ x: Double) -> UInt32 { UInt32((x - x.rounded(.down)) * 0x1p32) }
}
