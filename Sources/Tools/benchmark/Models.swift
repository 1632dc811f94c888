// The two small models whose whole training step is timed. Their PyTorch twins are in
// peers/peer.py.

import NeuralNetwork
import TensorCore

/// A GPT-like model: token and position embeddings, pre-norm blocks, a head, cross-entropy.
struct LanguageModel: Module {
  struct Sizes {
    var layers, width, heads, tokens, batch, vocabulary: Int

    static let benchmark = Sizes(
      layers: 6, width: 256, heads: 8, tokens: 88, batch: 32, vocabulary: 1024)

    /// Operations of a step.
    var operations: Double {
      let rows = batch * tokens
      let block = Work.block(rows: rows, pairs: batch * Work.causalPairs(tokens), width: width)
      return Work.trained(Double(layers) * block + Work.product(rows, width, vocabulary))
    }
  }

  let tokenEmbedding: Embedding
  let positionEmbedding: Embedding
  let blocks: [DenseBlock]
  let norm: LayerNorm
  let head: Linear

  init(_ sizes: Sizes, _ random: inout Random) {
    tokenEmbedding = Embedding(sizes.vocabulary, sizes.width, &random)
    positionEmbedding = Embedding(sizes.tokens, sizes.width, &random)
    blocks = (0..<sizes.layers).map { _ in
      DenseBlock(width: sizes.width, heads: sizes.heads, layers: sizes.layers, &random)
    }
    norm = LayerNorm(sizes.width)
    head = Linear(sizes.width, sizes.vocabulary, bias: false, &random)
  }

  var members: Members {
    ("tokens", tokenEmbedding)
    ("positions", positionEmbedding)
    ("blocks", blocks)
    ("norm", norm)
    ("head", head)
  }

  /// The mean cross-entropy of ids [B, T] predicting the next ones.
  func loss(_ ids: IndexTensor, next: IndexTensor) -> Tensor {
    let (b, t) = (ids.shape[0], ids.shape[1])
    var x = tokenEmbedding(ids) + positionEmbedding.weight  // [B, T, D]
    for block in blocks { x = block(x, mask: .causal) }
    let logits = head(norm(x)).reshaped(b * t, -1)  // [B·T, V]
    return crossEntropy(logits, next)
  }
}

/// A residual convolutional net on 64×64 pictures: a stem, three stages of two blocks each,
/// with max-pooling between them, group norm, and a classifier.
struct ResidualNet: Module {
  struct Sizes {
    var batch, size, classes: Int
    var widths: [Int]

    static let benchmark = Sizes(batch: 16, size: 64, classes: 10, widths: [32, 64, 128])

    /// Operations of a step.
    var operations: Double {
      let places = batch * size * size
      let stem = Work.convolution(places: places, 3, widths[0], kernel: 3)
      var forward = stem + Work.product(batch, widths[widths.count - 1], classes)
      for (stage, (inputs, outputs)) in zip([widths[0]] + widths, widths).enumerated() {
        let places = places >> (2 * stage)  // pooling halves rows and columns
        forward += Work.convolution(places: places, inputs, outputs, kernel: 3)
        forward += 3 * Work.convolution(places: places, outputs, outputs, kernel: 3)
        if inputs != outputs { forward += Work.product(places, inputs, outputs) }
      }
      return Work.trained(forward, ofData: stem)
    }
  }

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
      ("norm1", norm1)
      ("first", first)
      ("norm2", norm2)
      ("second", second)
      ("skip", skip)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
      let h = first(norm1(x).relu())
      return second(norm2(h).relu()) + (skip?(x) ?? x)
    }
  }

  let stem: Convolution2D
  let blocks: [Block]
  let head: Linear

  init(_ sizes: Sizes, _ random: inout Random) {
    stem = Convolution2D(3, sizes.widths[0], kernel: 3, padding: 1, &random)
    var blocks: [Block] = []
    var width = sizes.widths[0]
    for next in sizes.widths {
      blocks.append(Block(width, next, &random))
      blocks.append(Block(next, next, &random))
      width = next
    }
    self.blocks = blocks
    head = Linear(width, sizes.classes, &random)
  }

  var members: Members {
    ("stem", stem)
    ("blocks", blocks)
    ("head", head)
  }

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
