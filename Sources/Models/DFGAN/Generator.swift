// The generator of DF-GAN (Tao et al., "DF-GAN: a simple and effective baseline for text-to-image
// synthesis", 2022, §3.2 and §3.4): noise becomes a picture of 4×4 pixels with many channels, and
// every block doubles it. A sentence reaches each block as a factor and an offset for every channel.

import NeuralNetwork
import TensorCore

/// The slope of leaky ReLUs below 0, in both networks.
let leak: Float = 0.2

/// A factor γ and an offset β for each channel, from a condition: x → γ · x + β.
struct ConditionalAffine: Module {
  private let factor: [Linear]
  private let offset: [Linear]

  /// At first γ is 1 and β is 0, whatever the condition.
  init(condition: Int, channels: Int, _ random: inout Random) {
    func network(_ random: inout Random) -> [Linear] {
      [
        Linear(condition, channels, &random),
        Linear(channels, channels, initializer: .zeros, &random),
      ]
    }
    (factor, offset) = (network(&random), network(&random))
    factor[1].bias?.assign(.ones([channels]))
  }

  var members: Members {
    ("gamma", factor)
    ("beta", offset)
  }

  /// Features [B, H, W, C] and conditions [B, E] → [B, H, W, C]
  func callAsFunction(_ x: Tensor, _ condition: Tensor) -> Tensor {
    func perChannel(_ network: [Linear]) -> Tensor {
      network[1](network[0](condition).relu()).reshaped(x.shape[0], 1, 1, -1)  // [B, 1, 1, C]
    }
    return x * perChannel(factor) + perChannel(offset)
  }
}

/// Twice γ · x + β and a leaky ReLU: DFBLK in the authors' code.
struct FusionBlock: Module {
  private let affines: [ConditionalAffine]

  init(condition: Int, channels: Int, _ random: inout Random) {
    affines = (0..<2).map { _ in
      ConditionalAffine(condition: condition, channels: channels, &random)
    }
  }

  var members: Members { ("affine", affines) }

  /// Features [B, H, W, C] and conditions [B, E] → [B, H, W, C]
  func callAsFunction(_ x: Tensor, _ condition: Tensor) -> Tensor {
    affines.reduce(x) { $1($0, condition).leakyRelu(leak) }
  }
}

/// Doubles the picture, and adds what two fusions and two convolutions make of it.
struct GeneratorBlock: Module {
  private let fusions: [FusionBlock]
  private let convolutions: [Convolution2D]
  private let shortcut: Convolution2D?

  init(_ inputs: Int, _ outputs: Int, condition: Int, _ random: inout Random) {
    fusions = [inputs, outputs].map {
      FusionBlock(condition: condition, channels: $0, &random)
    }
    convolutions = [inputs, outputs].map {
      Convolution2D($0, outputs, kernel: 3, padding: 1, initializer: .kaimingNormal, &random)
    }
    shortcut =
      inputs == outputs
      ? nil : Convolution2D(inputs, outputs, kernel: 1, initializer: .kaimingNormal, &random)
  }

  var members: Members {
    ("fusion", fusions)
    ("conv", convolutions)
    ("shortcut", shortcut)
  }

  /// Features [B, H, W, C] and conditions [B, E] → [B, 2H, 2W, O]
  ///
  /// The first fusion and the shortcut see single pixels, so they run before there are four times as
  /// many. (The authors repeat pixels, and then the order makes no difference. Interpolation spares the
  /// generator the edges of squares, which it would have to unlearn.)
  func callAsFunction(_ x: Tensor, _ condition: Tensor) -> Tensor {
    var y = convolutions[0](fusions[0](x, condition).doubled)  // [B, 2H, 2W, O]
    y = convolutions[1](fusions[1](y, condition))  // [B, 2H, 2W, O]
    return y + (shortcut?(x) ?? x).doubled
  }
}

extension Tensor {
  /// Pictures of twice the width and height, interpolated: [B, H, W, C] → [B, 2H, 2W, C].
  fileprivate var doubled: Tensor {
    resized(height: 2 * shape[1], width: 2 * shape[2], .bilinear)
  }
}

/// Noise and sentences → pictures.
public struct DFGANGenerator: Module {
  /// The sizes of both networks.
  public let configuration: DFGANConfiguration
  private let start: Linear
  private let blocks: [GeneratorBlock]
  private let toPixels: Convolution2D

  /// An untrained generator.
  public init(_ c: DFGANConfiguration, _ random: inout Random) {
    configuration = c
    let area = DFGANConfiguration.smallest * DFGANConfiguration.smallest
    start = Linear(c.noise, area * c.widths[0], &random)
    blocks = zip(c.widths, c.widths.dropFirst()).map {
      GeneratorBlock($0, $1, condition: c.noise + c.sentence, &random)
    }
    toPixels = Convolution2D(
      c.widths[c.widths.count - 1], 3, kernel: 3, padding: 1, initializer: .kaimingNormal, &random)
  }

  /// `start`, `blocks` and `to_pixels`.
  public var members: Members {
    ("start", start)
    ("blocks", blocks)
    ("to_pixels", toPixels)
  }

  /// Noise [B, Z] and sentences [B, D] → pictures [B, H, W, 3] in -1 … 1.
  public func callAsFunction(_ noise: Tensor, _ sentences: Tensor) -> Tensor {
    let s = DFGANConfiguration.smallest
    let condition = concatenate([noise, sentences], axis: 1)  // [B, Z + D]
    let first = start(noise).reshaped(noise.shape[0], s, s, -1)  // [B, 4, 4, C]
    let features = blocks.reduce(first) { $1($0, condition) }  // [B, H, W, C]
    return toPixels(features.leakyRelu(leak)).tanh()
  }

  /// Random noise for `count` pictures, [count, Z], with deviation 1. With a `scale` numbers beyond ±2
  /// are drawn again, and all are multiplied by it: pictures vary less and are better.
  public func noise(_ count: Int, scale: Float? = nil, using random: inout Random) -> Tensor {
    Tensor(
      shape: [count, configuration.noise],
      (0..<count * configuration.noise).map { _ in
        while true {
          let z = random.normal()
          if scale == nil || abs(z) <= 2 { return z * (scale ?? 1) }
        }
      })
  }
}
