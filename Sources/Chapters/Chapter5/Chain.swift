// The whole chain once, from a string to a file, tensor by tensor.

import CLIP
import DALLE
import DiscreteVAE
import Evaluation
import Foundation
import Images
import NeuralNetwork
import Notebook
import PictureFiles
import Pretrained
import StickerWorld
import TensorCore

extension Chapter5 {
  static var chainCells: [Cell<State>] {
    [
      Cell("words", "Words become logits") { state, out in
        // ANCHOR: words
        let transformer = state.studio.dalle.transformer
        let (model, c) = (transformer.model, transformer.model.configuration)
        let decoder = DALLEDecoder(model)
        let ids = try transformer.ids(state.caption)  // [T], 0 for padding
        let words = ids.prefix { $0 != 0 }.map { transformer.tokenizer.vocabulary[Int($0)] }
        out.print(words.joined(separator: " "))
        let text = IndexTensor(shape: [1, c.textLength], ids)  // [1, T]
        out.show("ids", text)
        out.show("stream", model.stream(text))  // [1, 1 + T]: a start token, own paddings

        let told = decoder.read(text)  // the caption, once
        let free = decoder.read(IndexTensor(shape: text.shape, ids.map { _ in 0 }))
        out.value("prefix", c.layers * 2 * (1 + c.textLength) * c.width)
        out.show("told", told.logits)  // [1, K]
        out.show("free", free.logits)  // [1, K]
        let logits = guided(told.logits, free.logits, SamplingOptions.usual.guidance)
        out.show("guided", logits)  // [1, K]
        // ANCHOR_END: words
        state.logits = logits.scalars
      },
      Cell("tokens", "Logits become tokens") { state, out in
        // ANCHOR: tokens
        let dalle = state.studio.dalle
        let c = dalle.transformer.model.configuration
        var kept = state.logits  // [K]
        SamplingOptions.usual.filter(&kept)
        out.value("left", kept.count { $0 > -.infinity })
        var chance = Random(seed: out.seed).split("candidate").split(0)
        let u = chance.uniform()
        let first = SamplingOptions.usual.draw(state.logits, u)
        out.print("a number in 0 ..< 1: \(String(format: "%.4f", u))")
        out.value("first", Int(first))

        state.drawn = try dalle.draw(state.caption, count: 8, seed: out.seed, .usual)
        let codes = state.drawn.codes  // [8, N]
        let isSame = codes.values[0] == first
        out.print("the library draws \(isSame ? "the same code" : "another one")")
        let grid = IndexTensor(shape: [8, c.rows, c.columns], codes.values)  // [8, h, w]
        out.show("grid", grid, corners: true)
        // ANCHOR_END: tokens
      },
      Cell("pixels", "Tokens become pixels") { state, out in
        // ANCHOR: pixels
        let dvae = state.studio.dalle.dvae
        let c = state.studio.dalle.transformer.model.configuration
        let grid = IndexTensor(shape: [8, c.rows, c.columns], state.drawn.codes.values)
        let statistics = withoutGradient { dvae.decoder(grid) }  // [8, H, W, 2 C]
        let mu = statistics.sliced(axis: 3, 0..<3)  // [8, H, W, C]
        let mapped = mu.sigmoid()  // in 0.1 … 0.9, were it perfect
        let pixels = unmapPixels(mapped).channelsFirst  // [8, C, H, W]
        out.show("statistics", statistics)
        out.show("mapped", mapped)
        out.show("pixels", pixels)
        out.compare("by hand vs. drawn", pixels, state.drawn.pictures)
        // ANCHOR_END: pixels
      },
      Cell("file", "Pixels become a file") { state, out in
        // ANCHOR: file
        let matcher = state.studio.dalle.matcher
        let normalised = CLIP.normalised(state.drawn.pictures)  // [8, C, H, W], mean about 0
        let images = withoutGradient { matcher.clip.embed(images: normalised) }  // [8, E]
        let ids = try matcher.ids([state.caption])  // [1, T], CLIP's own tokens
        let text = withoutGradient { matcher.clip.embed(captions: ids) }  // [1, E]
        let cosines = matmul(images, text, transposeB: true).flattened  // [8]
        let order = Ranking(cosines.scalars).order
        out.show("normalised", normalised)
        out.show("image embeddings", images)
        out.show("CLIP's ids", ids)
        out.show("text embedding", text)
        out.show("cosines", cosines)
        out.show("order", IndexTensor(order.map { Int32($0) }))

        let ranked = try state.studio.dalle.ranked(state.drawn, state.caption)
        out.print("the library's order is \(ranked.map(\.candidate) == order ? "the same" : "not")")
        let best = Image(state.drawn.pictures.at(order[0], axis: 0))
        out.value("bytes", best.pngData().count)
        // ANCHOR_END: file
        out.figure(
          "chain",
          PictureGrid(
            ranked.map(\.picture), columns: 4,
            labels: ranked.map { String(format: "%d: %.3f", $0.candidate, $0.score) }, scale: 3),
          "Eight candidates for “\(state.caption)”, the best first, each with its number and its "
            + "cosine")
      },
    ]
  }
}
