// The discriminator of DF-GAN (§3.3): one number for a picture and a sentence, high where the
// picture is real and shows what the sentence says.

import NeuralNetwork
import TensorCore

private let bend = ElementwiseFunction.leakyRelu(leak)

/// Halves a picture, and adds what two convolutions make of it.
struct DiscriminatorBlock: Module {
  private let convolutions: [Convolution2D]
  private let shortcut: Convolution2D?
  /// The factor of what is added, 0 at first.
  private let gain: Tensor

  init(_ inputs: Int, _ outputs: Int, _ random: inout Random) {
    convolutions = [
      Convolution2D(
        inputs, outputs, kernel: 4, stride: 2, padding: 1, bias: false, initializer: .kaimingNormal,
        &random),
      Convolution2D(
        outputs, outputs, kernel: 3, padding: 1, bias: false, initializer: .kaimingNormal, &random),
    ]
    shortcut =
      inputs == outputs
      ? nil : Convolution2D(inputs, outputs, kernel: 1, initializer: .kaimingNormal, &random)
    gain = Tensor.zeros([1]).requiringGradient()
  }

  var members: Members {
    ("conv", convolutions)
    ("shortcut", shortcut)
    ("gamma", gain)
  }

  /// Features [B, H, W, C] → [B, H/2, W/2, O]
  ///
  /// (A mean of pixels and a convolution 1×1 can change places; this order takes a quarter of the
  /// time.)
  func callAsFunction(_ x: Tensor, _ pass: NetworkPass) -> Tensor {
    let y = convolutions.reduce(x) { pass.apply(bend, pass.convolve($1, $0)) }  // [B, H/2, W/2, O]
    let small = x.averagePooled(2)  // [B, H/2, W/2, C]
    return (shortcut.map { pass.convolve($0, small) } ?? small) + y * pass.weight(gain)
  }
}

/// Pictures and sentences → numbers.
///
/// It runs in any `NetworkPass`, so that `gradientPenalty` can find second derivatives.
public struct DFGANDiscriminator: Module {
  private let input: Convolution2D
  private let blocks: [DiscriminatorBlock]
  private let judge: [Convolution2D]

  /// An untrained discriminator.
  public init(_ c: DFGANConfiguration, _ random: inout Random) {
    let widths = Array(c.widths.reversed())
    let last = widths[widths.count - 1]
    input = Convolution2D(3, widths[0], kernel: 3, padding: 1, initializer: .kaimingNormal, &random)
    blocks = zip(widths, widths.dropFirst()).map { DiscriminatorBlock($0, $1, &random) }
    judge = [
      Convolution2D(
        last + c.sentence, 2 * c.base, kernel: 3, padding: 1, bias: false,
        initializer: .kaimingNormal, &random),
      Convolution2D(
        2 * c.base, 1, kernel: DFGANConfiguration.smallest, bias: false,
        initializer: .kaimingNormal, &random),
    ]
  }

  /// `input`, `blocks` and `judge`.
  public var members: Members {
    ("input", input)
    ("blocks", blocks)
    ("judge", judge)
  }

  /// Pictures [B, H, W, 3] in -1 … 1 → features [B, 4, 4, C].
  public func features(_ pictures: Tensor, _ pass: NetworkPass = NetworkPass()) -> Tensor {
    blocks.reduce(pass.convolve(input, pictures)) { $1($0, pass) }
  }

  /// Features [B, 4, 4, C] and sentences [B, D] → a number for each pair, [B]. This is the one way
  /// out: in older networks a second one judged the picture alone.
  public func score(
    _ features: Tensor, _ sentences: Tensor, _ pass: NetworkPass = NetworkPass()
  ) -> Tensor {
    let (b, h, w) = (features.shape[0], features.shape[1], features.shape[2])
    let everywhere = sentences.reshaped(b, 1, 1, -1).expanded([b, h, w, sentences.shape[1]])
    let both = concatenate([features, everywhere], axis: 3)  // [B, 4, 4, C + D]
    let hidden = pass.apply(bend, pass.convolve(judge[0], both))  // [B, 4, 4, 2 · base]
    return pass.convolve(judge[1], hidden).reshaped(b)
  }

  /// Pictures [B, H, W, 3] in -1 … 1 and sentences [B, D] → a number for each pair, [B].
  public func callAsFunction(
    _ pictures: Tensor, _ sentences: Tensor, _ pass: NetworkPass = NetworkPass()
  ) -> Tensor {
    score(features(pictures, pass), sentences, pass)
  }
}
