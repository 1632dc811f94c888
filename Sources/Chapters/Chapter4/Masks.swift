// Which tokens see which, that the sparse kernel computes the same as a mask, and what it saves.

import DALLE
import Foundation
import Images
import Notebook
import TensorCore

extension Chapter4 {
  static var maskCells: [Cell<State>] {
    [
      Cell("masks", "Row, column, window") { state, out in
        // ANCHOR: masks
        var rows: [[any TableValue]] = []
        for (side, kernel) in [(16, 7), (32, 11)] {
          let dense = Double(side * side + 1) / 2
          for (name, kind) in kinds(kernel: kernel) {
            let pattern = AttentionPattern(kind, text: 0, rows: side, columns: side)
            let mean = pattern.meanImageKeys
            rows.append(["\(side)×\(side)", name, pattern.keys.most, mean, dense / mean])
          }
        }
        out.table(["grid", "layer", "keys at most", "on average", "times fewer"], rows)
        let c = state.model.configuration
        for layer in 0..<c.layers {
          out.print("layer \(layer + 1)  \(name(of: c.kind(of: layer)))")
        }
        // ANCHOR_END: masks
        out.note("share", visited(c), .percent(0))
        out.note("paper", visited(DALLEConfiguration()), .percent(0))
        out.figure(
          "masks", maskFigure(),
          "One query (dark) of an 8×8 grid and the tokens it sees; below, all queries (rows) and "
            + "keys (columns) of 8 text and 64 image tokens")
      },
      Cell("sparse", "Skipping is masking") { _, out in
        // ANCHOR: sparse
        for (name, kind) in kinds(kernel: 7) {
          let pattern = AttentionPattern(kind, text: 21, rows: 16, columns: 16)
          let (s, d) = (pattern.positions, 64)
          let qkv = Tensor.normal([2, s, 3 * d], &out.random)  // [B, S, 3 D]
          let weights = Tensor.normal([2, s, d], &out.random)

          let a = qkv.detached.requiringGradient()
          let sparse = sparseAttention(a, heads: 4, pattern.keys)  // [B, S, D]
          (sparse * weights).sum().backward()

          let b = qkv.detached.requiringGradient()
          let parts = (0..<3).map { b.sliced(axis: 2, $0 * d..<($0 + 1) * d) }
          let dense = attention(
            parts[0], parts[1], parts[2], heads: 4, mask: .allowed(pattern.mask))
          (dense * weights).sum().backward()

          out.compare("\(name), result", sparse, dense)
          out.compare(
            "\(name), gradient", a.gradient ?? .zeros([0]), b.gradient ?? .zeros([1]), atol: 1e-4)
        }
        // ANCHOR_END: sparse
      },
      Cell("cost", "How cost grows") { _, out in
        // ANCHOR: cost
        let sides = [8, 16, 32, 64]
        let pairs = kinds(kernel: 11).map { _, kind in
          sides.map { side in
            let grid = AttentionPattern(kind, text: 0, rows: side, columns: side)
            return grid.meanImageKeys * Double(side * side)
          }
        }
        let names = kinds(kernel: 11).map(\.key)
        var rows = sides.indices.map { i -> [any TableValue] in
          [sides[i] * sides[i]] + pairs.map { Int($0[i].rounded()) }
        }
        rows.append(
          ["exponent"] + pairs.map { String(format: "%.2f", log($0[3] / $0[1]) / log(16)) })
        out.table(["image tokens"] + names, rows)
        // ANCHOR_END: cost
        let tokens = sides.map { Double($0 * $0) }
        out.figure(
          "cost",
          Plot(
            "Pairs of query and key in one layer",
            x: Axis("image tokens", isLogarithmic: true), y: Axis("pairs", isLogarithmic: true),
            zip(names, pairs).map { .line($0, x: tokens, $1) }),
          "Dense attention is the steepest line: four times the tokens, sixteen times the pairs")
      },
    ]
  }

  /// The patterns of the paper's layers, and dense attention.
  static func kinds(kernel: Int) -> KeyValuePairs<String, AttentionKind> {
    [
      "dense": .full, "row": .row, "column": .column,
      "convolution": .convolution(kernel: kernel, .raster),
    ]
  }

  static func name(of kind: AttentionKind) -> String {
    switch kind {
    case .row: "row"
    case .column: "column"
    case .convolution(let kernel, _): "convolution \(kernel)×\(kernel)"
    default: "dense"
    }
  }

  /// The share of all pairs, text included, that the layers of a model visit.
  private static func visited(_ c: DALLEConfiguration) -> Double {
    let (t, n) = (Double(c.textPositions), Double(c.imageTokens))
    func pairs(_ imageKeys: Double) -> Double { t * (t + 1) / 2 + n * (t + imageKeys) }
    var means: [AttentionKind: Double] = [:]
    let sums = (0..<c.layers).map { layer -> Double in
      let kind = c.kind(of: layer)
      let mean =
        means[kind]
        ?? AttentionPattern(kind, text: 0, rows: c.rows, columns: c.columns).meanImageKeys
      means[kind] = mean
      return pairs(mean)
    }
    return sums.reduce(0, +) / (Double(c.layers) * pairs((n + 1) / 2))
  }

  private static func maskFigure() -> PictureGrid {
    let query = 8 * 4 + 6  // row 4, column 6, counted from 0
    let patterns = kinds(kernel: 5).map { AttentionPattern($1, text: 8, rows: 8, columns: 8) }
    let grids = patterns.map { pattern in
      let shades = (0..<64).map { key -> Float in
        key == query ? 1 : pattern.allows(8 + query, 8 + key) ? 0.45 : 0.06
      }
      return ColorMap.light.image(Tensor(shades).reshaped(8, 8), range: 0...1).enlarged(by: 9)
    }
    let matrices = patterns.map { pattern in
      let shades = (0..<72 * 72).map { entry -> Float in
        let isAllowed = pattern.allows(entry / 72, entry % 72)
        return isAllowed ? (entry / 72 == 8 + query ? 1 : 0.45) : 0.06
      }
      return ColorMap.light.image(Tensor(shades).reshaped(72, 72), range: 0...1)
    }
    return PictureGrid(
      grids + matrices, columns: 4,
      labels: kinds(kernel: 5).map { $0.key == "convolution" ? "convolution 5×5" : $0.key }
        + ["", "", "", ""], scale: 3, gutter: 6)
  }
}
