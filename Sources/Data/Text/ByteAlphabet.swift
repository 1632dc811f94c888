// Byte-level BPE works on the 256 bytes of UTF-8, so that no text is ever unknown. Vocabulary
// files, however, hold tokens as printable text. GPT-2 therefore gave every byte a visible
// letter: the 188 bytes that are printable in Latin-1 are written as themselves, the 68 others
// (space, controls, …) as U+0100, U+0101, … in order of the byte. So space is "Ġ".

/// The 256 letters that stand for bytes in vocabulary files.
enum ByteAlphabet {
  /// The letter of each byte.
  static let letters: [Unicode.Scalar] = {
    var shifted: UInt32 = 0x100
    return (0...255 as ClosedRange<UInt8>).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
        return Unicode.Scalar(byte)
      default:
        defer { shifted += 1 }
        // U+0100 … U+0143 are all scalars.
        return Unicode.Scalar(shifted) ?? "?"
      }
    }
  }()

  /// The byte of each letter, by the letter's number (below 0x144); nil where there is no letter.
  private static let bytes: [UInt8?] = {
    var table = [UInt8?](repeating: nil, count: 0x144)
    for (byte, letter) in letters.enumerated() { table[Int(letter.value)] = UInt8(byte) }
    return table
  }()

  /// The byte that `letter` stands for; nil if it is none of the 256.
  static func byte(of letter: Unicode.Scalar) -> UInt8? {
    letter.value < 0x144 ? bytes[Int(letter.value)] : nil
  }
}
