// Which tokens see which, what that saves, and that skipping a key is masking it.

import DALLE
import Images
import Notebook
import TensorCore

extension Chapter4 {
  static var maskCells: [Cell<State>] {
    [
      Cell("masks", "Row, column, window") { state, out in
        // ANCHOR: masks
        let layers: KeyValuePairs<String, AttentionKind> = [
          "dense": .full, "row": .row, "column": .column,
          "convolution 7×7": .convolution(kernel: 7, .raster),
          "convolution 11×11": .convolution(kernel: 11, .raster),
        ]
        let seen = layers.map { _, kind in
          [16, 32, 64].map { side in
            AttentionPattern(kind, text: 0, rows: side, columns: side).meanImageKeys
          }
        }
        out.table(
          "image tokens that a query sees, on average", ["layer", "16×16", "32×32", "64×64"],
          zip(layers, seen).map { [$0.key, $1[0], $1[1], $1[2]] })
        // ANCHOR_END: masks
        for (name, i) in [("row", 1), ("column", 2), ("window", 4)] {
          out.note(name, seen[0][1] / seen[i][1], .fixed(0))
        }
        out.note("share", visited(state.model.configuration), .percent(0))
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
        .withBorders(after: 8)
    }
    return PictureGrid(
      grids + matrices, columns: 4,
      labels: kinds(kernel: 5).map { name(of: $0.value) }
        + Array(repeating: "8 text | 64 image", count: 4),
      rows: ["picture", "queries × keys"], scale: 3, gutter: 6)
  }
}

extension Image {
  /// A grey line after the first `count` columns, and one after as many rows.
  fileprivate func withBorders(after count: Int) -> Image {
    var result = Image(width: width + 1, height: height + 1, fill: (128, 128, 128))
    for y in 0..<height {
      for x in 0..<width {
        result[x < count ? x : x + 1, y < count ? y : y + 1] = self[x, y]
      }
    }
    return result
  }
}
