// A trained judge: a small convolutional network with a head for each attribute. It knows nothing
// of captions, tokens or CLIP.

import Checkpoints
import Images
import NeuralNetwork
import StickerWorld
import TensorCore

/// Reads the attributes of pictures of 64×64 pixels.
///
///     let judge = try JudgeNet(Pretrained.judge())
///     let scene = try Scene(caption: "a red star above a blue house at night")
///     judge.judge([picture])[0].shows(scene).isRight
public struct JudgeNet: Module {
  /// Width and height of the pictures.
  public static let size = 64
  /// Channels before and after each stage, which halves width and height.
  private static let widths = [3, 24, 48, 96, 128]
  private static let hidden = 128

  private let convolutions: [Convolution2D]
  private let norms: [GroupNorm]
  private let summary: Linear
  private let heads: Linear

  /// An untrained judge.
  public init(_ random: inout Random) {
    let widths = Self.widths
    convolutions = zip(widths, widths.dropFirst()).flatMap { inputs, outputs in
      [(inputs, 2), (outputs, 1)].map { inputs, stride in
        Convolution2D(
          inputs, outputs, kernel: 3, stride: stride, padding: 1, initializer: .kaimingNormal,
          &random)
      }
    }
    norms = convolutions.map { GroupNorm(groups: 8, channels: $0.weight.shape[0]) }
    let side = Self.size >> (widths.count - 1)
    summary = Linear(
      side * side * widths[widths.count - 1], Self.hidden, initializer: .kaimingNormal, &random)
    heads = Linear(Self.hidden, Attribute.allCases.reduce(0) { $0 + $1.answers }, &random)
  }

  /// The judge in a checkpoint.
  ///
  /// Throws a `CheckpointError` if the file holds something else.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    var random = Random(seed: 0)
    self.init(&random)
    try checkpoint.load(into: self)
  }

  /// The kind that its checkpoints state.
  public static let kind = "judge"

  /// `convolutions`, `norms`, `summary` and `heads`.
  public var members: Members {
    ["convolutions": convolutions, "norms": norms, "summary": summary, "heads": heads]
  }

  /// Pictures [B, 64, 64, 3] in 0 … 1 → for each attribute, in order, logits [B, answers].
  func callAsFunction(_ pictures: Tensor) -> [Tensor] {
    var x = pictures.affine(scale: 4, offset: -2)
    for (convolution, norm) in zip(convolutions, norms) { x = norm(convolution(x)).relu() }
    let logits = heads(summary(x.reshaped(x.shape[0], -1)).relu())  // [B, all answers]
    var start = 0
    return Attribute.allCases.map { attribute in
      defer { start += attribute.answers }
      return logits.sliced(axis: 1, start..<start + attribute.answers)
    }
  }

  /// Reads pictures of 64×64 pixels, 64 at a time and without gradient.
  public func judge(_ pictures: [Image]) -> [Reading] {
    pictures.indices.parts(of: 64).flatMap { part in
      let batch = Array(pictures[part])
      return withoutGradient {
        let answers = self(Self.tensor(batch)).map { $0.logSoftmax() }
        return batch.indices.map { i in
          Reading(logProbabilities: answers.map { $0.at(i, axis: 0).scalars })
        }
      }
    }
  }

  /// B pictures of 64×64 pixels → [B, 64, 64, 3] in 0 … 1.
  static func tensor(_ pictures: [Image]) -> Tensor {
    for picture in pictures {
      precondition(
        picture.width == size && picture.height == size,
        "the judge reads pictures of \(size)×\(size) pixels, got \(picture.width)×\(picture.height)"
      )
    }
    return Tensor(pictures).channelsLast
  }
}
