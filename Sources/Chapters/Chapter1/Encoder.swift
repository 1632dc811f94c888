// Positions, attention, and the whole encoder.

import ClassifierTraining
import NeuralNetwork
import Notebook
import TensorCore
import VisionTransformer

extension Chapter1 {
  static var encoderCells: [Cell<State>] {
    [
      Cell("order", "Without positions the order is lost") { state, out in
        // ANCHOR: order
        let block = state.classifier.encoder.blocks[0]
        let tokens = state.classifier.encoder.patchEmbedding(state.picture * 2 - 1)  // [1, N, D]
        let backwards = tokens.reversed(axis: 1)
        out.compare(
          "block(backwards) vs. block(tokens), backwards",
          block(backwards), block(tokens).reversed(axis: 1))
        // ANCHOR_END: order
      },
      Cell("positions", "Tokens must be told where they are") { state, out in
        // ANCHOR: positions
        let positions = state.classifier.encoder.positions  // [1, 1 + N, D]
        let patches = positions.at(0, axis: 0).sliced(axis: 0, 1..<65)  // [N, D]
        let similarity = cosineSimilarities(patches)  // [N, N]
        out.show("positions", positions)
        out.show("similarity", similarity)
        // ANCHOR_END: positions
        let maps = (0..<64).map { i in
          ColorMap.dark.image(
            similarity.at(i, axis: 0).reshaped(8, 8), range: -0.5...1)
        }
        out.figure(
          "positions",
          PictureGrid(
            maps, columns: 8,
            labels: Array(repeating: "", count: 56) + (1...8).map { "column \($0)" },
            rows: (1...8).map { "row \($0)" }, scale: 9, gutter: 4),
          "How similar the position embedding of each patch is to those of all 64: cosines from -0.5 "
            + "and less (dark) to 1 (yellow, the patch itself)")
      },
      Cell("root", "Attention, step by step") { _, out in
        // ANCHOR: root
        let rows = [8, 32, 128].map { dh -> [any TableValue] in
          let q = Tensor.normal([10_000, dh], &out.random)  // variance 1
          let k = Tensor.normal([10_000, dh], &out.random)
          let scores = (q * k).sum(axis: 1)  // [10,000]
          let scaled = scores / Float(dh).squareRoot()
          return [dh, scores.square().mean().item, scaled.square().mean().item]
        }
        out.table(["Dh", "variance of q · k", "after the root"], rows)
        // ANCHOR_END: root
      },
      Cell("attention", "Attention, step by step") { state, out in
        // ANCHOR: attention
        _ = state.classifier.features(state.picture, trace: state.trace)
        let noted = ["q", "k", "v", "attn_probs"].compactMap { state.trace["layer.0.\($0)"] }
        let (q, k, v, noticed) = (noted[0], noted[1], noted[2], noted[3])  // q, k, v [1, h, T, Dh]

        let scores = matmul(q, k, transposeB: true) / Float(q.shape[3]).squareRoot()
        let probabilities = scores.softmax()  // [1, h, T, T]
        let context = matmul(probabilities, v)  // [1, h, T, Dh]
        out.ledger([
          "q": q, "k": k, "scores": scores, "probabilities": probabilities, "context": context,
        ])
        out.compare("by hand vs. the model's", probabilities, noticed)
        out.show("sum of each row", probabilities.sum(axis: 3))
        // ANCHOR_END: attention
      },
      Cell("encoder", "All of the encoder at a glance") { state, out in
        // ANCHOR: encoder
        out.ledger(
          state.trace,
          only: [
            "patches", "patch_embeddings", "embeddings", "layer.0.ln1", "layer.0.q",
            "layer.0.attn_probs", "layer.0.attn_out", "layer.0.fc1", "layer.0.mlp_out", "hidden.1",
            "hidden.6", "final_layernorm",
          ])
        // ANCHOR_END: encoder
        out.figure(
          "architecture", architecture(),
          "The vision transformer, with the shape of what leaves each part, and one of its blocks")
      },
      Cell("answer", "What the classifier says") { state, out in
        // ANCHOR: answer
        for (attribute, logits) in zip(StickerAttribute.allCases, state.classifier(state.picture)) {
          let probabilities = logits.softmax()  // [1, values]
          let best = Int(probabilities.argmax(axis: 1).values[0])
          out.value(attribute.rawValue, "\(attribute.values[best])")
          out.value(
            "\(attribute.rawValue)-probability", probabilities[0, best], .percent(1))
        }
        // ANCHOR_END: answer
      },
    ]
  }
}
