// Operands of matrix products in the order in which tiles read them.

import Vectors

/// The number of floats that `packPanels` writes for a K × N matrix.
public func panelCount(k: Int, n: Int) -> Int { Tile.panels(n) * Tile.columns * k }

/// Copies B [K, N] into panels of w = `Tile.columns` columns, zero-padded:
/// `panels[(j / w) · w K + p · w + j % w]`.
public func packPanels(
  _ b: MatrixView, k: Int, n: Int, into panels: UnsafeMutablePointer<Float>
) {
  let perChunk = max(1, 16_384 / (Tile.columns * max(k, 1)))
  parallelFor(Tile.panels(n), grain: perChunk) { range in
    for panel in range { packPanel(panel, of: b, k: k, n: n, into: panels) }
  }
}

/// The same on the calling thread.
func packPanelsSerial(
  _ b: MatrixView, k: Int, n: Int, into panels: UnsafeMutablePointer<Float>
) {
  for panel in 0..<Tile.panels(n) { packPanel(panel, of: b, k: k, n: n, into: panels) }
}

private func packPanel(
  _ panel: Int, of b: MatrixView, k: Int, n: Int, into panels: UnsafeMutablePointer<Float>
) {
  let column = panel * Tile.columns
  packPanel(
    b.pointer + column * b.columnStride, b.rowStride, b.columnStride, steps: k,
    columns: min(Tile.columns, n - column), into: panels + column * k)
}

/// One panel of up to `Tile.columns` columns.
func packPanel(
  _ b: UnsafePointer<Float>, _ rowStride: Int, _ columnStride: Int, steps: Int, columns: Int,
  into panel: UnsafeMutablePointer<Float>
) {
  let width = Tile.columns
  if columns < width { panel.update(repeating: 0, count: steps * width) }
  if columnStride == 1 {
    if columns == width {
      for p in 0..<steps {
        for i in stride(from: 0, to: width, by: 8) {
          (panel + p * width).store8(i, (b + p * rowStride).load8(i))
        }
      }
    } else {
      for p in 0..<steps { (panel + p * width).update(from: b + p * rowStride, count: columns) }
    }
    return
  }
  let wholeColumns = rowStride == 1 ? columns & ~7 : 0
  let wholeSteps = rowStride == 1 ? steps & ~7 : 0
  for j in stride(from: 0, to: wholeColumns, by: 8) {
    for p in stride(from: 0, to: wholeSteps, by: 8) {
      transpose8(b + j * columnStride + p, columnStride, into: panel + p * width + j, width)
    }
  }
  for j in 0..<columns {
    for p in (j < wholeColumns ? wholeSteps : 0)..<steps {
      panel[p * width + j] = b[j * columnStride + p * rowStride]
    }
  }
}

/// `count` rows of A whose columns are contiguous, in blocks of a tile's rows, step by step and
/// zero-padded. Every column is read once from end to end; whole blocks are written eight values at
/// a time. Where a tile has six rows the next step overwrites two of these, and a block has room for
/// two after its last step.
func packColumns(
  _ a: UnsafePointer<Float>, stride: Int, steps: Int, count: Int,
  into packed: UnsafeMutablePointer<Float>, blockSize: Int
) {
  let rows = Tile.rows
  // Blocks for which eight values can be read.
  let whole = max(0, (count - (8 - rows)) / rows)
  let rest = count - whole * rows
  for step in 0..<steps {
    let source = a + step * stride
    let target = packed + step * rows
    for block in 0..<whole { (target + block * blockSize).store8(0, source.load8(block * rows)) }
    if rest == 0 { continue }
    for first in Swift.stride(from: 0, to: rest, by: rows) {
      let last = target + (whole + first / rows) * blockSize
      for i in 0..<rows { last[i] = first + i < rest ? source[whole * rows + first + i] : 0 }
    }
  }
}
