// One stream: a caption and a picture as a row of tokens, and as a row of vectors.

import DALLE
import NeuralNetwork
import Notebook
import TensorCore

extension Chapter4 {
  static var streamCells: [Cell<State>] {
    [
      Cell("stream", "A caption and a picture in one row") { state, out in
        // ANCHOR: stream
        let (model, tokenizer) = (state.model, state.painter.transformer.tokenizer)
        let ids = model.stream(state.text)  // [1, 1 + T]
        let words = tokenizer.vocabularySize
        out.table(
          ["position", "token", "id"],
          ids.values.prefix(13).enumerated().map { position, id in
            let isPadding = Int(id) >= words
            let token = isPadding ? "padding \(Int(id) - words)" : tokenizer.vocabulary[Int(id)]
            return [position, token, Int(id)]
          })
        out.show("the picture's first 8 tokens", IndexTensor(Array(state.codes.values.prefix(8))))
        out.value("vocabulary", words)
        // ANCHOR_END: stream
        out.note("positions", model.configuration.positions)
      },
      Cell("embedding", "Every token becomes a vector") { state, out in
        // ANCHOR: embedding
        let (model, c) = (state.model, state.model.configuration)
        let text = model.textEmbeddings(model.stream(state.text))  // [1, 1 + T, D]
        let placedText = text + model.textPositions.weight  // [1, 1 + T, D]

        let image = model.imageEmbeddings(state.codes)  // [1, N, D]
        let row = model.rowEmbeddings.weight.reshaped(c.rows, 1, c.width)
        let column = model.columnEmbeddings.weight.reshaped(1, c.columns, c.width)
        let place = (row + column).reshaped(c.imageTokens, c.width)  // [N, D]
        let placedImage = image + place  // [1, N, D]

        // The last token predicts nothing, so it is never read.
        let stream = concatenate([placedText, placedImage], axis: 1)
          .sliced(axis: 1, 0..<c.positions)  // [1, T + N, D]
        out.ledger([
          "text tokens": text, "with positions": placedText, "image tokens": image,
          "rows": row, "columns": column, "rows + columns": place,
          "with places": placedImage, "stream": stream,
        ])
        let trace = Trace()
        _ = withoutGradient { model.hidden(text: state.text, image: state.codes, trace: trace) }
        out.compare("by hand vs. the model's", stream, trace["embeddings"] ?? .zeros([0]))
        // ANCHOR_END: embedding
        out.figure(
          "architecture", architecture(),
          "The stream: what is added up for each token, and what each position predicts")
      },
    ]
  }
}
