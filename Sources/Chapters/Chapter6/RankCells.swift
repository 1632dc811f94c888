// How low is the rank of a gradient, and what becomes of training if only that much of it travels?

import Chapter4
import Collectives
import Foundation
import GradientCompression
import LinearAlgebra
import NeuralNetwork
import Notebook
import TensorCore

extension Chapter6 {
  static var rankCells: [Cell<State>] {
    [
      Cell("spectrum", "The singular values of real gradients") { state, out in
        // ANCHOR: spectrum
        let model = state.painter.transformer.model
        for parameter in model.parameters { parameter.tensor.clearGradient() }
        let pairs = try Pairs(.train, count: 16, seed: out.seed, state.painter)  // one step's
        model(text: pairs.text, image: pairs.codes).total.backward()
        state.gradients = model.parameters.compactMap { parameter in
          parameter.tensor.gradient.map { (parameter.name, $0) }
        }
        let shown = state.gradients.compactMap { name, gradient in
          shownGradients[name].map { (name: $0, tensor: gradient) }
        }
        let ranks = [1, 4, 16, 48, 96]
        out.table(
          ["% of the squared norm in the first", "rank"] + ranks.map(String.init),
          shown.map { name, gradient -> [any TableValue] in
            let shares = cumulatedShares(of: gradient)
            return [name, min(gradient.shape[0], gradient.shape[1])]
              + ranks.map { String(format: "%.1f", shares[$0 - 1] * 100) }
          })
        // ANCHOR_END: spectrum
        out.figure(
          "spectrum",
          Plot(
            "How much of a gradient a low rank holds", x: Axis("rank", isLogarithmic: true),
            y: "share of the squared norm",
            shown.filter { !$0.name.hasSuffix("output") }.map { name, gradient in
              let shares = cumulatedShares(of: gradient)
              return .line(name, x: shares.indices.map { Double($0 + 1) }, shares)
            }),
          "The share of a gradient's squared norm in its first singular values")
      },
      Cell("power", "Two narrow matrices for a wide one") { state, out in
        // ANCHOR: power
        guard let gradient = state.gradients.first(where: { $0.name.contains(wide) })?.tensor
        else { preconditionFailure("no gradient is called \(wide)") }
        let (m, n) = (gradient.shape[0], gradient.shape[1])
        let shares = cumulatedShares(of: gradient)
        out.table(
          ["rank", "least error possible", "one step", "the fourth, warm", "numbers, of m n"],
          [1, 2, 4, 8, 16, 32].map { (r: Int) -> [any TableValue] in
            var q = Tensor.normal([n, r], &out.random)  // [n, r]
            var errors: [Double] = []
            for _ in 0..<4 {
              let p = gramSchmidt(matmul(gradient, gramSchmidt(q)))  // [m, r]
              q = matmul(gradient, p, transposeA: true)  // [n, r]
              errors.append(length(gradient - matmul(p, q, transposeB: true)) / length(gradient))
            }
            let least = max(0, 1 - shares[r - 1]).squareRoot()
            let numbers = Double(r * (m + n)) / Double(m * n)
            return [r] + [least, errors[0], errors[3], numbers].map { percent($0) }
          })
        // ANCHOR_END: power
        out.note("rows", m)
        out.note("columns", n)
      },
      Cell(
        "feedback", "What the errors are kept for",
        full: FullRun("about 6 minutes on two cores") { state, out in
          try out.keep("feedback", try feedbackRuns(state.painter, seed: out.seed))
        }
      ) { _, out in
        // ANCHOR: feedback
        let runs = try out.recorded("feedback", as: [LearningRun].self)
        let exact = runs[0].loss
        out.table(
          ["gradients", "% of the bytes", "validation loss", "above exact"],
          runs.map { run -> [any TableValue] in
            [
              run.name, percent(run.sent), String(format: "%.4f", run.loss),
              percent(run.loss / exact - 1),
            ]
          })
        // ANCHOR_END: feedback
        out.figure(
          "feedback",
          Plot(
            "The same steps with less of each gradient", x: "step",
            y: Axis("nats per token", isLogarithmic: true),
            runs.map { .line($0.name, x: $0.steps.map(Double.init), $0.losses) }),
          "Validation losses of a transformer of width 64, every 50 steps")
      },
      Cell(
        "ranks", "The smallest rank that loses nothing",
        full: FullRun("about 15 minutes on two cores") { state, out in
          try out.keep("ranks", try rankRuns(state.painter, seed: out.seed))
        }
      ) { _, out in
        // ANCHOR: ranks
        let widths = try out.recorded("ranks", as: [WidthRuns].self)
        out.table(
          ["width", "exact", "another seed"] + WidthRuns.ranks.map { "rank \($0)" },
          widths.map { width -> [any TableValue] in
            [width.width, String(format: "%.4f", width.exact.loss)]
              + ([width.other] + width.compressed).map { percent($0.loss / width.exact.loss - 1) }
          })
        out.table(
          ["the paper's width", "smallest rank", "% saved", "rank / width"],
          [(1920, 512), (2688, 640), (3968, 896)].map { d, r -> [any TableValue] in
            let saving = BlockTraffic(width: d, rank: r).saving
            return [d, r, percent(saving), String(format: "%.2f", Double(r) / Double(d))]
          })
        // ANCHOR_END: ranks
      },
    ]
  }

  private static let wide = "layers.2.mlp.dense_h_to_4h.weight"

  /// Names for the gradients that are shown.
  private static let shownGradients: [String: String] = {
    let matrices = [
      "attention.query_key_value": "queries, keys, values", "attention.dense": "attention's output",
      "mlp.dense_h_to_4h": "MLP, first", "mlp.dense_4h_to_h": "MLP, second",
    ]
    var names: [String: String] = [:]
    for (layer, block) in [(0, "block 1"), (5, "block 6")] {
      for (matrix, title) in matrices {
        names["transformer.layers.\(layer).\(matrix).weight"] = "\(block), \(title)"
      }
    }
    return names
  }()

  // ANCHOR: shares
  /// The share of a matrix's squared norm in its first 1, 2, 3 … singular values. The squares of these
  /// are the eigenvalues of G Gᵀ.
  static func cumulatedShares(of gradient: Tensor) -> [Double] {
    let isWide = gradient.shape[0] <= gradient.shape[1]
    let square =  // G Gᵀ or Gᵀ G, whichever is smaller
      isWide
      ? matmul(gradient, gradient, transposeB: true)
      : matmul(gradient, gradient, transposeA: true)
    let size = square.shape[0]
    let matrix = SymmetricMatrix(size: size, values: square.scalars.map(Double.init))
    let values = matrix.eigen().values.reversed().map { max(0, $0) }
    let total = values.reduce(0, +)
    var sum = 0.0
    return values.map { value in
      sum += value
      return sum / total
    }
  }
  // ANCHOR_END: shares

  /// The square root of the sum of all squares.
  private static func length(_ x: Tensor) -> Double { Double((x * x).sum().item).squareRoot() }

  static func percent(_ share: Double) -> String { String(format: "%.1f", share * 100) }
}
