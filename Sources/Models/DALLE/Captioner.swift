// The transformer the other way round: a picture's codes come first, and its caption is predicted from
// them. How probable a caption is for a picture says how well they fit (CogView, Ding et al., 2021, §3).

import Checkpoints
import NeuralNetwork
import TensorCore

/// p(caption | picture), token by token.
public struct Captioner: Module {
  /// The sizes.
  public let configuration: CaptionerConfiguration
  /// The kind that its checkpoints state.
  public static let kind = "captioner"
  private let codes, rows, columns, words, places: Embedding
  private let blocks: [DenseBlock]
  private let norm: LayerNorm

  /// An untrained captioner.
  public init(_ c: CaptionerConfiguration, _ random: inout Random) {
    precondition(c.flaw == nil, c.flaw ?? "")
    configuration = c
    codes = Embedding(c.imageVocabulary, c.width, &random)
    rows = Embedding(c.rows, c.width, &random)
    columns = Embedding(c.columns, c.width, &random)
    words = Embedding(c.textVocabulary, c.width, &random)
    places = Embedding(c.textLength, c.width, &random)
    blocks = (0..<c.layers).map { _ in
      DenseBlock(
        width: c.width, heads: c.heads, hidden: 4 * c.width, layers: c.layers,
        activation: .gelu, epsilon: 1e-5, &random)
    }
    norm = LayerNorm(c.width)
  }

  /// A model from its checkpoint.
  ///
  /// Throws a `CheckpointError` if the file holds something else.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    self = try checkpoint.model { Captioner($0, &$1) }
  }

  /// Embeddings, blocks and norm.
  public var members: Members {
    ("codes", codes)
    ("rows", rows)
    ("columns", columns)
    ("words", words)
    ("places", places)
    ("layers", blocks)
    ("norm", norm)
  }

  /// Codes [B, N] and captions, text ids [B, T] → logits [B · T, V] of each text token.
  func logits(_ image: IndexTensor, _ text: IndexTensor) -> Tensor {
    let (c, b) = (configuration, image.shape[0])
    let n = c.rows * c.columns
    let place = (0..<n).map { Int32($0) }
    let positions =
      rows(IndexTensor(place.map { $0 / Int32(c.columns) }))
      + columns(IndexTensor(place.map { $0 % Int32(c.columns) }))  // [N, D]
    // A caption begins with padding, so that its first word is predicted, too.
    let before = (0..<b).flatMap { row in
      [0] + text.values[row * c.textLength..<(row + 1) * c.textLength - 1]
    }
    let read = words(IndexTensor(shape: [b, c.textLength], before)) + places.weight  // [B, T, D]
    var x = concatenate([codes(image) + positions, read], axis: 1)  // [B, N + T, D]
    for block in blocks { x = block(x, mask: .causal) }  // [B, N + T, D]
    let last = norm(x.sliced(axis: 1, n..<n + c.textLength))  // [B, T, D]
    // The table with which words are read: what a word looks for in a picture is what a picture's token
    // says to be that word.
    return withPrecision(.f32) {
      matmul(last.reshaped(-1, c.width), words.weight, transposeB: true)  // [B · T, V]
    }
  }

  /// What is predicted of captions [B, T]: their tokens and the padding after the last; the rest is -1.
  func targets(_ text: IndexTensor) -> IndexTensor {
    let t = configuration.textLength
    return IndexTensor(
      (0..<text.shape[0]).flatMap { row -> [Int32] in
        let ids = Array(text.values[row * t..<(row + 1) * t])
        let end = ids.firstIndex(of: 0) ?? t
        return ids.enumerated().map { $0 <= end ? $1 : -1 }
      })
  }

  /// Codes [B, N] and captions [B, T] → the mean loss, [], in nats per text token.
  public func callAsFunction(image: IndexTensor, text: IndexTensor) -> Tensor {
    crossEntropy(logits(image, text), targets(text))
  }

  /// log p(caption | picture) of each pair, in nats, without gradient: codes [B, N], text ids [B, T].
  public func logLikelihoods(image: IndexTensor, text: IndexTensor) -> [Float] {
    withoutGradient {
      crossEntropy(logits(image, text), targets(text), reduction: .none)
        .reshaped(image.shape[0], -1).sum(axis: 1).scalars.map { -$0 }
    }
  }
}
