// Encoder, decoder, and how likely a pixel is.

import DiscreteVAE
import Foundation
import Images
import NeuralNetwork
import Notebook
import TensorCore

extension Chapter3 {
  static var networkCells: [Cell<State>] {
    [
      Cell("encoder", "From pixels to logits") { state, out in
        // ANCHOR: encoder
        let trace = Trace()
        let mapped = mapPixels(state.picture).channelsLast  // [1, 64, 64, 3]
        let logits = withoutGradient { state.dvae.encoder(mapped, trace: trace) }  // [1, 16, 16, K]
        out.ledger(trace)
        state.tokens = logits.argmax(axis: 3)  // [1, 16, 16]
        out.show("the first 8 × 8 tokens", state.tokens.corner(8))
        let divergence = divergenceFromUniform(logits).mean().item
        out.value("nats", divergence, .fixed(2))
        // ANCHOR_END: encoder
      },
      Cell("decoder", "From codes to statistics") { state, out in
        // ANCHOR: decoder
        let trace = Trace()
        let codes = oneHot(state.tokens, classes: 1024)  // [1, 16, 16, K]
        let statistics = withoutGradient { state.dvae.decoder(codes, trace: trace) }
        out.ledger(trace)
        out.show("μ and ln b of each channel", statistics)  // [1, 64, 64, 6]
        let again = state.dvae.decode(state.tokens)  // [1, 3, 64, 64]
        out.value("psnr", psnrOfPictures(again, state.picture), .fixed(1))
        // ANCHOR_END: decoder
        // Below the floor a number of the network means nothing: no gradient ever reached it.
        let floor = state.dvae.configuration.logScaleFloor
        let scale = statistics.sliced(axis: 3, 3..<6).clamped(floor, 10).mean(axis: 3)
          .reshaped(64, 64)
        let error = (again - state.picture).abs().mean(axis: 1).reshaped(64, 64)
        out.note("correlation", correlation(scale, error), .fixed(2))
        out.figure(
          "scale",
          PictureGrid(
            [
              Image(state.picture.at(0, axis: 0)), Image(again.at(0, axis: 0)),
              ColorMap.dark.image(scale), ColorMap.dark.image(error, range: 0...0.3),
            ], columns: 4, labels: ["picture", "from its tokens", "ln b", "true error"], scale: 3),
          "How unsure the decoder is, ln b from its floor of \(floor) (dark) up, and how wrong it is, "
            + "means of the channels")
      },
      Cell("laplace", "How likely a pixel is") { _, out in
        // ANCHOR: laplace
        let x = Tensor((1..<4000).map { Float($0) / 4000 })  // [n]
        func density(_ mean: Float, _ scale: Float) -> Tensor {
          let shape = x.shape
          let logScale = Tensor(repeating: Float(log(Double(scale))), shape: shape)
          return logitLaplace(x, mean: Tensor(repeating: mean, shape: shape), logScale: logScale)
            .exp()
        }
        let curves = [(0, 0.5), (0, 0.1), (1.5, 0.5), (-2, 0.2)] as [(Float, Float)]
        out.table(
          ["μ", "b", "integral over 0 … 1"],
          curves.map { ["\($0)", "\($1)", Double(density($0, $1).sum().item / 4000)] })
        // ANCHOR_END: laplace
        let places = x.scalars.map(Double.init)
        out.figure(
          "laplace",
          Plot(
            "The logit-Laplace distribution", x: "x", y: Axis("density", range: 0...8),
            curves.map { mean, scale in
              .line(
                "μ = \(mean), b = \(scale)", x: places,
                density(mean, scale).scalars.map(Double.init))
            }),
          "Densities over 0 … 1: a Laplace distribution of logit x")
      },
      Cell("mapping", "Why pixels are mapped") { _, out in
        // ANCHOR: mapping
        let levels: [Float] = [0, 1, 64, 128, 254, 255]
        let rows = levels.map { level -> [any TableValue] in
          let x = Tensor(level / 255)
          let mapped = mapPixels(x)
          let plain =
            level == 0 || level == 255 ? "infinite" : String(format: "%.3f", x.logit().item)
          return [Int(level), plain, Double(mapped.item), Double(mapped.logit().item)]
        }
        out.table(["level", "logit", "mapped", "logit of the mapped"], rows)
        // ANCHOR_END: mapping
      },
    ]
  }
}

/// The correlation of the numbers of two tensors, -1 … 1.
func correlation(_ a: Tensor, _ b: Tensor) -> Double {
  let (x, y) = (a - a.mean(), b - b.mean())
  let lengths = (x.square().sum() * y.square().sum()).squareRoot()
  return Double(((x * y).sum() / lengths).item)
}

/// The PSNR, in dB, between pictures in 0 … 1 of one shape.
func psnrOfPictures(_ a: Tensor, _ b: Tensor) -> Double {
  -10 * log10(Double((a - b).square().mean().item))
}

extension IndexTensor {
  /// The upper left n × n of [1, h, w].
  fileprivate func corner(_ n: Int) -> IndexTensor {
    let w = shape[2]
    return IndexTensor(
      shape: [n, n], (0..<n).flatMap { row in (0..<n).map { values[row * w + $0] } })
  }
}
