// GPT-2 with 124 million parameters, the model that others time processors with: llm.c trains it on
// 4 sequences of 64 tokens (karpathy/llm.c, train_gpt2.c).

import Foundation
import NeuralNetwork
import Optimization
import TensorCore

/// A decoder of pre-norm blocks whose head is its table of tokens (Radford et al., 2019, §2.3).
struct GPT2: Module {
  struct Sizes {
    var layers, width, heads, context, vocabulary: Int

    static let small = Sizes(layers: 12, width: 768, heads: 12, context: 1024, vocabulary: 50_257)

    /// Operations of a step.
    func operations(batch: Int, tokens: Int) -> Double {
      let rows = batch * tokens
      let block = Work.block(rows: rows, pairs: batch * Work.causalPairs(tokens), width: width)
      return Work.trained(Double(layers) * block + Work.product(rows, width, vocabulary))
    }
  }

  let tokens, positions: Embedding
  let blocks: [DenseBlock]
  let norm: LayerNorm

  init(_ sizes: Sizes, _ random: inout Random) {
    tokens = Embedding(sizes.vocabulary, sizes.width, &random)
    positions = Embedding(sizes.context, sizes.width, &random)
    blocks = (0..<sizes.layers).map { _ in
      DenseBlock(
        width: sizes.width, heads: sizes.heads, layers: sizes.layers, activation: .geluTanh,
        &random)
    }
    norm = LayerNorm(sizes.width)
  }

  var members: Members {
    ("wte", tokens)
    ("wpe", positions)
    ("h", blocks)
    ("ln_f", norm)
  }

  /// The mean cross-entropy of ids [B, T] predicting the next ones [B·T], in nats.
  func loss(_ ids: IndexTensor, next: IndexTensor) -> Tensor {
    let (b, t) = (ids.shape[0], ids.shape[1])
    var x = tokens(ids) + positions.weight.sliced(axis: 0, 0..<t)  // [B, T, D]
    for block in blocks { x = block(x, mask: .causal) }
    let logits = linear(norm(x).reshaped(b * t, -1), tokens.weight)  // [B·T, V]
    return crossEntropy(logits, next)
  }
}

extension Row {
  /// One step with llm.c's optimiser: AdamW at 10⁻⁴ without decay.
  static func gpt2Step(_ sizes: GPT2.Sizes, batch: Int, tokens: Int) -> Row {
    let firstLoss = FirstLoss(expected: log(Float(sizes.vocabulary)))
    return Row(
      name: "GPT-2 training step", operations: sizes.operations(batch: batch, tokens: tokens),
      precisions: [.f32, .bf16], tokens: batch * tokens, firstLoss: firstLoss
    ) {
      var random = Random(seed: 1)
      let model = GPT2(sizes, &random)
      let ids = (0..<batch).map { _ in
        (0...tokens).map { _ in Int32(random.integer(below: sizes.vocabulary)) }
      }
      let inputs = IndexTensor(shape: [batch, tokens], ids.flatMap { $0.dropLast() })
      let next = IndexTensor(ids.flatMap { $0.dropFirst() })
      let adam = Adam(model, rate: 1e-4, decay: .decoupled(0))
      return {
        model.clearGradients()
        let loss = model.loss(inputs, next: next)
        firstLoss.note(loss)
        loss.backward()
        adam.step()
      }
    }
  }
}
