// The vision transformer (Dosovitskiy et al., 2021): patches become tokens, tokens attend to one
// another, and a class token summarises the picture.

import NeuralNetwork
import TensorCore

/// Everything but the head: embeddings, blocks and final layer norm.
public struct ViTEncoder: Module {
  /// The sizes, and the size of the pictures it is trained on.
  public let configuration: ViTConfiguration
  /// Embeds patches as tokens, [B, N, C·P·P] → [B, N, D].
  public let patchEmbedding: PatchEmbedding
  /// The token before all patches, [1, 1, D]
  public let classToken: Tensor
  /// Position embeddings of the class token and all patches, [1, 1 + N, D]
  public let positions: Tensor
  /// L blocks, [B, 1 + N, D] → [B, 1 + N, D] each.
  public let blocks: [DenseBlock]
  /// Applied after the blocks.
  public let norm: LayerNorm

  /// An untrained encoder.
  public init(_ configuration: ViTConfiguration, _ random: inout Random) {
    let (c, grid) = (configuration, configuration.grid)
    self.configuration = c
    patchEmbedding = PatchEmbedding(
      channels: c.channels, patch: c.patch, width: c.width, &random)
    classToken = Tensor.normal([1, 1, c.width], deviation: 0.02, &random).requiringGradient()
    positions = Tensor.normal([1, 1 + grid.rows * grid.columns, c.width], deviation: 0.02, &random)
      .requiringGradient()
    blocks = (0..<c.layers).map { _ in
      DenseBlock(
        width: c.width, heads: c.heads, hidden: c.hidden, layers: c.layers,
        activation: c.activation, attentionBias: c.attentionBias, epsilon: c.epsilon,
        naming: .vit, &random)
    }
    norm = LayerNorm(c.width, epsilon: c.epsilon)
  }

  /// Embeddings, `layers` and `layernorm`, with the names of transformers 5.
  public var members: Members {
    ("embeddings.cls_token", classToken)
    ("embeddings.position_embeddings", positions)
    ("embeddings.patch_embeddings.projection", patchEmbedding)
    ("layers", blocks)
    ("layernorm", norm)
  }

  /// Pictures [B, C, H, W] → the final class token and patches, [B, 1 + N, D].
  ///
  /// For pictures of another size than in training the position embeddings are interpolated.
  /// Notes `patches`, `patch_embeddings`, and what `encode` notes.
  public func callAsFunction(_ images: Tensor, trace: Trace? = nil) -> Tensor {
    let patches = patchify(images, patch: configuration.patch)  // [B, N, C·P·P]
    let tokens = patchEmbedding.embed(patches: patches)  // [B, N, D]
    trace?.note("patches", patches)
    trace?.note("patch_embeddings", tokens)
    let grid = (images.shape[2] / configuration.patch, images.shape[3] / configuration.patch)
    return encode(tokens, grid: grid, trace: trace)
  }

  /// Embedded patches [B, N, D] of a grid → the final class token and patches, [B, 1 + N, D].
  ///
  /// Notes `embeddings`, the residual streams `hidden.0` to `hidden.L`, each `layer.i`, and
  /// `final_layernorm`.
  public func encode(
    _ tokens: Tensor, grid: (rows: Int, columns: Int), trace: Trace? = nil
  ) -> Tensor {
    let (b, d) = (tokens.shape[0], configuration.width)
    let positions = interpolated(positions, from: configuration.grid, to: grid)  // [1, 1 + N, D]
    let sequence = concatenate([classToken.expanded([b, 1, d]), tokens], axis: 1)
    var x = sequence + positions  // [B, 1 + N, D]
    trace?.note("embeddings", x)
    trace?.note("hidden.0", x)
    for (i, block) in blocks.enumerated() {
      x = block(x, trace: trace?.scope("layer.\(i)"))  // [B, 1 + N, D]
      trace?.note("hidden.\(i + 1)", x)
    }
    let y = norm(x)  // [B, 1 + N, D]
    trace?.note("final_layernorm", y)
    return y
  }
}

/// A vision transformer with a linear head on the class token.
public struct ViT: Module {
  /// Everything but the head, [B, C, H, W] → [B, 1 + N, D].
  public let encoder: ViTEncoder
  /// D → classes
  public let classifier: Linear

  /// An untrained classifier.
  public init(_ configuration: ViTConfiguration, classes: Int, _ random: inout Random) {
    encoder = ViTEncoder(configuration, &random)
    classifier = Linear(configuration.width, classes, initializer: .normal(0.02), &random)
  }

  /// `vit` and `classifier`, with Hugging Face's names.
  public var members: Members {
    ("vit", encoder)
    ("classifier", classifier)
  }

  /// Pictures [B, C, H, W] → logits [B, classes]. Notes `cls`, `logits`, and the encoder's.
  public func callAsFunction(_ images: Tensor, trace: Trace? = nil) -> Tensor {
    let summary = encoder(images, trace: trace).at(0, axis: 1)  // [B, D]
    let logits = classifier(summary)  // [B, classes]
    trace?.note("cls", summary)
    trace?.note("logits", logits)
    return logits
  }
}
