// The two small models whose whole training step is timed. Their PyTorch twins are in
// peers/peer.py.

import NeuralNetwork
import TensorCore

/// A GPT-like model: token and position embeddings, pre-norm blocks, a head, cross-entropy.
struct LanguageModel: Module {
  static let (layers, width, heads, tokens, batch, vocabulary) = (6, 256, 8, 88, 32, 1024)

  let tokenEmbedding: Embedding
  let positionEmbedding: Embedding
  let blocks: [DenseBlock]
  let norm: LayerNorm
  let head: Linear

  init(_ random: inout Random) {
    tokenEmbedding = Embedding(Self.vocabulary, Self.width, &random)
    positionEmbedding = Embedding(Self.tokens, Self.width, &random)
    blocks = (0..<Self.layers).map { _ in
      DenseBlock(width: Self.width, heads: Self.heads, layers: Self.layers, &random)
    }
    norm = LayerNorm(Self.width)
    head = Linear(Self.width, Self.vocabulary, bias: false, &random)
  }

  var members: Members {
    [
      "tokens": tokenEmbedding, "positions": positionEmbedding, "blocks": blocks, "norm": norm,
      "head": head,
    ]
  }

  /// The mean cross-entropy of ids [B, T] predicting the next ones.
  func loss(_ ids: IndexTensor, next: IndexTensor) -> Tensor {
    let (b, t) = (ids.shape[0], ids.shape[1])
    var x = tokenEmbedding(ids) + positionEmbedding.weight  // [B, T, D]
    for block in blocks { x = block(x, mask: .causal) }
    let logits = head(norm(x)).reshaped(b * t, Self.vocabulary)  // [B·T, V]
    return crossEntropy(logits, next)
  }
}

/// A residual convolutional net on 64×64 pictures: a stem, three stages of two blocks each,
/// with max-pooling between them, group norm, and a classifier.
struct ResidualNet: Module {
  static let (batch, size, classes) = (16, 64, 10)
  static let widths = [32, 64, 128]

  struct Block: Module {
    let norm1, norm2: GroupNorm
    let first, second: Convolution2D
    let skip: Convolution2D?

    init(_ inputs: Int, _ outputs: Int, _ random: inout Random) {
      norm1 = GroupNorm(groups: 8, channels: inputs)
      first = Convolution2D(inputs, outputs, kernel: 3, padding: 1, &random)
      norm2 = GroupNorm(groups: 8, channels: outputs)
      second = Convolution2D(outputs, outputs, kernel: 3, padding: 1, &random)
      skip = inputs == outputs ? nil : Convolution2D(inputs, outputs, kernel: 1, &random)
    }

    var members: Members {
      ["norm1": norm1, "first": first, "norm2": norm2, "second": second, "skip": skip]
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
      let h = first(norm1(x).relu())
      return second(norm2(h).relu()) + (skip?(x) ?? x)
    }
  }

  let stem: Convolution2D
  let blocks: [Block]
  let head: Linear

  init(_ random: inout Random) {
    stem = Convolution2D(3, Self.widths[0], kernel: 3, padding: 1, &random)
    var blocks: [Block] = []
    var width = Self.widths[0]
    for next in Self.widths {
      blocks.append(Block(width, next, &random))
      blocks.append(Block(next, next, &random))
      width = next
    }
    self.blocks = blocks
    head = Linear(width, Self.classes, &random)
  }

  var members: Members { ["stem": stem, "blocks": blocks, "head": head] }

  /// The mean cross-entropy of pictures [B, 3, H, W] with labels [B].
  func loss(_ pictures: Tensor, _ labels: IndexTensor) -> Tensor {
    var x = stem(pictures.channelsLast)  // [B, H, W, C]
    for (index, block) in blocks.enumerated() {
      if index > 0 && index % 2 == 0 { x = x.maxPooled(kernel: 2, stride: 2) }
      x = block(x)
    }
    return crossEntropy(head(x.mean(axes: [1, 2])), labels)
  }
}
