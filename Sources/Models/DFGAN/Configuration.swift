// The sizes of a DF-GAN.

/// The sizes of both networks, under the names of the authors' code.
public struct DFGANConfiguration: Codable, Equatable, Sendable {
  /// Channels at the full resolution. Each halving of the picture doubles them, up to eightfold.
  public var base: Int
  /// Numbers of noise for a picture.
  public var noise: Int
  /// D, the numbers of a sentence's vector.
  public var sentence: Int
  /// Width and height of the pictures, a power of two from 8 on.
  public var size: Int

  /// Sizes; the defaults are the authors', for pictures of 256×256 pixels.
  public init(base: Int = 32, noise: Int = 100, sentence: Int = 256, size: Int = 256) {
    (self.base, self.noise, self.sentence, self.size) = (base, noise, sentence, size)
  }

  /// The model that `dalle train gan` trains on stickers, with sentences of chapter 2's CLIP.
  public static let stickers = DFGANConfiguration(base: 16, noise: 64, sentence: 128, size: 64)

  /// Width and height of the smallest pictures inside of both networks.
  static let smallest = 4

  /// Channels at sizes 4, 8, 16, … up to the full one.
  var widths: [Int] {
    let halvings = (size / Self.smallest).trailingZeroBitCount
    return (0...halvings).reversed().map { base * min(1 << $0, 8) }
  }

  /// The number of the generator's parameters, as a `Double` because a configuration from elsewhere
  /// may claim more than an `Int` holds.
  public var parameterCount: Double {
    func linear(_ inputs: Int, _ outputs: Int) -> Double {
      Double(inputs) * Double(outputs) + Double(outputs)
    }
    // Two networks of two layers each for the factor and the offset of every channel.
    func affine(_ c: Int) -> Double { 2 * (linear(noise + sentence, c) + linear(c, c)) }
    let area = Self.smallest * Self.smallest
    var sum = linear(noise, widths[0] * area) + linear(9 * widths[widths.count - 1], 3)
    for (inputs, outputs) in zip(widths, widths.dropFirst()) {
      sum += 2 * affine(inputs) + 2 * affine(outputs)
      sum += linear(9 * inputs, outputs) + linear(9 * outputs, outputs)
      if inputs != outputs { sum += linear(inputs, outputs) }
    }
    return sum
  }

  enum CodingKeys: String, CodingKey {
    case base = "nf"
    case noise = "nz"
    case sentence = "cond_dim"
    case size = "imsize"
  }

  /// Reads what `encode(to:)` writes.
  ///
  /// Throws a `DecodingError` if an entry is missing, has the wrong type or is out of range.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func whole(_ key: CodingKeys, _ range: ClosedRange<Int>) throws -> Int {
      let value = try values.decode(Int.self, forKey: key)
      guard range.contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values,
          debugDescription:
            "\(key.rawValue) must be \(range.lowerBound) to \(range.upperBound), got \(value)")
      }
      return value
    }
    self.init(
      base: try whole(.base, 1...1024), noise: try whole(.noise, 1...65536),
      sentence: try whole(.sentence, 1...65536), size: try whole(.size, 8...1024))
    guard size.nonzeroBitCount == 1 else {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: values, debugDescription: "imsize must be a power of two, got \(size)")
    }
  }
}
