// A network that reads pictures of the emoji world. Unlike `EmojiJudge` it needs no font, but it has to
// learn, and may be wrong.
//
// A picture is cut into 8×8 cells. For each the network says which thing has its middle there, if any, and
// where and how large it is exactly. So it names things and finds places in one pass, and however many
// things there are.

import Checkpoints
import EmojiWorld
import Foundation
import Images
import NeuralNetwork
import StickerJudge
import TensorCore

/// Reads what pictures of 64×64 pixels show.
///
///     let net = try EmojiNet(Checkpoint("judge.safetensors", kind: EmojiNet.kind))
///     net.read([picture])[0].shows(scene).isRight
public struct EmojiNet: Module {
  /// Width and height of the pictures.
  public static let size = 64
  /// Cells along each side.
  static let cells = 8
  /// The numbers for each cell beside the things' and nothing's: the middle from that of the cell, and the
  /// logarithm of half of the longer side, in units of 8 pixels.
  static let measures = 3

  /// How many things it knows, the first of `EmojiThing.all`.
  public let things: Int
  private let convolutions: [Convolution2D]
  private let norms: [GroupNorm]
  private let heads, grounds: Linear

  /// What a checkpoint states of the network.
  struct Shape: Codable {
    var things: Int
  }

  /// An untrained network for the first `count` things.
  public init(things count: Int, _ random: inout Random) {
    precondition(
      (2...EmojiThing.all.count).contains(count),
      "there are 2 … \(EmojiThing.all.count) things, not \(count)")
    things = count
    // The last ones see 75 pixels, more than a picture has.
    let stages = [(32, 2), (32, 1), (64, 2), (64, 1), (96, 2), (96, 1), (96, 1), (128, 1)]
    let inputs = [3] + stages.map(\.0)
    convolutions = zip(inputs, stages).map { inputs, stage in
      Convolution2D(
        inputs, stage.0, kernel: 3, stride: stage.1, padding: 1, initializer: .kaimingNormal,
        &random)
    }
    norms = stages.map { GroupNorm(groups: 8, channels: $0.0) }
    heads = Linear(stages[stages.count - 1].0, count + 1 + Self.measures, &random)
    grounds = Linear(stages[stages.count - 1].0, EmojiScene.Ground.allCases.count, &random)
  }

  /// The network in a checkpoint.
  ///
  /// Throws a `CheckpointError` if the file holds something else, or a network of impossible sizes.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    var random = Random(seed: 0)
    let shape = try checkpoint.config(Shape.self)
    guard (2...EmojiThing.all.count).contains(shape.things) else {
      throw .mismatch(
        file: checkpoint.file.path,
        reason: "its judge knows \(shape.things) things, expected 2 … \(EmojiThing.all.count)")
    }
    self.init(things: shape.things, &random)
    try checkpoint.load(into: self)
  }

  /// The kind that its checkpoints state.
  public static let kind = "emoji judge"

  /// `convolutions`, `norms`, `heads` and `grounds`.
  public var members: Members {
    ("convolutions", convolutions)
    ("norms", norms)
    ("heads", heads)
    ("grounds", grounds)
  }

  /// Pictures [B, 64, 64, 3] in 0 … 1 → for each cell logits of the things and, last, of nothing; the
  /// measures of a thing that is there; and logits of the ground.
  func callAsFunction(
    _ pictures: Tensor
  ) -> (things: Tensor, measures: Tensor, grounds: Tensor) {
    let b = pictures.shape[0]
    var x = pictures.affine(scale: 4, offset: -2)
    for (convolution, norm) in zip(convolutions, norms) { x = norm(convolution(x)).relu() }
    let c = x.shape[3]
    let perCell = heads(x.reshaped(-1, c))  // [B · 64, things + 1 + 3]
    let middle = x.reshaped(b, Self.cells * Self.cells, c).mean(axis: 1)  // [B, C]
    return (
      perCell.sliced(axis: 1, 0..<things + 1),
      perCell.sliced(axis: 1, things + 1..<things + 1 + Self.measures), grounds(middle)
    )
  }
}

extension EmojiNet: EmojiReader {
  /// Reads pictures of 64×64 pixels, 64 at a time and without gradient.
  public func read(_ pictures: [Image]) -> [EmojiReading] {
    pictures.indices.parts(of: 64).flatMap { part in
      let batch = Array(pictures[part])
      return withoutGradient {
        let (things, measures, grounds) = self(.read(batch, size: Self.size))
        let chances = things.softmax()  // [B · 64, things + 1]
        let ground = grounds.argmax(axis: 1).values
        let n = Self.cells * Self.cells
        return batch.indices.map { i in
          EmojiReading(
            ground: EmojiScene.Ground.allCases[Int(ground[i])],
            found: found(
              chances.sliced(axis: 0, i * n..<(i + 1) * n).scalars,
              measures.sliced(axis: 0, i * n..<(i + 1) * n).scalars))
        }
      }
    }
  }

  /// The things of a picture, from the chances [64 · (things + 1)] and measures [64 · 3] of its cells.
  private func found(_ chances: [Float], _ measures: [Float]) -> [EmojiReading.Found] {
    let width = Double(Self.size / Self.cells)
    let candidates = (0..<Self.cells * Self.cells).map { cell -> EmojiReading.Found in
      let row = chances[cell * (things + 1)..<cell * (things + 1) + things]
      let best = row.indices.max { row[$0] < row[$1] } ?? row.startIndex
      func measure(_ i: Int) -> Double { Double(measures[cell * Self.measures + i]) }
      return EmojiReading.Found(
        thing: EmojiThing.all[best - row.startIndex],
        place: EmojiLayout.Place(
          x: width * (Double(cell % Self.cells) + 0.5 + measure(0)),
          y: width * (Double(cell / Self.cells) + 0.5 + measure(1)),
          half: width * exp(max(-1, min(2, measure(2))))),
        gain: row[best], fit: row[best])
    }
    var found: [EmojiReading.Found] = []
    for candidate in candidates.sorted(by: { $0.gain > $1.gain })
    where candidate.fit > Self.leastChance && found.allSatisfy({ !$0.overlaps(candidate.place) }) {
      found.append(candidate)
    }
    return found
  }

  /// A thing is there if the chance of it is larger.
  private static let leastChance: Float = 0.4
}
