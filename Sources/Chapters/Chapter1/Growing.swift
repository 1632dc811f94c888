// From one matrix to a vision transformer, one part at a time.

import ClassifierTraining
import NeuralNetwork
import Notebook
import Optimization
import StickerWorld
import TensorCore
import Training
import VisionTransformer

// ANCHOR: grown
/// A classifier in six versions. Each adds a part, or puts a better one in the place of another.
struct Grown: Module {
  /// Version 1: the whole picture is one patch, of which a matrix makes a vector.
  /// Version 2: 64 patches.
  let embedding: PatchEmbedding
  /// Version 3: two layers that treat each patch alone.
  let network: FeedForward?
  /// Version 4: a vector for each place, N × D.
  let positions: Embedding?
  /// Version 5: one head, with which patches look at one another.
  let head: SelfAttention?
  /// Version 6: in place of head and network a block, with four heads and layer norms.
  let block: DenseBlock?
  /// A matrix for each question.
  let answers: [Linear]

  init(version: Int, width d: Int, _ random: inout Random) {
    embedding = PatchEmbedding(
      channels: 3, patch: version == 1 ? 64 : 8, width: d, &random)
    network =
      (3...5).contains(version) ? FeedForward(width: d, hidden: 4 * d, &random) : nil
    positions = version >= 4 ? Embedding(64, d, &random) : nil
    head = version == 5 ? SelfAttention(width: d, heads: 1, &random) : nil
    block = version == 6 ? DenseBlock(width: d, heads: 4, layers: 1, &random) : nil
    answers = StickerAttribute.allCases.map {
      Linear(d, $0.values.count, initializer: .normal(0.02), &random)
    }
  }

  var members: Members {
    ("embedding", embedding)
    ("network", network)
    ("positions", positions)
    ("head", head)
    ("block", block)
    ("answers", answers)
  }

  /// Pictures [B, C, H, W] → logits [B, values] for each question.
  func callAsFunction(_ pictures: Tensor) -> [Tensor] {
    var x = embedding(pictures * 2 - 1)  // [B, N, D]
    if let positions { x = x + positions.weight }
    if let head { x = head(x, adding: x) }
    if let network { x = network(x, adding: x) }
    if let block { x = block(x) }
    let mean = x.mean(axis: 1)  // [B, D]
    return answers.map { $0(mean) }
  }

  /// The sum of three mean cross-entropies, [], in nats.
  func loss(_ stickers: LabelledStickers) -> Tensor {
    let losses = zip(self(stickers.images), stickers.labels).map { crossEntropy($0, $1) }
    return losses[0] + losses[1] + losses[2]
  }
}
// ANCHOR_END: grown

extension Chapter1 {
  static var growingCells: [Cell<State>] {
    [
      Cell("grow", "A hundred steps of each version", isAside: true) { _, out in
        // ANCHOR: grow
        for version in 1...6 {
          var random = out.random
          let model = Grown(version: version, width: 128, &random)
          let adam = Adam(model, rate: 1e-3)
          var losses: [Float] = []
          for _ in 0..<100 {
            let stickers = LabelledStickers(.train, count: 32, using: &random)
            model.clearGradients()
            let loss = model.loss(stickers)  // []
            loss.backward()
            adam.step()
            losses.append(loss.item)
          }
          out.value("version-\(version)", losses.suffix(20).reduce(0, +) / 20, .fixed(2))
        }
        // ANCHOR_END: grow
      },
      Cell(
        "growth", "What each part buys",
        full: FullRun(
          "seven classifiers, 1,000 steps each, one of them 10,000 more, about eight minutes on two cores"
        ) {
          _, out in
          try out.keep("growth", try growths(out))
        }
      ) { _, out in
        // ANCHOR: growth
        let growths = try out.recorded("growth", as: [Growth].self)
        out.table(
          ["version", "parameters", "% thing", "% colour", "% background"],
          growths.map { growth in
            [growth.name, growth.parameters] + growth.accuracies.map { $0 * 100 }
          })
        // ANCHOR_END: growth
        let names = [
          "guess", "pixels", "patches", "network", "positions", "head", "block", "blocks", "long",
        ]
        for (name, growth) in zip(names, growths) {
          for (attribute, share) in zip(StickerAttribute.allCases, growth.accuracies) {
            out.note("\(name)-\(attribute.rawValue)", share, .percent(0))
          }
        }
      },
    ]
  }

  /// What a version can do after its training.
  struct Growth: Codable {
    let name: String
    let parameters: Int
    /// The share of right answers to each question, 0 … 1.
    let accuracies: [Double]
  }

  /// Trains all versions on the same pictures in the same order.
  private static func growths(_ out: Output) throws -> [Growth] {
    var random = out.random
    let validation = LabelledStickers(.validation, count: 1000, using: &random)
    func growth(
      _ name: String, _ model: some Module, steps: Int = 1000,
      _ answers: (Tensor) -> [Tensor], _ loss: @escaping (LabelledStickers) -> Tensor
    ) throws -> Growth {
      let trainer = Trainer(
        name, model, Adam(model, rate: 0), steps: steps, seed: out.seed,
        rate: .riseAndFall(to: 1e-3, steps: steps))
      trainer.gradientLimit = 1
      try trainer.run { _, random in
        let loss = loss(LabelledStickers(.train, count: 32, using: &random))  // []
        loss.backward()
        return Metrics(loss: loss.item)
      }
      let report = ClassificationReport(validation, answers)
      return Growth(name: name, parameters: model.parameterCount, accuracies: report.accuracies)
    }
    let names = [
      "a matrix for all pixels", "the mean of patches", "+ two layers for each", "+ positions",
      "+ one head", "one block",
    ]
    // Version 0 looks at no picture: it always gives the answer that is most frequent.
    let guesses = validation.labels.map { labels in
      let counts = Dictionary(labels.values.map { ($0, 1) }, uniquingKeysWith: +)
      return Double(counts.values.max() ?? 0) / Double(labels.values.count)
    }
    var growths = [Growth(name: "always the same", parameters: 0, accuracies: guesses)]
    growths += try names.enumerated().map { index, name in
      var random = out.random
      let model = Grown(version: index + 1, width: 128, &random)
      return try growth(name, model, { model($0) }, { model.loss($0) })
    }
    let model = AttributeClassifier(ClassifierRecipe(seed: out.seed))
    growths.append(try growth("six blocks, class token", model, { model($0) }, { model.loss($0) }))
    random = out.random
    let matrix = Grown(version: 1, width: 128, &random)
    growths.append(
      try growth(
        "the matrix, 10,000 steps", matrix, steps: 10_000, { matrix($0) }, { matrix.loss($0) }))
    return growths
  }
}
