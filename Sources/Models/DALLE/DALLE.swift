// The transformer of DALL·E (Ramesh et al., 2021, §2.2 and appendix B.1), which models streams of
// text tokens followed by image tokens.

import Checkpoints
import NeuralNetwork
import TensorCore

/// p(caption, picture) as one stream of tokens, each predicted from those before it.
public struct DALLE: Module {
  /// The sizes, the attention plan and the conventions.
  public let configuration: DALLEConfiguration
  /// V × D: a row for each word, and for the padding of each position.
  public let textEmbeddings: Embedding
  /// (1 + T) × D: a row for the start token and for each text position.
  public let textPositions: Embedding
  /// K × D: a row for each code.
  public let imageEmbeddings: Embedding
  /// rows × D and columns × D, summed at each place.
  public let rowEmbeddings, columnEmbeddings: Embedding
  /// L blocks, [B, S, D] → [B, S, D] each.
  public let blocks: [SparseBlock]
  /// Applied after the blocks; ruDALL-E's models only.
  public let norm: LayerNorm?
  /// Applied before the logits.
  public let headNorm: LayerNorm
  /// D → V + K logits: text ids first, then codes.
  public let head: Linear
  /// The keys that each layer's attention visits.
  public let keys: [SparseKeys]

  /// The kind that its checkpoints state.
  public static let kind = "transformer"

  /// An untrained model.
  public init(_ c: DALLEConfiguration, _ random: inout Random) {
    precondition(c.flaw == nil, c.flaw ?? "")
    configuration = c
    textEmbeddings = Embedding(c.textIDs, c.width, &random)
    textPositions = Embedding(1 + c.textLength, c.width, &random)
    imageEmbeddings = Embedding(c.imageVocabulary, c.width, &random)
    rowEmbeddings = Embedding(c.rows, c.width, &random)
    columnEmbeddings = Embedding(c.columns, c.width, &random)
    blocks = (0..<c.layers).map { _ in SparseBlock(c, &random) }
    norm = c.convention == .paper ? nil : LayerNorm(c.width)
    headNorm = LayerNorm(c.width)
    head = Linear(
      c.width, c.textIDs + c.imageVocabulary, initializer: .normal(0.02), &random)
    var made: [AttentionPattern: SparseKeys] = [:]
    keys = c.patterns.map { pattern in
      let keys = made[pattern] ?? pattern.keys
      made[pattern] = keys
      return keys
    }
  }

  /// Embeddings, blocks, layer norms and head, with ruDALL-E's names.
  public var members: Members {
    ("text_embeddings", textEmbeddings)
    ("text_pos_embeddings", textPositions)
    ("image_embeddings", imageEmbeddings)
    ("image_row_embeddings", rowEmbeddings)
    ("image_col_embeddings", columnEmbeddings)
    ("transformer.layers", blocks)
    ("transformer.final_layernorm", norm)
    ("to_logits.0", headNorm)
    ("to_logits.1", head)
  }

  /// Text ids [B, T], 0 for padding → the stream's text [B, 1 + T], or [B, T] without a start
  /// token: every padding becomes the id of its position (§2.2).
  public func stream(_ text: IndexTensor) -> IndexTensor {
    let (c, t) = (configuration, configuration.textLength)
    precondition(
      text.shape.count == 2 && text.shape[1] == t
        && text.values.allSatisfy { 0..<Int32(c.textVocabulary) ~= $0 },
      "captions are ids [B, \(t)] below \(c.textVocabulary), got \(text.shape)")
    var ids: [Int32] = []
    for row in 0..<text.shape[0] {
      if c.convention != .ruDALLE3 { ids.append(c.startID) }
      for position in 0..<t {
        let id = text.values[row * t + position]
        ids.append(id == 0 ? Int32(c.textVocabulary + position) : id)
      }
    }
    return IndexTensor(shape: [text.shape[0], c.textPositions], ids)
  }

  /// The first n ids of a stream, [B, n] → embedded text [B, n, D].
  public func embed(text ids: IndexTensor) -> Tensor {
    textEmbeddings(ids) + textPositions.weight.sliced(axis: 0, 0..<ids.shape[1])
  }

  /// Codes [B, n] at the places from `first` on → embedded image tokens [B, n, D].
  public func embed(image codes: IndexTensor, from first: Int = 0) -> Tensor {
    let places = first..<first + codes.shape[1]
    let c = Int32(configuration.columns)
    let positions =
      rowEmbeddings(IndexTensor(places.map { Int32($0) / c }))
      + columnEmbeddings(IndexTensor(places.map { Int32($0) % c }))  // [n, D]
    return imageEmbeddings(codes) + positions
  }

  /// Text ids [B, T] and codes [B, N] → the output of the last block, [B, S, D].
  ///
  /// Notes `embeddings`, each `layer.i`, `hidden.1` to `hidden.L` and, where there is such a
  /// norm, `final_layernorm`.
  public func hidden(
    text: IndexTensor, image: IndexTensor, trace: Trace? = nil
  ) -> Tensor {
    checkCodes(image, count: text.shape[0])
    let words = embed(text: stream(text))  // [B, 1 + T, D]
    let codes = embed(image: image)  // [B, N, D]
    // Nothing comes after the last code, so it is not read.
    let stream = concatenate([words, codes], axis: 1)  // [B, 1 + T + N, D]
      .sliced(axis: 1, 0..<configuration.positions)
    trace?.note("embeddings", stream)
    var x = withLimitedGradient(stream)  // [B, S, D]
    for (i, block) in blocks.enumerated() {
      x = block(x, keys[i], trace: trace?.scope("layer.\(i)"))  // [B, S, D]
      trace?.note("hidden.\(i + 1)", x)
    }
    return normalised(x, trace)
  }

  private func checkCodes(_ image: IndexTensor, count: Int) {
    let c = configuration
    precondition(
      image.shape == [count, c.imageTokens]
        && image.values.allSatisfy { 0..<Int32(c.imageVocabulary) ~= $0 },
      "pictures are codes [\(count), \(c.imageTokens)] below \(c.imageVocabulary), got "
        + "\(image.shape)")
  }

  /// The same; ruDALL-E lets only a tenth of the gradient through to its tables.
  private func withLimitedGradient(_ stream: Tensor) -> Tensor {
    configuration.convention == .paper ? stream : stream * 0.1 + stream.detached * 0.9
  }

  /// The same; ruDALL-E has a norm here.
  private func normalised(_ x: Tensor, _ trace: Trace?) -> Tensor {
    guard let norm else { return x }
    let y = norm(x)  // [B, S, D]
    trace?.note("final_layernorm", y)
    return y
  }

  /// The output of the last block [B, S, D] → logits [B, S, V + K] over both vocabularies, of which
  /// only the one of the position's target is meaningful.
  public func logits(_ hidden: Tensor) -> Tensor { withPrecision(.f32) { head(headNorm(hidden)) } }

  /// Captions [B, T] and codes [B, N] → the losses, [] each, in nats per token.
  public func callAsFunction(text: IndexTensor, image: IndexTensor) -> DALLELoss {
    loss(of: hidden(text: text, image: image), text: text, image: image)
  }

  /// The losses, [] each, if the last block's output is `hidden` [B, S, D].
  package func loss(of hidden: Tensor, text: IndexTensor, image: IndexTensor) -> DALLELoss {
    let c = configuration
    let y = headNorm(hidden)  // [B, S, D]
    let v = c.textIDs
    func loss(_ positions: Range<Int>, _ ids: Range<Int>, _ targets: [Int32]) -> Tensor {
      checkpointedIfAsked {
        let part = y.sliced(axis: 1, positions).reshaped(-1, c.width)  // [B·n, D]
        let weight = head.weight.sliced(axis: 0, ids)
        let bias = head.bias?.sliced(axis: 0, ids)
        let logits = withPrecision(.f32) { linear(part, weight, bias) }  // [B·n, ids]
        return crossEntropy(logits, IndexTensor(targets))
      }
    }
    let targets = targets(text: text, image: image)
    return DALLELoss(
      text: loss(0..<c.textLength, 0..<v, targets.text),
      image: loss(
        c.textLength..<c.textLength + targets.image.count / text.shape[0],
        v..<v + c.imageVocabulary, targets.image),
      imageWeight: c.imageWeight)
  }

  /// The targets of the first T positions, and of those after them.
  private func targets(
    text: IndexTensor, image: IndexTensor
  ) -> (text: [Int32], image: [Int32]) {
    let (t, n) = (configuration.textLength, configuration.imageTokens)
    let stream = stream(text)
    let width = stream.shape[1]
    var targets: (text: [Int32], image: [Int32]) = ([], [])
    for row in 0..<text.shape[0] {
      let ids = stream.values[row * width..<(row + 1) * width]
      let codes = image.values[row * n..<(row + 1) * n]
      targets.text += ids.dropFirst()
      if width == t {
        // Without a start token one text target is missing; ruDALL-E takes the first code.
        targets.text.append(codes.first ?? 0)
        targets.image += codes.dropFirst()
      } else {
        targets.image += codes
      }
    }
    return targets
  }
}

/// The two losses of a batch, in nats per token, each normalised by itself (appendix B.2).
public struct DALLELoss {
  /// Mean over text positions, including padding, []
  public let text: Tensor
  /// Mean over image tokens, []
  public let image: Tensor
  /// w of (text + w · image) / (1 + w), 7 in the paper.
  public let imageWeight: Float

  package init(text: Tensor, image: Tensor, imageWeight: Float) {
    (self.text, self.image, self.imageWeight) = (text, image, imageWeight)
  }

  /// The loss that training minimises, []
  public var total: Tensor { (text + image * imageWeight) * (1 / (1 + imageWeight)) }
}
