// Where a trained transformer looks.

import ClassifierTraining
import Images
import NeuralNetwork
import Notebook
import StickerWorld
import TensorCore
import VisionTransformer

extension Chapter1 {
  static var inspectionCells: [Cell<State>] {
    [
      Cell("maps", "Where the class token looks") { state, out in
        // ANCHOR: maps
        let layers = (0..<6).compactMap { state.trace["layer.\($0).attn_probs"] }  // [1, h, T, T]
        let rollout = attentionRollout(layers)  // [1, N]
        let peak = rollout.argmax(axis: 1).values[0]
        out.heatMap("rollout in ‰", (rollout * 1000).reshaped(8, 8))
        out.print("the largest share comes from row \(peak / 8), column \(peak % 8)")
        // ANCHOR_END: maps
        out.note("largest", (rollout.scalars.max() ?? 0), .percent(0))
        let picture = Image(state.picture.at(0, axis: 0))
        var (images, labels) = ([picture], ["picture"])
        for (i, layer) in layers.enumerated() where i % 2 == 1 {
          for head in 0..<2 {
            let row = layer.at(0, axis: 0).at(head, axis: 0).at(0, axis: 0)  // [T]
            let map = ColorMap.dark.image(row.sliced(axis: 0, 1..<65).reshaped(8, 8))
            images.append(map.enlarged(by: 8))
            labels.append("layer \(i + 1) head \(head + 1)")
          }
        }
        images.append(ColorMap.dark.image(rollout.reshaped(8, 8)).enlarged(by: 8))
        labels.append("rollout")
        out.figure(
          "attention", PictureGrid(images, columns: 4, labels: labels, scale: 3),
          "Attention of the class token in two heads of three layers, and the rollout of all")
      },
      Cell("distance", "How far heads look") { state, out in
        // ANCHOR: distance
        var random = out.random
        let stickers = LabelledStickers(.validation, count: 64, using: &random)
        let trace = Trace()
        _ = withoutGradient { state.classifier.features(stickers.images, trace: trace) }
        let distances = (0..<6).map { layer in
          meanAttentionDistances(
            trace["layer.\(layer).attn_probs"] ?? .zeros([1, 4, 65, 65]), grid: (8, 8), patch: 8)
        }
        out.table(
          ["layer", "nearest head", "farthest head"],
          distances.enumerated().map { layer, heads in
            [layer + 1, Double(heads.min() ?? 0), Double(heads.max() ?? 0)]
          })
        // ANCHOR_END: distance
        let places = distances.enumerated().flatMap { layer, heads in
          heads.map { (Double(layer + 1), Double($0)) }
        }
        // Even attention over an 8×8 grid of patches, as the unit test computes it.
        let even = meanAttentionDistances(
          Tensor(repeating: 1 / 65, shape: [1, 1, 65, 65]), grid: (8, 8), patch: 8)[0]
        out.note("even", even, .fixed(1))
        out.figure(
          "distance",
          Plot(
            "Mean attention distance", x: Axis("layer", range: 0.5...6.5),
            y: Axis("pixels", range: 0...40),
            .points("heads", x: places.map(\.0), places.map(\.1)), .level("even attention", even)),
          "Every head of every layer, over 64 pictures")
      },
    ]
  }
}
