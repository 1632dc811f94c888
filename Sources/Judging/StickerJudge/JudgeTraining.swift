// How the judge learns: from fresh pictures of all splits of the data set. It must know the
// combinations that generators never see, or it could not tell whether they are drawn right.

import Checkpoints
import Images
import StickerWorld
import TensorCore
import Training

extension JudgeNet {
  /// A picture of 64×64 pixels, and the scene that it shows.
  public typealias Example = (picture: Image, scene: Scene)

  /// Trains this judge for `steps` batches.
  ///
  /// Half of the pictures are plain renders, half are softened ones. `extra` may return another
  /// example instead of a render, for instance a picture that went through a dVAE, or nil. With a
  /// `folder` the run is kept there.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` if the folder cannot be used.
  public func train(
    steps: Int, batch: Int = 32, seed: UInt64,
    extra: (inout Random) -> Example? = { _ in nil }, folder: TrainingFolder? = nil,
    terminal: Terminal = .standardError
  ) throws {
    let trainer = Trainer(
      reading: "judge", self, rate: 2e-3, steps: steps, seed: seed, folder: folder,
      terminal: terminal)
    try trainer.run { _, random in
      let examples = (0..<batch).map { i in
        var random = random.split(i)
        return extra(&random) ?? Self.example(&random)
      }
      let loss = self.loss(examples)
      loss.backward()
      return Metrics(loss: loss.item)
    }
  }

  /// The card for a checkpoint of a judge trained with these settings.
  public func card(steps: Int, batch: Int, seed: UInt64) -> ModelCard {
    let notes = ["steps": "\(steps)", "batch": "\(batch)", "seed": "\(seed)"]
    return ModelCard(kind: Self.kind, config: Shape(channels: channels), notes: notes)
  }

  /// The sum over attributes of the mean cross-entropy of examples to which they apply, [].
  private func loss(_ examples: [Example]) -> Tensor {
    let labels = examples.map(\.scene.labels)
    let losses = zip(Attribute.allCases, self(.read(examples.map(\.picture), size: Self.size))).map
    {
      attribute, logits in
      crossEntropy(logits, IndexTensor(labels.map { $0[attribute.index] }))
    }
    return losses.dropFirst().reduce(losses[0], +)
  }

  /// A render from any split of the data set, every second one softened. Bare stickers, which can
  /// be anywhere and small or big, are the hardest to read, so at least a third are bare.
  private static func example(_ random: inout Random) -> Example {
    let splits = StickerWorld.Split.allCases
    let mustBeBare = random.integer(below: 3) == 0
    var (scene, layout): (Scene, Layout)
    repeat {
      let other = splits[random.integer(below: splits.count)]
      let split = random.integer(below: 2) == 0 ? .train : other
      (scene, layout, _) = StickerWorld.sample(split, using: &random)
    } while mustBeBare && !scene.isBare
    let picture = scene.render(layout, size: size)
    return (random.integer(below: 2) == 0 ? picture : picture.softened(using: &random), scene)
  }
}

extension Image {
  /// The picture as a poor decoder might draw it: without its finer details, and noisy.
  package func softened(using random: inout Random) -> Image {
    let side = random.integer(below: width / 2) + width / 4
    let noise = random.uniform(0, 12)
    var soft = resized(width: side, height: side, .area)
      .resized(width: width, height: height, .bilinear(antialias: false))
    for i in soft.pixels.indices {
      soft.pixels[i] = UInt8(max(0, min(255, Float(soft.pixels[i]) + noise * random.normal())))
    }
    return soft
  }
}

extension Scene {
  /// Whether it is a single sticker that wears nothing.
  fileprivate var isBare: Bool {
    if case .single(_, _, _, nil) = arrangement { true } else { false }
  }

  /// The answers for all attributes, -1 where there is none to learn. A bare sticker whose caption
  /// names no corner is near the middle, although the caption does not say so.
  fileprivate var labels: [Int32] {
    var labels = [Int32](repeating: -1, count: Attribute.allCases.count)
    if case .single(_, _, nil, nil) = arrangement {
      labels[Attribute.position.index] = Int32(Attribute.middle)
    }
    for (attribute, answer) in claims { labels[attribute.index] = Int32(answer) }
    return labels
  }
}
