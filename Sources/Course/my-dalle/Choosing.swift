// From codes to pictures, and which of them fit the caption: the dVAE's decoder and CLIP, one step
// after the other, so that a reader's function can take each.

import CLIP
import CourseKit
import DiscreteVAE
import Images
import NeuralNetwork
import TensorCore
import Text
import TextToImage
import VisionTransformer

/// Makes pictures of codes, and ranks them, with a learner's functions.
struct Choosing {
  let dalle: TextToImage
  let steps: Steps

  /// Codes [B, h, w] → pictures [B, 3, H, W] in 0 … 1: pixels by exercise 3.6.
  func decode(_ codes: IndexTensor) -> Tensor {
    let statistics = dalle.dvae.decoder(codes)  // [B, H, W, 2·C]
    let mapped = statistics.sliced(axis: 3, 0..<statistics.shape[3] / 2).sigmoid()
    let pictures = steps.take("3.6") {
      try steps.yours.chapter3.unmapPixels(mapped)
    } misfit: {
      misfit($0, mapped.shape)
    } else: {
      unmapPixels(mapped)
    }
    return pictures.channelsFirst
  }

  /// The best pictures of [n, 3, H, W], best first: exercises 2.3 and 5.1. Scores are cosines.
  ///
  /// Throws a `TextError` if the caption cannot be read.
  func best(
    _ keep: Int, of pictures: Tensor, _ caption: String
  ) throws(TextError) -> [(candidate: Int, score: Float)] {
    let images = embed(dalle.matcher.fitted(pictures))  // [n, E]
    let text = try embed(caption)  // [1, E]
    let (n, k) = (images.shape[0], min(keep, images.shape[0]))
    let scale = dalle.matcher.clip.logitScale
    let scores = steps.take("2.3") {
      try steps.yours.chapter2.similarities(images, text, logitScale: scale.item)
        / scale.exp().item
    } misfit: {
      misfit($0, [n, 1])
    } else: {
      matmul(images, text, transposeB: true)
    }.scalars
    let places = steps.take("5.1") {
      try steps.yours.chapter5.rerank(images, caption: text.reshaped(-1), keep: k)
    } misfit: { places in
      if places.count != k { return "it chose \(places.count) pictures, not \(k)" }
      if places.contains(where: { !(0..<n).contains($0) }) {
        return "it chose a picture that does not exist"
      }
      return Set(places).count == k ? nil : "it chose a picture twice"
    } else: {
      Array(scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }.prefix(k))
    }
    return places.map { ($0, scores[$0]) }
  }

  /// A caption's embedding [1, E], read at its end: exercise 2.2.
  private func embed(_ caption: String) throws(TextError) -> Tensor {
    let clip = dalle.matcher.clip
    let ids = try dalle.matcher.ids([caption], truncate: true)  // [1, T]
    let d = clip.configuration.text.width
    let pooled = steps.take("2.2") {
      let tower = clip.text
      let places = tower.positionEmbedding.weight.sliced(axis: 0, 0..<ids.shape[1])
      let embedded = tower.tokenEmbedding(ids) + places  // [1, T, D]
      let states = tower.blocks.reduce(embedded) { $1($0, mask: .causal) }
      return try steps.yours.chapter2.pool(tower.norm(states), ids: ids)
    } misfit: {
      misfit($0, [1, d])
    } else: {
      clip.text(ids)
    }
    return clip.textProjection(pooled).normalized()
  }

  /// Pictures' embeddings [n, E]: CLIP's image tower with exercises 1.1, 1.3 and 1.5.
  private func embed(_ pictures: Tensor) -> Tensor {
    let clip = dalle.matcher.clip
    let tower = clip.vision
    return inParts(of: 64, count: pictures.shape[0]) { rows in
      let part = pictures.sliced(axis: 0, rows)
      let tokens = tokens(CLIP.normalised(part), tower)  // [B, N, D]
      let (b, d) = (tokens.shape[0], tokens.shape[2])
      let sequence = concatenate([tower.classToken.expanded([b, 1, d]), tokens], axis: 1)
      let embedded = tower.preNorm(sequence + tower.positions.weight)  // [B, 1 + N, D]
      let seen = tower.blocks.reduce(embedded) { x, block in
        block.replacingAttention(with: LearnerAttention(layer: block.attention, steps: steps))(
          x, .none)
      }
      return clip.visualProjection(tower.postNorm(seen.at(0, axis: 1))).normalized()
    }
  }

  /// Pictures [B, C, H, W] → patches, exercise 1.1 → tokens [B, N, D], exercise 1.3.
  private func tokens(_ pictures: Tensor, _ tower: ImageTower) -> Tensor {
    let embedding = tower.patchEmbedding
    let (b, c, p) = (pictures.shape[0], pictures.shape[1], embedding.patch)
    let n = pictures.shape[2] / p * (pictures.shape[3] / p)
    let patches = steps.take("1.1") {
      try steps.yours.chapter1.patchify(pictures, patch: p)
    } misfit: {
      misfit($0, [b, n, c * p * p])
    } else: {
      patchify(pictures, patch: p)
    }
    let d = embedding.weight.shape[0]
    return steps.take("1.3") {
      // Each patch is a picture of its own here, which becomes a single token.
      let tokens = try steps.yours.chapter1.embed(
        patches.reshaped(b * n, c, p, p), weight: embedding.weight,
        bias: embedding.bias ?? .zeros([d]))  // [B·N, 1, D]
      return tokens.shape == [b * n, 1, d] ? tokens.reshaped(b, n, d) : tokens
    } misfit: {
      misfit($0, [b, n, d])
    } else: {
      embedding.embed(patches: patches)
    }
  }
}

/// A layer of CLIP's attention, whose heads attend by exercise 1.5.
private struct LearnerAttention: AttentionLayer {
  let layer: SelfAttention
  let steps: Steps

  /// The projections of the layer.
  var members: Members { layer.members }

  /// [B, T, D] → [B, T, D], plus the residual if there is one.
  func callAsFunction(
    _ x: Tensor, _ mask: AttentionMask, adding residual: Tensor?, trace: Trace.Scope?
  ) -> Tensor {
    let (b, t, d, h) = (x.shape[0], x.shape[1], x.shape[2], layer.heads)
    let (q, k, v) = (layer.query(x), layer.key(x), layer.value(x))  // each [B, T, D]
    func heads(_ x: Tensor) -> Tensor {
      x.reshaped(b, t, h, d / h).transposed(1, 2).reshaped(b * h, t, d / h)
    }
    let context = steps.take("1.5") {
      let context = try steps.yours.chapter1.attention(heads(q), heads(k), heads(v))
      if context.shape != [b * h, t, d / h] { return context }
      return context.reshaped(b, h, t, d / h).transposed(1, 2).reshaped(b, t, d)
    } misfit: {
      misfit($0, [b, t, d])
    } else: {
      attention(q, k, v, heads: h)
    }
    return layer.output(context, adding: residual)
  }
}
