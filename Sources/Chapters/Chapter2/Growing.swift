// From bags of words and pixels to two towers, one part at a time.

import CLIP
import CLIPTraining
import NeuralNetwork
import Notebook
import Optimization
import StickerWorld
import TensorCore
import Training
import VisionTransformer

// ANCHOR: grown
/// Two towers that end in one space, in four versions. Each adds a part, or puts a better one
/// in the place of another.
struct Grown: Module {
  /// Version 1: of a caption the mean of its tokens' vectors, V × D …
  let words: Embedding
  /// … and of a picture one matrix for all its pixels. Version 2: of patches the mean.
  let patches: PatchEmbedding
  /// Version 3: a block, with which patches look at one another, after their places, N × D.
  let looking: DenseBlock?
  let places: Embedding?
  /// Version 4: the same for words, with their positions, T × D.
  let reading: DenseBlock?
  let positions: Embedding?
  /// ln s
  let logitScale: Tensor

  init(version: Int, _ c: CLIPConfiguration, _ random: inout Random) {
    let (d, isLooking, isReading) = (c.text.width, version >= 3, version >= 4)
    words = Embedding(c.text.vocabulary, d, &random)
    patches = PatchEmbedding(channels: 3, patch: version == 1 ? 64 : 8, width: d, &random)
    looking = isLooking ? DenseBlock(width: d, heads: 4, layers: 1, &random) : nil
    places = isLooking ? Embedding(64, d, &random) : nil
    reading = isReading ? DenseBlock(width: d, heads: 4, layers: 1, &random) : nil
    positions = isReading ? Embedding(c.text.context, d, &random) : nil
    logitScale = Tensor(-Float(0.07).logarithm).requiringGradient()
  }

  var members: Members {
    ("words", words)
    ("patches", patches)
    ("looking", looking)
    ("places", places)
    ("reading", reading)
    ("positions", positions)
    ("logitScale", logitScale)
  }

  /// Pictures [B, C, H, W] → vectors of length 1, [B, D].
  func embed(_ pictures: Tensor) -> Tensor {
    var x = patches(CLIP.normalised(pictures))  // [B, N, D]
    if let places { x = x + places.weight }
    if let looking { x = looking(x) }
    return x.mean(axis: 1).normalized()
  }

  /// Captions [B, T] → vectors of length 1, [B, D].
  func embed(_ captions: IndexTensor) -> Tensor {
    var x = words(captions)  // [B, T, D]
    if let positions { x = x + positions.weight }
    if let reading { x = reading(x) }
    return x.mean(axis: 1).normalized()
  }
}
// ANCHOR_END: grown

extension Chapter2 {
  static var growingCells: [Cell<State>] {
    [
      Cell("grow", "Forty steps of each version", isAside: true) { state, out in
        // ANCHOR: grow
        for version in 1...4 {
          var random = out.random
          let model = Grown(version: version, state.untrained.clip.configuration, &random)
          let adam = Adam(model, rate: 1e-3)
          var losses: [Float] = []
          for _ in 0..<40 {
            let batch = StickerBatch(.train, count: 64, hardNegatives: false, using: &random)
            model.clearGradients()
            let logits = similarityLogits(
              model.embed(batch.pictures), model.embed(try state.matcher.ids(batch.captions)),
              logitScale: model.logitScale)  // [64, 64]
            let loss = contrastiveLoss(logits, excluding: batch.isExcluded)  // []
            loss.backward()
            adam.step()
            losses.append(loss.item)
          }
          out.value("version-\(version)", losses.suffix(10).reduce(0, +) / 10, .fixed(2))
        }
        // ANCHOR_END: grow
      },
      Cell(
        "growth", "What each part buys",
        full: FullRun(
          "five models, 500 steps of 64 pairs each, about ten minutes on two cores"
        ) { state, out in
          try out.keep("growth", try growths(state, out))
        }
      ) { _, out in
        // ANCHOR: growth
        let growths = try out.recorded("growth", as: [Growth].self)
        out.table(
          ["% right"] + growths.map(\.name),
          growths[0].shares.indices.map { i in
            [growths[0].shares[i].question] + growths.map { $0.shares[i].text }
          })
        // ANCHOR_END: growth
        let names = ["bags", "patches", "looking", "reading", "towers"]
        for (name, growth) in zip(names, growths) {
          for share in growth.shares {
            out.note("\(name)-\(share.question)", share.right, .percent(0))
          }
        }
      },
    ]
  }

  /// What a version has learnt.
  struct Growth: Codable {
    let name: String
    let parameters: Int
    let shares: [Share]
  }

  /// Trains all versions on the same pairs in the same order, without hard negatives.
  private static func growths(_ state: State, _ out: Output) throws -> [Growth] {
    let tokenizer = state.matcher
    func growth(
      _ name: String, _ model: some Module, scale: Tensor, _ pictures: @escaping (Tensor) -> Tensor,
      _ captions: @escaping (IndexTensor) -> Tensor
    ) throws -> Growth {
      let trainer = Trainer(
        name, model, Adam(model, rate: 0), steps: 500, seed: out.seed,
        rate: .riseAndFall(to: 8e-4, steps: 500))
      trainer.gradientLimit = 1
      try trainer.run { _, random in
        let batch = StickerBatch(
          .train, count: 64, hardNegatives: false, prefersPairs: true, using: &random)
        let logits = similarityLogits(
          pictures(batch.pictures), captions(try tokenizer.ids(batch.captions)),
          logitScale: scale)  // [64, 64]
        let loss = contrastiveLoss(logits, excluding: batch.isExcluded)  // []
        loss.backward()
        return Metrics(loss: loss.item)
      }
      let kinds = [HardNegative.background, .colour, .thing, .relation, .orderSwap, .colourSwap]
      let shares = try kinds.map { kind in
        try share(kind, state, out) { pair in
          withoutGradient { matmul(pictures(pair.picture), captions(pair.ids), transposeB: true) }
        }
      }
      return Growth(name: name, parameters: model.parameterCount, shares: shares)
    }
    let c = state.untrained.clip.configuration
    let names = ["bags", "+ patches", "+ looking", "+ reading"]
    var growths = try names.enumerated().map { index, name in
      var random = out.random
      let model = Grown(version: index + 1, c, &random)
      return try growth(
        name, model, scale: model.logitScale, { model.embed($0) }, { model.embed($0) })
    }
    let towers = CaptionMatcher(CLIPRecipe(seed: out.seed)).clip
    growths.append(
      try growth(
        "two towers", towers, scale: towers.logitScale,
        { towers.embed(images: CLIP.normalised($0)) }, { towers.embed(captions: $0) }))
    return growths
  }

  /// How often one of 1,024 validation pictures, [1, C, H, W], is closer to its caption than to one that is
  /// wrong in one way, both in `ids`, [2, T]. A tie counts half.
  private static func share(
    _ kind: HardNegative, _ state: State, _ out: Output,
    _ cosines: ((picture: Tensor, ids: IndexTensor)) -> Tensor
  ) throws -> Share {
    var random = out.random.split(kind.rawValue)
    var (right, count) = (0.0, 0)
    while count < 1024 {
      let (scene, layout, caption) = StickerWorld.sample(.validation, using: &random)
      guard let wrong = kind.corrupt(scene, using: &random),
        [.train, .validation].contains(wrong.split)
      else { continue }
      let pair = (
        picture: Tensor([scene.render(layout, size: 64)]),
        ids: try state.matcher.ids([caption, wrong.caption(using: &random)])
      )
      let found = cosines(pair)  // [1, 2]
      right += found[0, 0] > found[0, 1] ? 1 : found[0, 0] == found[0, 1] ? 0.5 : 0
      count += 1
    }
    return Share(right / Double(count), of: count, question: kind.rawValue)
  }
}
