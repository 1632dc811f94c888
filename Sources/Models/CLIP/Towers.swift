// The two towers of CLIP: one for captions, one for pictures, both the transformer of chapter 1.

import NeuralNetwork
import TensorCore
import VisionTransformer

/// Reads captions. A token sees only itself and the tokens before it, so the end token has seen the
/// whole caption, and the padding after it changes nothing.
public struct TextTower: Module {
  /// A row for each token of the vocabulary, V × D
  public let tokenEmbedding: Embedding
  /// A row for each place in a caption, T × D
  public let positionEmbedding: Embedding
  /// L blocks, [B, T, D] → [B, T, D] each.
  public let blocks: [DenseBlock]
  /// Applied after the blocks.
  public let norm: LayerNorm

  /// An untrained tower.
  public init(_ c: CLIPConfiguration.Text, _ random: inout Random) {
    tokenEmbedding = Embedding(c.vocabulary, c.width, &random)
    positionEmbedding = Embedding(c.context, c.width, deviation: 0.01, &random)
    blocks = (0..<c.layers).map { _ in
      DenseBlock(
        width: c.width, heads: c.heads, hidden: c.hidden, layers: c.layers,
        activation: c.activation, epsilon: c.epsilon, &random)
    }
    norm = LayerNorm(c.width, epsilon: c.epsilon)
  }

  /// Embeddings, blocks and layer norm, with Hugging Face's names.
  public var members: Members {
    ("embeddings.token_embedding", tokenEmbedding)
    ("embeddings.position_embedding", positionEmbedding)
    ("encoder.layers", blocks)
    ("final_layer_norm", norm)
  }

  /// Token ids [B, T] → the end token's output [B, D], a summary of the caption. The end token is
  /// the one with the largest id (CLIP §2.4 and its code).
  ///
  /// Notes `text.hidden.0` to `text.hidden.L`, each `text.layer.i`, `text.final_layer_norm` and
  /// `text.pooled`.
  public func callAsFunction(_ ids: IndexTensor, trace: Trace? = nil) -> Tensor {
    let longest = positionEmbedding.weight.shape[0]
    precondition(
      ids.shape.count == 2 && ids.shape[1] <= longest,
      "captions are ids [B, T] with T up to \(longest), got \(ids.shape)")
    let (b, t) = (ids.shape[0], ids.shape[1])
    let positions = positionEmbedding.weight.sliced(axis: 0, 0..<t)  // [T, D]
    var x = tokenEmbedding(ids) + positions  // [B, T, D]
    trace?.note("text.hidden.0", x)
    for (i, block) in blocks.enumerated() {
      x = block(x, mask: .causal, trace: trace?.scope("text.layer.\(i)"))  // [B, T, D]
      trace?.note("text.hidden.\(i + 1)", x)
    }
    let y = norm(x)  // [B, T, D]
    let ends = (0..<b).map { row -> Int32 in
      let caption = ids.values[row * t..<(row + 1) * t]
      return Int32(caption.firstIndex(of: caption.max() ?? 0) ?? 0)
    }
    let pooled = embedding(y.reshaped(b * t, -1), IndexTensor(ends))  // [B, D]
    trace?.note("text.final_layer_norm", y)
    trace?.note("text.pooled", pooled)
    return pooled
  }
}

/// Looks at pictures: chapter 1's vision transformer with a layer norm before its blocks, and
/// no bias in its patch embedding.
public struct ImageTower: Module {
  /// The sizes, and the size of the pictures it is trained on.
  public let configuration: ViTConfiguration
  /// Embeds patches as tokens, without bias.
  public let patchEmbedding: PatchEmbedding
  /// The class token, [D]
  public let classToken: Tensor
  /// A row for the class token and for each patch, (1 + N) × D
  public let positions: Embedding
  /// Applied before the blocks.
  public let preNorm: LayerNorm
  /// L blocks, [B, T, D] → [B, T, D] each.
  public let blocks: [DenseBlock]
  /// Applied to the class token after the blocks.
  public let postNorm: LayerNorm

  /// An untrained tower.
  public init(_ c: ViTConfiguration, _ random: inout Random) {
    let deviation = 1 / Float(c.width).squareRoot()
    configuration = c
    patchEmbedding = PatchEmbedding(
      channels: c.channels, patch: c.patch, width: c.width, bias: false, &random)
    classToken = Tensor.normal([c.width], deviation: deviation, &random).requiringGradient()
    positions = Embedding(
      1 + c.grid.rows * c.grid.columns, c.width, deviation: deviation, &random)
    preNorm = LayerNorm(c.width, epsilon: c.epsilon)
    blocks = (0..<c.layers).map { _ in
      DenseBlock(
        width: c.width, heads: c.heads, hidden: c.hidden, layers: c.layers,
        activation: c.activation, epsilon: c.epsilon, &random)
    }
    postNorm = LayerNorm(c.width, epsilon: c.epsilon)
  }

  /// Embeddings, blocks and layer norms, with Hugging Face's names; "pre_layrnorm" is how public
  /// files spell it.
  public var members: Members {
    ("embeddings.class_embedding", classToken)
    ("embeddings.patch_embedding", patchEmbedding)
    ("embeddings.position_embedding", positions)
    ("pre_layrnorm", preNorm)
    ("encoder.layers", blocks)
    ("post_layernorm", postNorm)
  }

  /// Normalised pictures [B, C, H, W] → the class token's output [B, D], a summary of the picture.
  /// For pictures of another size than in training the position embeddings are interpolated.
  ///
  /// Notes `vision.embeddings`, `vision.hidden.0` to `vision.hidden.L`, each `vision.layer.i`,
  /// and `vision.pooled`.
  public func callAsFunction(_ images: Tensor, trace: Trace? = nil) -> Tensor {
    let (b, d, p) = (images.shape[0], configuration.width, configuration.patch)
    let tokens = patchEmbedding(images)  // [B, N, D]
    let grid = (images.shape[2] / p, images.shape[3] / p)
    let places = interpolated(
      positions.weight.reshaped(1, -1, d), from: configuration.grid, to: grid)  // [1, 1 + N, D]
    let sequence = concatenate([classToken.expanded([b, 1, d]), tokens], axis: 1)
    let embedded = sequence + places  // [B, 1 + N, D]
    var x = preNorm(embedded)  // [B, 1 + N, D]
    trace?.note("vision.embeddings", embedded)
    trace?.note("vision.hidden.0", x)
    for (i, block) in blocks.enumerated() {
      x = block(x, trace: trace?.scope("vision.layer.\(i)"))  // [B, 1 + N, D]
      trace?.note("vision.hidden.\(i + 1)", x)
    }
    let pooled = postNorm(x.at(0, axis: 1))  // [B, D]
    trace?.note("vision.pooled", pooled)
    return pooled
  }
}
