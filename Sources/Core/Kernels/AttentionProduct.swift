// The matrix products of attention: those of MatrixProduct.swift for one head on one thread, with
// the parts left out that a causal mask makes zero.

import Vectors

/// A matrix in panels.
struct Panels {
  enum Orientation { case plain, transposed }
  let pointer: UnsafeMutablePointer<Float>
  /// The summed index, and the columns of the product.
  let k: Int
  let n: Int

  /// From a matrix [rows, columns] whose rows are `stride` apart.
  init(
    _ x: UnsafePointer<Float>, _ stride: Int, rows: Int, columns: Int, _ orientation: Orientation
  ) {
    let plain = MatrixView(x, rowStride: stride)
    switch orientation {
    case .plain: (k, n) = (rows, columns)
    case .transposed: (k, n) = (columns, rows)
    }
    pointer = Memory.allocate(panelCount(k: k, n: n))
    packPanelsSerial(orientation == .plain ? plain : plain.transposed, k: k, n: n, into: pointer)
  }

  func free() { Memory.free(pointer, panelCount(k: k, n: n)) }
}

/// C = A · panels for some rows of scores. Row i gets its first `columns(i)` columns; C has room
/// for whole panels.
func multiplyScores(
  rows: Int, _ a: UnsafePointer<Float>, _ aStride: Int, _ panels: Panels,
  into c: UnsafeMutablePointer<Float>, _ cStride: Int, columns: (Int) -> Int
) {
  for row in stride(from: 0, to: rows, by: Tile.rows) {
    let count = min(Tile.rows, rows - row)
    let view = Rows(a + row * aStride, stride: aStride, count: count)
    let needed = min(panels.n, columns(row + count - 1))
    for panel in 0..<Tile.panels(needed) {
      let column = panel * Tile.columns
      multiplyTile(
        view, steps: panels.k, panel: panels.pointer + column * panels.k, start: .zero,
        into: Target(
          c + row * cStride + column, stride: cStride, rows: count, columns: Tile.columns))
    }
  }
}

/// C = A · panels for some rows of probabilities. Row i sums over its first `steps(i)` values.
func multiplyProbabilities(
  rows: Int, _ a: UnsafePointer<Float>, _ aStride: Int, _ panels: Panels,
  into c: UnsafeMutablePointer<Float>, _ cStride: Int, steps: (Int) -> Int
) {
  for row in stride(from: 0, to: rows, by: Tile.rows) {
    let count = min(Tile.rows, rows - row)
    let view = Rows(a + row * aStride, stride: aStride, count: count)
    for panel in 0..<Tile.panels(panels.n) {
      multiplyTile(
        view, steps: steps(row + count - 1),
        panel: panels.pointer + panel * Tile.columns * panels.k, start: .zero,
        into: Target(c, cStride, row: row, of: rows, panel: panel, of: panels.n))
    }
  }
}

/// C[key, :] (+)= Σ of S[query, key] · B[query, :] over `count` queries from `first` on; the first
/// block of queries overwrites C.
func multiplyTransposed(
  _ s: AttentionProblem, _ first: Int, _ count: Int, _ scores: UnsafePointer<Float>,
  _ panels: Panels, into c: UnsafeMutablePointer<Float>, _ cStride: Int
) {
  for key in stride(from: 0, to: s.keys, by: Tile.rows) {
    let skipped = min(count, max(0, s.firstQuery(key) - first))
    for panel in 0..<Tile.panels(panels.n) {
      multiplyTile(
        columns: scores + skipped * s.keyStride + key, aStride: s.keyStride,
        steps: count - skipped,
        panel: panels.pointer + (panel * panels.k + skipped) * Tile.columns,
        start: Start.zero.block(first, c, cStride, row: key, panel: panel),
        into: Target(c, cStride, row: key, of: s.keys, panel: panel, of: panels.n))
    }
  }
}
