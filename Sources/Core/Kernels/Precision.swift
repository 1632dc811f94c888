// In which numbers products multiply.

import CSupport

/// The numbers that matrix products and convolutions multiply. Sums are floats in any case.
public enum Precision: String, Codable, Sendable {
  /// 32 bits: 8 for the exponent, 23 for the fraction.
  case f32
  /// 16 bits, the upper half of a float: 8 for the exponent, 7 for the fraction.
  case bf16

  /// bf16 where it saves time on this processor, else f32. It depends on the kind of processor
  /// alone, so it is the same in every run.
  ///
  /// | processor | instruction | rate beside f32, in registers | here |
  /// |---|---|---|---|
  /// | Intel, Sapphire Rapids and later | TDPBF16PS (AMX) | 8 × and more | bf16 |
  /// | AMD, Zen 4 and later | VDPBF16PS | 1.8 × | bf16 |
  /// | Intel without AMX | VDPBF16PS | 1 × | f32 |
  /// | Arm, and all others | – | not written | f32 |
  public static var fastest: Precision { bf16_pays() != 0 ? .bf16 : .f32 }

  /// The name of the instruction that multiplies bf16 numbers here; nil if they are multiplied as
  /// floats.
  public static var instruction: String? {
    switch Method.current {
    case .tiles: "TDPBF16PS"
    case .vectors: "VDPBF16PS"
    case .shifts: nil
    }
  }

  /// How bf16 numbers are multiplied.
  enum Method {
    case shifts, vectors, tiles

    static let current: Method =
      switch bf16_method() {
      case Int32(bf16_by_tiles): .tiles
      case Int32(bf16_by_vectors): .vectors
      default: .shifts
      }
  }
}
