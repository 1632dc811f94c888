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
  public static let size = PictureTrunk.size
  /// Channels after each stage of a judge that was not told otherwise.
  public static let channels = [24, 48, 96, 80]

  private let trunk: PictureTrunk
  private let heads: Linear

  /// An untrained judge. Each of its stages halves width and height, and has so many `channels`, a
  /// multiple of 8.
  public init(channels: [Int] = channels, _ random: inout Random) {
    trunk = PictureTrunk(channels: channels, outputs: 128, &random)
    heads = Linear(trunk.outputs, Attribute.allCases.reduce(0) { $0 + $1.answers }, &random)
  }

  /// The judge in a checkpoint.
  ///
  /// Throws a `CheckpointError` if the file holds something else, or a judge of impossible sizes.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    var random = Random(seed: 0)
    let shape = try checkpoint.config(Shape.self)
    let channels = shape.channels ?? Self.firstChannels
    guard shape.size == Self.size, (1...5).contains(channels.count),
      channels.allSatisfy({ (8...512).contains($0) && $0.isMultiple(of: 8) })
    else {
      throw .mismatch(
        file: checkpoint.file.path,
        reason: "its judge reads \(shape.size) pixels in stages of \(channels) channels, expected"
          + " \(Self.size) pixels and 1 to 5 stages of 8 to 512 channels, multiples of 8")
    }
    self.init(channels: channels, &random)
    try checkpoint.load(into: self)
  }

  /// What a checkpoint states of the network.
  struct Shape: Codable {
    var size = JudgeNet.size
    var channels: [Int]?
  }

  /// Channels of judges whose checkpoints do not state them.
  private static let firstChannels = [24, 48, 96, 128]

  /// The channels after each stage.
  var channels: [Int] { trunk.channels }

  /// The kind that its checkpoints state.
  public static let kind = "judge"

  /// `convolutions`, `norms`, `summary` and `heads`.
  public var members: Members {
    ("", trunk)
    ("heads", heads)
  }

  /// Pictures [B, 64, 64, 3] in 0 … 1 → for each attribute, in order, logits [B, answers].
  func callAsFunction(_ pictures: Tensor) -> [Tensor] {
    let logits = heads(trunk(pictures))  // [B, all answers]
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
        let answers = self(.read(batch, size: Self.size)).map { $0.logSoftmax() }
        return batch.indices.map { i in
          Reading(logProbabilities: answers.map { $0.at(i, axis: 0).scalars })
        }
      }
    }
  }
}
