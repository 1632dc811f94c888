// From a table of pairs to a transformer, one part at a time.

import DALLE
import NeuralNetwork
import Notebook
import StickerWorld
import TensorCore

// ANCHOR: grown
/// A model of rows of tokens. Each version has what the one before it has, and one part more.
struct Grown: Module {
  /// Version 1: a vector for each id, of which the logits are made, (V + K) × D.
  let tokens: Embedding
  let logits: Linear
  /// Version 2: a vector for each position, S × D.
  let positions: Embedding?
  /// Version 3: one head, which looks at everything before.
  let head: SelfAttention?
  /// Version 4: in its place a block, with four heads, norms and a feed-forward network.
  let block: DenseBlock?

  init(version: Int, _ c: DALLEConfiguration, _ random: inout Random) {
    let (d, ids) = (c.width, c.textIDs + c.imageVocabulary)
    tokens = Embedding(ids, d, &random)
    positions = version >= 2 ? Embedding(c.positions, d, &random) : nil
    head = version == 3 ? SelfAttention(width: d, heads: 1, &random) : nil
    block = version == 4 ? DenseBlock(width: d, heads: 4, layers: 1, &random) : nil
    logits = Linear(d, ids, initializer: .normal(0.02), &random)
  }

  var members: Members {
    ("tokens", tokens)
    ("positions", positions)
    ("head", head)
    ("block", block)
    ("logits", logits)
  }

  /// The first n ids of rows, [B, n] → logits of what comes next, [B, n, V + K].
  func callAsFunction(_ ids: IndexTensor) -> Tensor {
    var x = tokens(ids)  // [B, n, D]
    if let positions { x = x + positions.weight.sliced(axis: 0, 0..<ids.shape[1]) }
    if let head { x = head(x, .causal, adding: x) }
    if let block { x = block(x, mask: .causal) }
    return logits(x)
  }
}
// ANCHOR_END: grown

/// The rows of a batch, captions first: B arrays of 1 + T + n ids. A code's id is V + the code.
func rows(_ text: IndexTensor, _ codes: IndexTensor, _ model: DALLE) -> [[Int32]] {
  let (stream, v) = (model.stream(text), Int32(model.configuration.textIDs))  // [B, 1 + T]
  return (0..<text.shape[0]).map {
    stream.rows([$0]).values + codes.rows([$0]).values.map { $0 + v }
  }
}

/// The losses of a grown model: at each place, over the vocabulary that belongs there.
func losses(_ model: Grown, _ rows: [[Int32]], _ c: DALLEConfiguration) -> DALLELoss {
  let ids = IndexTensor(shape: [rows.count, c.positions], rows.flatMap { $0.dropLast() })
  let logits = model(ids)  // [B, S, V + K]
  func loss(_ places: Range<Int>, _ known: Range<Int>) -> Tensor {
    let next = rows.flatMap { $0[places.lowerBound + 1..<places.upperBound + 1] }
    return crossEntropy(
      logits.sliced(axis: 1, places).sliced(axis: 2, known).reshaped(-1, known.count),
      IndexTensor(next.map { $0 - Int32(known.lowerBound) }))
  }
  return DALLELoss(
    text: loss(0..<c.textLength, 0..<c.textIDs),
    image: loss(c.textLength..<c.positions, c.textIDs..<c.textIDs + c.imageVocabulary),
    imageWeight: c.imageWeight)
}

extension Chapter4 {
  static var growingCells: [Cell<State>] {
    [
      Cell(
        "growth", "From a table of pairs to a transformer",
        full: FullRun("five models, 1,000 steps each, about ten minutes on two cores") {
          state, out in
          try out.keep("growth", try growths(state, out))
        }
      ) { state, out in
        // ANCHOR: growth
        let growths = try out.recorded("growth", as: [Growth].self)
        out.table(
          ["version", "parameters", "text loss", "image loss"],
          growths.map { [$0.name, $0.parameters, $0.text, $0.image] })
        // ANCHOR_END: growth
        for (version, growth) in zip(["table", "positions", "head", "block", "blocks"], growths) {
          out.note(version, growth.image, .fixed(2))
        }
        out.figure(
          "growth", try sheet(growths.map { ($0.name, $0.codes) }, state),
          "What the five versions draw after 1,000 steps, at temperature 0.7: "
            + sixCaptions.joined(separator: "; "))
      }
    ]
  }

  /// The result of training one version.
  struct Growth: Codable {
    let name: String
    let parameters: Int
    let text, image: Double
    /// Pictures for `sixCaptions`.
    let codes: [[Int32]]

    init(_ name: String, _ model: some Module, _ losses: DALLELoss, _ codes: [[Int32]]) {
      (self.name, parameters, self.codes) = (name, model.parameterCount, codes)
      (text, image) = (Double(losses.text.item), Double(losses.image.item))
    }
  }

  /// Draws a picture for each caption [B, T] by reading the whole row anew for each of N tokens.
  static func draw(
    _ model: Grown, _ captions: IndexTensor, like full: DALLE, _ options: SamplingOptions,
    seed: UInt64
  ) -> IndexTensor {
    let c = full.configuration
    var random = Random(seed: seed)
    var drawn = [[Int32]](repeating: [], count: captions.shape[0])
    for _ in 0..<c.imageTokens {
      let codes = IndexTensor(shape: [drawn.count, drawn[0].count], drawn.flatMap { $0 })
      let rows = rows(captions, codes, full)
      let ids = IndexTensor(shape: [rows.count, rows[0].count], rows.flatMap { $0 })
      let logits = withoutGradient { model(ids) }  // [B, n, V + K]
        .at(rows[0].count - 1, axis: 1).sliced(axis: 1, c.textIDs..<c.textIDs + c.imageVocabulary)
      for row in drawn.indices {
        drawn[row].append(options.draw(logits.at(row, axis: 0).scalars, random.uniform()))
      }
    }
    return IndexTensor(shape: [drawn.count, c.imageTokens], drawn.flatMap { $0 })
  }

  /// Trains all versions on the same pairs in the same order.
  private static func growths(_ state: State, _ out: Output) throws -> [Growth] {
    let train = try Pairs(.train, count: 8000, seed: out.seed, state.painter)
    let validation = try Pairs(.validation, count: 256, seed: out.seed, state.painter)
    var c = state.model.configuration
    (c.width, c.layers, c.heads) = (128, 4, 4)
    let captions = try state.painter.ids(sixCaptions)  // [6, T]
    let names = ["a table of pairs", "+ positions", "+ one head", "one block"]
    var growths = try names.enumerated().map { index, name in
      var random = out.random
      let model = Grown(version: index + 1, c, &random)
      func loss(_ pairs: Pairs, _ some: [Int]) -> DALLELoss {
        losses(model, rows(pairs.text.rows(some), pairs.codes.rows(some), state.model), c)
      }
      _ = try learn(model, train, steps: 1000, batch: 16, rate: 4e-3, seed: out.seed) {
        loss(train, $0)
      }
      let codes = draw(model, captions, like: state.model, usual, seed: out.seed)
      return Growth(
        name, model, validationLoss(validation) { loss(validation, $0) },
        (0..<codes.shape[0]).map { codes.rows([$0]).values })
    }
    var random = out.random
    let model = DALLE(c, &random)
    _ = try learn(model, train, steps: 1000, batch: 16, rate: 4e-3, seed: out.seed)
    let loss = validationLoss(validation) { some in
      model(text: validation.text.rows(some), image: validation.codes.rows(some))
    }
    growths.append(Growth("four blocks", model, loss, try sixPictures(model, state, out)))
    return growths
  }

  private static let sixCaptions = [
    "a big red heart in the snow", "a small yellow moon in the top left at night",
    "a blue fish above a green boat", "a pink flower to the left of a white house",
    "an orange cat wearing a purple hat", "a green rocket at sunset",
  ]

  /// The pictures of small models for `sixCaptions`, a row for each.
  private static func sheet(_ models: [(name: String, codes: [[Int32]])], _ state: State) throws
    -> PictureGrid
  {
    let codes = models.flatMap(\.codes)
    let pictures = state.painter.decode(
      IndexTensor(shape: [codes.count, codes[0].count], codes.flatMap { $0 }))
    let captions = models.flatMap { _ in sixCaptions }
    return PictureGrid(
      pictures, columns: 6, rows: models.map(\.name),
      marks: try Judges().marks(pictures, captions), scale: 2)
  }

  /// A small model's codes for `sixCaptions`.
  private static func sixPictures(_ model: DALLE, _ state: State, _ out: Output) throws -> [[Int32]]
  {
    let transformer = CaptionedDALLE(model, state.painter.transformer.tokenizer)
    let codes = try Painter(transformer, state.painter.dvae)
      .draw(sixCaptions, seed: out.seed, usual)  // [6, N]
    return (0..<codes.shape[0]).map { codes.rows([$0]).values }
  }
}
