// What all networks that look at sticker pictures here have in common.

import NeuralNetwork
import TensorCore

/// A small convolutional network: pictures of 64×64 pixels → a few numbers each.
struct PictureTrunk: Module {
  /// Width and height of the pictures.
  static let size = 64

  private let convolutions: [Convolution2D]
  private let norms: [GroupNorm]
  private let summary: Linear

  /// An untrained network. Each of its stages halves width and height, and has so many `channels`, a
  /// multiple of 8.
  init(channels: [Int], outputs: Int, _ random: inout Random) {
    let widths = [3] + channels
    convolutions = zip(widths, widths.dropFirst()).flatMap { inputs, outputs in
      [(inputs, 2), (outputs, 1)].map { inputs, stride in
        Convolution2D(
          inputs, outputs, kernel: 3, stride: stride, padding: 1, initializer: .kaimingNormal,
          &random)
      }
    }
    norms = convolutions.map { GroupNorm(groups: 8, channels: $0.weight.shape[0]) }
    let side = Self.size >> channels.count
    summary = Linear(
      side * side * widths[channels.count], outputs, initializer: .kaimingNormal, &random)
  }

  var members: Members {
    ("convolutions", convolutions)
    ("norms", norms)
    ("summary", summary)
  }

  /// The channels after each stage.
  var channels: [Int] {
    stride(from: 1, to: convolutions.count, by: 2).map { convolutions[$0].weight.shape[0] }
  }

  /// The numbers for a picture.
  var outputs: Int { summary.weight.shape[0] }

  /// Pictures [B, 64, 64, 3] in 0 … 1 → [B, outputs], 0 or more.
  func callAsFunction(_ pictures: Tensor) -> Tensor {
    var x = pictures.affine(scale: 4, offset: -2)
    for (convolution, norm) in zip(convolutions, norms) { x = norm(convolution(x)).relu() }
    return summary(x.reshaped(x.shape[0], -1)).relu()
  }
}
