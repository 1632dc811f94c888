// A caption as tokens, the two towers, and what they say about eight pairs.

import CLIP
import CLIPTraining
import Images
import NeuralNetwork
import Notebook
import StickerWorld
import TensorCore

extension Chapter2 {
  static var towerCells: [Cell<State>] {
    [
      Cell("pairs", "Eight pictures and their captions") { state, out in
        // ANCHOR: pairs
        state.pictures = try state.captions.map { caption in
          let scene = try Scene(caption: caption)
          return scene.render(Layout(for: scene, seed: out.seed), size: 64)
        }
        out.show("pictures", Tensor(state.pictures))  // [8, C, H, W]
        // ANCHOR_END: pairs
        out.figure(
          "pairs", PictureGrid(state.pictures, columns: 4, labels: state.captions),
          "Eight pictures that are told apart by colour, thing, place and order")
      },
      Cell("tokens", "A caption becomes tokens") { state, out in
        // ANCHOR: tokens
        let tokenizer = state.matcher.tokenizer
        let ids = try state.matcher.ids([state.captions[0]])  // [1, T]
        let rows = ids.values.prefix(11).enumerated().map { place, id -> [any TableValue] in
          [place, tokenizer.vocabulary[Int(id)], Int(id)]
        }
        out.table(["place", "token", "id"], rows)
        out.value("vocabulary", tokenizer.vocabularySize)
        // ANCHOR_END: tokens
      },
      Cell("text", "The text tower") { state, out in
        // ANCHOR: text
        let trace = Trace()
        let ids = try state.matcher.ids([state.captions[0]])  // [1, T]
        _ = withoutGradient { state.matcher.clip.embed(captions: ids, trace: trace) }
        out.ledger(
          trace,
          only: [
            "text.hidden.0", "text.layer.0.q", "text.layer.0.attn_probs", "text.hidden.3",
            "text.final_layer_norm", "text.pooled", "text.projected", "text.embeds",
          ])
        let attention = trace["text.layer.0.attn_probs"] ?? .zeros([1, 4, 20, 20])
        out.show("what the first token sees", attention.at(0, axis: 1).at(0, axis: 1))
        // ANCHOR_END: text
        let mean = attention.at(0, axis: 0).mean(axis: 0)  // [T, T]
        let words = ids.values.prefix(11).map { state.matcher.tokenizer.vocabulary[Int($0)] }
        out.figure(
          "causal",
          HeatMap(
            mean.sliced(axis: 0, 0..<11).sliced(axis: 1, 0..<11),
            "Attention in the first text block", rows: words, columns: words),
          "Who (row) attends to whom (column), mean over four heads")
      },
      Cell("image", "The image tower") { state, out in
        // ANCHOR: image
        let trace = Trace()
        let picture = CLIP.normalised(Tensor([state.pictures[0]]))  // [1, C, H, W]
        _ = withoutGradient { state.matcher.clip.embed(images: picture, trace: trace) }
        out.ledger(
          trace,
          only: [
            "vision.embeddings", "vision.hidden.0", "vision.layer.0.q",
            "vision.layer.0.attn_probs", "vision.hidden.6", "vision.pooled",
            "vision.projected", "vision.embeds",
          ])
        // ANCHOR_END: image
        let count = state.matcher.clip.parameters.reduce(0) { $0 + $1.tensor.count }
        out.note("parameters", Double(count) / 1e6, .fixed(1))
      },
      Cell("similarity", "Every picture with every caption") { state, out in
        // ANCHOR: similarity
        let before = try state.untrained.similarities(state.pictures, state.captions)  // [8, 8]
        state.images = state.matcher.embed(state.pictures)  // [8, E]
        state.texts = try state.matcher.embed(state.captions)  // [8, E]
        let after = matmul(state.images, state.texts, transposeB: true)  // [8, 8]
        out.show("cosines before training", before)
        out.show("cosines after training", after)
        // ANCHOR_END: similarity
        let names = state.captions.indices.map { "\($0 + 1)" }
        out.figure(
          "before",
          HeatMap(before, "Before training", rows: names, columns: names, showsNumbers: true),
          "Cosines of eight pictures (rows) with eight captions (columns), untrained")
        out.figure(
          "after",
          HeatMap(after, "After training", rows: names, columns: names, showsNumbers: true),
          "The same after training: what belongs together is on the diagonal")
      },
    ]
  }
}
