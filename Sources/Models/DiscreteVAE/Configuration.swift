import Checkpoints

/// The sizes of a discrete VAE, under the names of OpenAI's `dall_e` package.
///
/// With the defaults of `stem`, `encoderKernel`, `postGain` and `bottleneck` this is exactly OpenAI's network
/// (DALL·E, appendix A.1).
public struct DVAEConfiguration: ModelConfiguration, Equatable, Sendable {
  /// Channels of the narrowest group; group g has 2ᵍ⁻¹ times as many.
  public var hidden: Int
  /// Channels into which the decoder embeds a code.
  public var initial: Int
  /// Blocks of a group of the encoder.
  public var blocks: Int
  /// Blocks of a group of the decoder; nil for as many as in the encoder.
  public var decoderBlocks: Int?
  /// Groups; between two of them the encoder halves the picture and the decoder doubles it.
  public var groups: Int
  /// K, codes of the codebook.
  public var vocabulary: Int
  /// Channels of the pictures.
  public var channels: Int
  /// Space to depth: before the encoder, squares of stem × stem pixels become one pixel with stem²
  /// times as many channels; after the decoder, they are spread out again. 1 for none.
  public var stem: Int
  /// The kernel of the encoder's blocks: 3, or 1 for codes that, after a stem, depend on nothing but their
  /// squares.
  public var encoderKernel: Int
  /// A block's hidden channels are its channels over this.
  public var bottleneck: Int
  /// The factor by which a block's result is multiplied before it is added; nil for
  /// 1/(groups·blocks)².
  public var postGain: Float?
  /// The lower limit of ln b. On flat pictures a decoder could make the density as large as it
  /// likes by sending ln b to -∞; below this limit, ln b is clamped and has no gradient.
  public var logScaleFloor: Float

  /// A configuration; the defaults are OpenAI's.
  public init(
    hidden: Int = 256, initial: Int = 128, blocks: Int = 2, decoderBlocks: Int? = nil,
    groups: Int = 4, vocabulary: Int = 8192, channels: Int = 3, stem: Int = 1,
    encoderKernel: Int = 3, bottleneck: Int = 4, postGain: Float? = nil, logScaleFloor: Float = -7
  ) {
    self.hidden = hidden
    self.initial = initial
    self.blocks = blocks
    self.decoderBlocks = decoderBlocks
    self.groups = groups
    self.vocabulary = vocabulary
    self.channels = channels
    self.stem = stem
    self.encoderKernel = encoderKernel
    self.bottleneck = bottleneck
    self.postGain = postGain
    self.logScaleFloor = logScaleFloor
  }

  /// The model that chapter 3 trains on stickers: 64×64 pixels become 16×16 tokens.
  ///
  /// Everything runs at the codes' resolution, where a step is cheapest. The decoder is deeper than
  /// the encoder: what a code leaves open, it must guess from the neighbouring codes. In the middle
  /// of the range a scale of e^-1.5 is about 18 of 255 grey levels; a smaller one would favour flat
  /// backgrounds at the expense of edges.
  public static let stickers = DVAEConfiguration(
    hidden: 128, initial: 128, blocks: 3, decoderBlocks: 9, groups: 1, vocabulary: 1024, stem: 4,
    bottleneck: 4, postGain: 0.25, logScaleFloor: -1.5)

  /// The model of the emoji world: 64×64 pixels become 8×8 tokens, each of which depends on its own 8×8 pixels and
  /// on no others, so that a thing is written in the same codes wherever it stands. Large squares look more
  /// different from one another than small ones and take more codes.
  public static let emoji = DVAEConfiguration(
    hidden: 192, initial: 192, blocks: 3, decoderBlocks: 6, groups: 1, vocabulary: 4096, stem: 8,
    encoderKernel: 1, bottleneck: 4, postGain: 0.25, logScaleFloor: -1.5)

  /// The kernel of the encoder's first convolution.
  var inputKernel: Int { stem == 1 ? 7 : encoderKernel }

  /// The number of parameters, as a `Double` because a configuration from elsewhere may claim more
  /// than an `Int` holds.
  public var parameterCount: Double {
    func convolution(_ inputs: Double, _ outputs: Double, _ kernel: Double) -> Double {
      inputs * outputs * kernel * kernel + outputs
    }
    // A block's four convolutions: three of one kernel and one, first or last, of kernel 1.
    func block(_ inputs: Double, _ outputs: Double, isFirstNarrow: Bool) -> Double {
      let kernel = isFirstNarrow ? 3 : Double(encoderKernel)
      let h = max(1, (outputs / Double(bottleneck)).rounded(.down))
      return convolution(inputs, h, isFirstNarrow ? 1 : kernel) + 2 * convolution(h, h, kernel)
        + convolution(h, outputs, isFirstNarrow ? kernel : 1)
        + (inputs == outputs ? 0 : convolution(inputs, outputs, 1))
    }
    func group(_ inputs: Double, _ outputs: Double, _ count: Int, isFirstNarrow: Bool) -> Double {
      block(inputs, outputs, isFirstNarrow: isFirstNarrow)
        + Double(count - 1) * block(outputs, outputs, isFirstNarrow: isFirstNarrow)
    }
    func width(_ group: Int) -> Double { Double(hidden) * Double(1 << (group - 1)) }
    let (k, pixels) = (Double(vocabulary), Double(channels) * Double(stem * stem))
    var sum =
      convolution(pixels, Double(hidden), Double(inputKernel)) + convolution(width(groups), k, 1)
      + convolution(k, Double(initial), 1) + convolution(Double(hidden), 2 * pixels, 1)
    for g in 1...groups {
      sum += group(width(max(1, g - 1)), width(g), blocks, isFirstNarrow: false)
      let above = g == groups ? Double(initial) : width(g + 1)
      sum += group(above, width(g), decoderBlocks ?? blocks, isFirstNarrow: true)
    }
    return sum
  }

  /// f: a token stands for a square of f × f pixels.
  public var factor: Int { stem << (groups - 1) }

  /// The gain of a block in a network with `blocks` blocks in a group.
  func gain(blocks: Int) -> Float {
    postGain ?? 1 / Float(groups * blocks * groups * blocks)
  }

  /// Channels of group 1, 2, …
  func width(_ group: Int) -> Int { hidden << (group - 1) }
}
