// Watching the model draw: where it looks, and what a step of decoding computes.

import DALLE
import Images
import NeuralNetwork
import Notebook
import TensorCore

extension Chapter4 {
  static var lookingCells: [Cell<State>] {
    [
      Cell("attention", "Where it looks while it draws") { state, out in
        // ANCHOR: attention
        let c = state.model.configuration
        state.drawn = state.decoder.draw(
          state.text.values, candidates: 0..<1, seed: out.seed, SamplingOptions(temperature: 0.5))
        _ = withoutGradient {
          state.model.hidden(text: state.text, image: state.drawn, trace: state.trace)
        }
        let maps = (0..<c.layers).compactMap { state.trace["layer.\($0).attn_probs"] }
          .map { $0.mean(axis: 1).at(0, axis: 0) }  // [S, S] in each layer, mean of the heads
        // ANCHOR_END: attention
        let words = 1 + state.text.values.count { $0 != 0 }  // the start token is one of them
        let wordMap = textMap(state, maps, words)
        out.figure(
          "words", wordMap,
          "Attention to the caption, in %, of the position that predicts a token in the middle of "
            + "the lower half, mean of the heads; all paddings are taken together")
        out.figure(
          "places", placeGrid(state, maps),
          "What the position that predicts the framed token sees of the picture in layers of three kinds, "
            + "each map from its smallest to its largest weight; grey is what it cannot see")
      },
      Cell("cache", "One step of attention by hand") { state, out in
        // ANCHOR: cache
        let c = state.model.configuration
        let d = c.width
        let noted = ["qkv", "context"].map { state.trace["layer.0.\($0)"] ?? .zeros([0]) }
        let (qkv, context) = (noted[0].at(0, axis: 0), noted[1].at(0, axis: 0))  // [S, 3 D], [S, D]
        let (keys, values) = (
          qkv.sliced(axis: 1, d..<2 * d), qkv.sliced(axis: 1, 2 * d..<3 * d)
        )
        let position = c.textPositions + 100
        let seen = (0...position).filter { c.patterns[0].allows(position, $0) }
        let places = IndexTensor(seen.map { Int32($0) })

        // New in this step: a query, a key and a value. All the others were there before.
        let query = qkv.sliced(axis: 0, position..<position + 1).sliced(axis: 1, 0..<d)  // [1, D]
        let step = attention(
          query.reshaped(1, 1, d), embedding(keys, places).reshaped(1, seen.count, d),
          embedding(values, places).reshaped(1, seen.count, d), heads: c.heads)  // [1, 1, D]
        out.value("keys", seen.count)
        out.value("before", position + 1)
        out.compare(
          "one query vs. the whole stream's", step.flattened, context.at(position, axis: 0))

        let (t, n) = (c.textPositions, c.imageTokens)
        out.value("anew", (0..<n).reduce(0) { $0 + t + $1 })
        out.value("cached", t + n - 1)
        // ANCHOR_END: cache
        out.figure(
          "cache", cacheDrawing(),
          "One step of decoding in one layer: only what is coloured is computed, what is grey was kept"
        )
      },
      Cell("decoding", "A picture, token by token") { state, out in
        // ANCHOR: decoding
        let c = state.model.configuration
        var streams = state.decoder.read(state.text)  // the caption, once
        var cached: [Tensor] = []
        var codes: [Int32] = []
        while true {
          let logits = streams.logits.at(0, axis: 0)  // [K]
          cached.append(logits)
          codes.append(logits.argmax(axis: 0).values[0])  // greedy
          if codes.count == c.imageTokens { break }
          state.decoder.add(IndexTensor(shape: [1, 1], [codes[codes.count - 1]]), to: &streams)
        }

        let image = IndexTensor(shape: [1, c.imageTokens], codes)
        let hidden = withoutGradient { state.model.hidden(text: state.text, image: image) }
        let whole = withoutGradient { state.model.logits(hidden) }  // [1, S, V + K]
          .sliced(axis: 1, c.textLength..<c.positions)
          .sliced(axis: 2, c.textIDs..<c.textIDs + c.imageVocabulary)  // [1, N, K]
        out.compare(
          "logits, cached vs. all at once", stack(cached, axis: 0), whole.at(0, axis: 0),
          atol: 1e-4)
        // ANCHOR_END: decoding
        out.figure(
          "steps",
          PictureGrid(
            stride(from: 2, through: 16, by: 2).map {
              state.painter.beginning(of: image, rows: $0)
            }, columns: 4, labels: (1...8).map { "\(2 * $0) rows" }),
          "The greedy picture while it grows: after 2, 4, 6, … rows of tokens")
      },
    ]
  }

  /// The two tokens to examine while they are predicted: row and column.
  private static let looked = [(row: 4, column: 8), (row: 11, column: 8)]

  /// The position that predicts a token is that of the token before it.
  private static func query(_ place: (row: Int, column: Int), _ c: DALLEConfiguration) -> Int {
    c.textLength + c.columns * place.row + place.column
  }

  /// Layers × words: start, the words, all padding together.
  private static func textMap(_ state: State, _ maps: [Tensor], _ words: Int) -> HeatMap {
    let c = state.model.configuration
    let ids = state.model.stream(state.text).values[1..<words]
    let labels = ids.map { id in
      ((try? state.painter.transformer.tokenizer.decode([id])) ?? "").trimmingCharacters(
        in: .whitespaces)
    }
    let rows = maps.map { map -> [Float] in
      let weights = map.at(query(looked[1], c), axis: 0).scalars
      let padding = weights[words..<c.textPositions].reduce(0, +)
      return (weights[..<words] + [padding]).map { ($0 * 1000).rounded() / 10 }
    }
    return HeatMap(
      Tensor(rows), rows: maps.indices.map { "layer \($0 + 1)" },
      columns: ["start"] + labels + ["padding"], map: .light,
      showsNumbers: true)
  }

  /// For each looked-at token the picture with a frame around it, and maps of four layers.
  private static func placeGrid(_ state: State, _ maps: [Tensor]) -> PictureGrid {
    let c = state.model.configuration
    let picture = Image(state.painter.decode(state.drawn).at(0, axis: 0))
    let shown = [0, 1, c.layers - 1]  // a row, a column, a window
    var images: [Image] = []
    for place in looked {
      images.append(picture.framed(x: 4 * place.column, y: 4 * place.row, side: 4))
      let position = query(place, c)
      for layer in shown {
        let weights = maps[layer].at(position, axis: 0).scalars[c.textPositions...]
        // The last image token has no position of its own.
        let cells = (0..<c.imageTokens).map { key -> Float in
          let isSeen =
            key < weights.count && c.patterns[layer].allows(position, c.textPositions + key)
          return isSeen ? weights[weights.startIndex + key] : .nan
        }
        let map = ColorMap.dark.image(Tensor(cells).reshaped(c.rows, c.columns))
        images.append(map.enlarged(by: 4))
      }
    }
    let labels = shown.map { "layer \($0 + 1), \(name(of: c.kind(of: $0)))" }
    return PictureGrid(
      images, columns: 4, labels: ["picture"] + labels + Array(repeating: "", count: 4), scale: 3)
  }
}

extension Image {
  /// A white frame with a black one around it, outside a square.
  fileprivate func framed(x: Int, y: Int, side: Int) -> Image {
    var image = self
    for (distance, color) in [(1, (255, 255, 255)), (2, (0, 0, 0))] as [(Int, Image.Color)] {
      for i in -distance..<side + distance {
        for (px, py) in [
          (x + i, y - distance), (x + i, y + side + distance - 1), (x - distance, y + i),
          (x + side + distance - 1, y + i),
        ] {
          image[px, py] = color
        }
      }
    }
    return image
  }
}
