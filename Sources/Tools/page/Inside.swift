// What a model thought at a place of a picture: what else could have stood there, and where it
// looked.

import DALLE
import NeuralNetwork
import TensorCore
import Text
import TextToImage

extension Studio {
  /// The most likely codes at `place` after the codes before it, with the pictures they would be.
  func alternatives(
    _ caption: String, _ codes: [Int32], place: Int, most: Int,
    _ found: UnsafeMutablePointer<Int32>, _ shares: UnsafeMutablePointer<Float>,
    _ kept: UnsafeMutablePointer<Int32>, _ rgba: UnsafeMutablePointer<UInt8>
  ) {
    let ids = row(caption)  // [T]
    let drawing = TokenDrawing(
      model.decoder, text: IndexTensor(shape: [1, ids.count], ids), random: [Random(seed: 0)],
      options, given: Array(codes[..<place]))
    // Probabilities at the temperature, before tokens are cut off.
    let logits = drawing.logits.scalars  // [K]
    var (scaled, cut) = (logits, logits)
    SamplingOptions(temperature: options.temperature).filter(&scaled)
    options.filter(&cut)
    let likely = Tensor(scaled).softmax(axis: 0).scalars  // [K]
    let order = likely.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(most)
    let takesBest = options.temperature == 0
    var grids: [[Int32]] = []
    for (i, code) in order.enumerated() {
      found[i] = Int32(code)
      shares[i] = takesBest ? (i == 0 ? 1 : 0) : likely[code]
      kept[i] = (takesBest ? i == 0 : cut[code] > -.infinity) ? 1 : 0
      var grid = codes
      grid[place] = Int32(code)
      grids.append(grid)
    }
    paint(grids, rgba)
  }

  /// How much the position that draws `place` looks at each position of the stream, [S].
  func attention(
    _ caption: String, _ codes: [Int32], place: Int, layer: Int, head: Int,
    _ weights: UnsafeMutablePointer<Float>
  ) {
    let ids = row(caption)  // [T]
    let trace = Trace()
    withoutGradient {
      _ = model.transformer.model.hidden(
        text: IndexTensor(shape: [1, ids.count], ids),
        image: IndexTensor(shape: [1, codes.count], codes), trace: trace)
    }
    let probabilities = trace["layer.\(layer).attn_probs"]!  // [1, h, S, S]
    let query = configuration.textPositions + place - 1
    let row = probabilities.at(0, axis: 0).at(head, axis: 0).at(query, axis: 0)  // [S]
    for (i, weight) in row.scalars.enumerated() { weights[i] = weight }
  }
}
