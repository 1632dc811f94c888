// The transformer the other way round: a picture's codes come first, and its caption is predicted from
// them. How probable a caption is for a picture says how well they fit (CogView, Ding et al., 2021, §2.5).

import Checkpoints
import NeuralNetwork
import TensorCore

/// p(caption | picture), token by token.
public struct Captioner: Module {
  /// The sizes of a captioner.
  public struct Configuration: Codable, Equatable, Sendable {
    /// V, text ids, of which 0 is padding.
    public var textVocabulary: Int
    /// T, text tokens of a caption, including padding.
    public var textLength: Int
    /// K, codes of the dVAE.
    public var imageVocabulary: Int
    /// The grid of image tokens; N = rows · columns.
    public var rows, columns: Int
    /// D, width of the tokens.
    public var width = 128
    /// L, number of blocks.
    public var layers = 4
    /// h, attention heads of a block.
    public var heads = 4

    /// Sizes of width 128 with 4 blocks of 4 heads.
    public init(
      textVocabulary: Int, textLength: Int, imageVocabulary: Int, rows: Int, columns: Int
    ) {
      (self.textVocabulary, self.textLength) = (textVocabulary, textLength)
      (self.imageVocabulary, self.rows, self.columns) = (imageVocabulary, rows, columns)
    }
  }

  /// The sizes.
  public let configuration: Configuration
  private let codes, rows, columns, words, places: Embedding
  private let blocks: [DenseBlock]
  private let norm: LayerNorm
  private let head: Linear

  /// An untrained captioner.
  public init(_ c: Configuration, _ random: inout Random) {
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
    head = Linear(c.width, c.textVocabulary, initializer: .normal(0.02), &random)
  }

  /// Embeddings, blocks, norm and head.
  public var members: Members {
    ("codes", codes)
    ("rows", rows)
    ("columns", columns)
    ("words", words)
    ("places", places)
    ("layers", blocks)
    ("norm", norm)
    ("head", head)
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
    return withPrecision(.f32) { head(last.reshaped(-1, c.width)) }
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
