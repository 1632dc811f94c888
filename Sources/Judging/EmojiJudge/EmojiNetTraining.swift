// How the network that reads emoji learns: from fresh pictures of all splits, since it must know what
// generators never see.

import Checkpoints
import EmojiWorld
import Foundation
import Images
import NeuralNetwork
import StickerJudge
import TensorCore
import Training

extension EmojiNet {
  /// A picture of 64×64 pixels, and what is on it.
  public typealias Example = (picture: Image, content: EmojiContent)

  /// Trains this network for `steps` batches of pictures of a world, which must have as many things.
  ///
  /// Half of the pictures are plain, half are softened. On one in eight a thing is blended with another
  /// one: that is nothing, so that the network learns not to name what only resembles a thing. `change`
  /// may replace a picture by one that shows the same, such as a reconstruction by a dVAE. With a `folder`
  /// the run is kept there.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` if the folder cannot be used.
  public func train(
    _ world: EmojiWorld, steps: Int, batch: Int = 32, seed: UInt64,
    change: ([Image], inout Random) -> [Image] = { pictures, _ in pictures },
    folder: TrainingFolder? = nil, terminal: Terminal = .standardError
  ) throws {
    precondition(
      world.things.count == things,
      "a network for \(things) things cannot learn from a world of \(world.things.count)")
    let trainer = Trainer(
      reading: "judge", self, rate: 2e-3, steps: steps, seed: seed, folder: folder,
      terminal: terminal)
    try trainer.run { _, random in
      let chance = Random(seed: random.next())
      let examples = parallelMap(0..<batch) { i in
        var random = chance.split(i)
        return Self.example(world, &random)
      }
      let pictures = change(examples.map(\.picture), &random)
      let loss = self.loss(pictures, examples.map(\.content))
      loss.backward()
      return Metrics(loss: loss.item)
    }
  }

  /// The card for a checkpoint of a network trained with these settings.
  public func card(steps: Int, batch: Int = 32, seed: UInt64) -> ModelCard {
    let notes = [
      "steps": "\(steps)", "batch": "\(batch)", "seed": "\(seed)",
      "data": "emoji, \(things) things",
    ]
    return ModelCard(kind: Self.kind, config: Shape(things: things), notes: notes)
  }

  /// A picture of any split, every second one softened.
  private static func example(_ world: EmojiWorld, _ random: inout Random) -> Example {
    let splits = EmojiSplit.allCases
    let split = random.integer(below: 2) == 0 ? .train : splits[random.integer(below: splits.count)]
    let sample = world.sample(split, seed: random.next(), index: 0)
    var content = EmojiContent(sample.scene, sample.layout)
    var picture = world.render(sample.scene, sample.layout)
    if random.integer(below: 8) == 0 {
      let mistake = EmojiMistake.thing.corrupt(
        sample.scene, things: world.things, using: &random)
      if let mistake {
        picture = picture.blended(with: world.render(mistake, sample.layout))
        content = EmojiContent(
          ground: content.ground,
          things: zip(content.things, EmojiContent(mistake, sample.layout).things)
            .filter { $0.thing == $1.thing }.map(\.0))
      }
    }
    return (
      random.integer(below: 2) == 0 ? picture : picture.softened(using: &random), content
    )
  }

  /// The sum of four means: the cross-entropy of cells with a thing, of cells without, and of grounds; and
  /// the squared errors of the measures, [].
  private func loss(_ pictures: [Image], _ contents: [EmojiContent]) -> Tensor {
    let n = Self.cells * Self.cells
    var full = [Int32](repeating: -1, count: contents.count * n)
    var empty = [Int32](repeating: Int32(things), count: contents.count * n)
    var (targets, weights) = (
      [Float](repeating: 0, count: full.count * Self.measures),
      [Float](repeating: 0, count: full.count * Self.measures)
    )
    var count: Float = 0
    for (i, content) in contents.enumerated() {
      for (thing, place) in content.things {
        for cell in 0..<n {
          let measures = Self.measures(of: place, in: cell)
          let isHere = max(abs(measures[0]), abs(measures[1])) <= 0.5
          // Whether the middle is just beyond the border of a cell cannot be seen.
          if max(abs(measures[0]), abs(measures[1])) < 0.8 { empty[i * n + cell] = -1 }
          guard isHere else { continue }
          full[i * n + cell] = Int32(thing.number)
          for m in 0..<Self.measures {
            targets[(i * n + cell) * Self.measures + m] = measures[m]
            weights[(i * n + cell) * Self.measures + m] = 1
          }
          count += 1
        }
      }
    }
    let answers = self(.read(pictures, size: Self.size))
    let shape = [full.count, Self.measures]
    let errors = (answers.measures - Tensor(shape: shape, targets)).square()
    return crossEntropy(answers.things, IndexTensor(full))
      + crossEntropy(answers.things, IndexTensor(empty))
      + crossEntropy(
        answers.grounds,
        IndexTensor(contents.map { Int32(EmojiScene.Ground.allCases.firstIndex(of: $0.ground)!) }))
      + (errors * Tensor(shape: shape, weights)).sum() / max(1, count)
  }

  /// The measures of a thing at a place, as a cell gives them.
  private static func measures(of place: EmojiLayout.Place, in cell: Int) -> [Float] {
    let width = Double(size / cells)
    return [
      Float(place.x / width - 0.5 - Double(cell % cells)),
      Float(place.y / width - 0.5 - Double(cell / cells)), Float(log(place.half / width)),
    ]
  }
}
