// C = A · B and its transposed forms: PlainKernels/MatrixProduct.swift, made fast by tiles of
// 6 × 16 results that stay in registers (Vectors/Tile.swift). B is copied once into panels of 16
// columns, so that a step of the inner loop reads one cache line; rows of A are read in place, and
// columns of A (for weight gradients) are copied into panels of 6. Chunks of rows or panels share
// the threads.

import Vectors

/// A matrix in memory: element (i, j) at `pointer[i · rowStride + j · columnStride]`.
/// One of the strides is 1.
public struct MatrixView {
  /// Element (0, 0).
  public var pointer: UnsafePointer<Float>
  /// Distance between rows.
  public var rowStride: Int
  /// Distance between columns.
  public var columnStride: Int

  /// Wraps existing memory; nothing is copied.
  public init(_ pointer: UnsafePointer<Float>, rowStride: Int, columnStride: Int = 1) {
    self.pointer = pointer
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  /// The same memory read as the transposed matrix.
  public var transposed: MatrixView {
    MatrixView(pointer, rowStride: columnStride, columnStride: rowStride)
  }
}

/// The number of floats that `packPanels` writes for a K × N matrix.
public func panelCount(k: Int, n: Int) -> Int { (n + 15) / 16 * 16 * k }

/// Copies B [K, N] into panels: `panels[(j / 16) · 16 K + p · 16 + j % 16]`, zero-padded.
public func packPanels(
  _ b: MatrixView, k: Int, n: Int, into panels: UnsafeMutablePointer<Float>
) {
  let count = (n + 15) / 16
  let perChunk = max(1, 16_384 / (16 * max(k, 1)))
  parallelFor(count, grain: perChunk) { range in
    for panel in range {
      packPanel(
        b.pointer + panel * 16 * b.columnStride, b.rowStride, b.columnStride, steps: k,
        columns: min(16, n - panel * 16), into: panels + panel * 16 * k)
    }
  }
}

/// The same on the calling thread.
func packPanelsSerial(
  _ b: MatrixView, k: Int, n: Int, into panels: UnsafeMutablePointer<Float>
) {
  for panel in 0..<(n + 15) / 16 {
    packPanel(
      b.pointer + panel * 16 * b.columnStride, b.rowStride, b.columnStride, steps: k,
      columns: min(16, n - panel * 16), into: panels + panel * 16 * k)
  }
}

/// One panel of up to 16 columns.
func packPanel(
  _ b: UnsafePointer<Float>, _ rowStride: Int, _ columnStride: Int, steps: Int, columns: Int,
  into panel: UnsafeMutablePointer<Float>
) {
  if columns == 16 && columnStride == 1 {
    for p in 0..<steps {
      let source = b + p * rowStride
      (panel + p * 16).store8(0, source.load8(0))
      (panel + p * 16).store8(8, source.load8(8))
    }
    return
  }
  if columns < 16 { panel.update(repeating: 0, count: steps * 16) }
  if columns == 16 && rowStride == 1 {
    // Eight steps of sixteen columns at a time keep the writes within a few cache lines.
    var p = 0
    while p + 8 <= steps {
      for j in 0..<16 {
        let column = (b + j * columnStride + p).load8(0)
        for q in 0..<8 { panel[(p + q) * 16 + j] = column[q] }
      }
      p += 8
    }
    while p < steps {
      for j in 0..<16 { panel[p * 16 + j] = b[j * columnStride + p] }
      p += 1
    }
    return
  }
  for j in 0..<columns {
    let column = b + j * columnStride
    for p in 0..<steps { panel[p * 16 + j] = column[p * rowStride] }
  }
}

/// C [M, N] = start + A [M, K] · B, with B in panels.
///
/// A has contiguous rows (`columnStride` 1) or contiguous columns, which are copied first. The work
/// is cut into chunks by M, N and K alone.
public func multiply(
  m: Int, n: Int, k: Int, _ a: MatrixView, panels: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>, stride: Int, start: Start
) {
  if m == 0 || n == 0 { return }
  let panelCount = (n + 15) / 16
  // Chunks of rows when there are many, else chunks of panels.
  let rowsPerChunk = m >= 192 ? 96 : m > 48 ? (m + 23) / 24 * 6 : m
  let rowChunks = (m + rowsPerChunk - 1) / rowsPerChunk
  let wanted = m * n * k < 32_768 ? 1 : rowChunks >= 4 ? 1 : 4
  let panelsPerChunk = max(1, (panelCount + wanted - 1) / wanted)
  let panelChunks = (panelCount + panelsPerChunk - 1) / panelsPerChunk
  parallelFor(rowChunks * panelChunks) { chunk in
    let firstRow = chunk / panelChunks * rowsPerChunk
    let firstPanel = chunk % panelChunks * panelsPerChunk
    let rows = min(rowsPerChunk, m - firstRow)
    let panelRange = firstPanel..<min(panelCount, firstPanel + panelsPerChunk)
    if a.columnStride == 1 {
      multiplyRows(
        firstRow..<firstRow + rows, panelRange, n: n, k: k, a, panels, into: c,
        stride: stride, start: start)
    } else {
      multiplyColumns(
        firstRow..<firstRow + rows, panelRange, n: n, k: k, a, panels, into: c,
        stride: stride, start: start)
    }
  }
}

/// C [M, N] = start + A [M, K] · B [K, N], with B packed first.
///
/// A bias must have room for N rounded up to 16 values.
public func multiply(
  m: Int, n: Int, k: Int, _ a: MatrixView, _ b: MatrixView,
  into c: UnsafeMutablePointer<Float>, stride: Int, start: Start
) {
  if m == 0 || n == 0 { return }
  let count = max(1, panelCount(k: k, n: n))
  let panels = Memory.allocate(count)
  defer { Memory.free(panels, count) }
  packPanels(b, k: k, n: n, into: panels)
  multiply(m: m, n: n, k: k, a, panels: panels, into: c, stride: stride, start: start)
}

/// c[row, :] += bias for each of the rows of c [rows, n].
public func addRow(
  _ rows: Int, _ n: Int, _ bias: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: max(1, elementGrain / max(n, 1))) { range in
    for row in range { accumulate(n, bias, into: c + row * n) }
  }
}

/// The summed index is cut so that a panel of B stays in the first-level cache.
private let stepsPerBlock = 384

private func multiplyRows(
  _ rows: Range<Int>, _ panelRange: Range<Int>, n: Int, k: Int, _ a: MatrixView,
  _ panels: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, stride: Int,
  start: Start
) {
  var p = 0
  repeat {
    let steps = min(stepsPerBlock, k - p)
    for panel in panelRange {
      let b = panels + panel * 16 * k + p * 16
      let columns = min(16, n - panel * 16)
      var row = rows.lowerBound
      while row < rows.upperBound {
        let count = min(Tile.rows, rows.upperBound - row)
        let view = Rows(a.pointer + row * a.rowStride + p, stride: a.rowStride, count: count)
        let target = c + row * stride + panel * 16
        withTile(
          target, stride: stride, rows: count, columns: columns,
          start: p == 0 ? start.moved(by: panel * 16) : .accumulate
        ) { $0.add(steps, rows: view, b) }
        row += Tile.rows
      }
    }
    p += steps
  } while p < k
}

private func multiplyColumns(
  _ rows: Range<Int>, _ panelRange: Range<Int>, n: Int, k: Int, _ a: MatrixView,
  _ panels: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, stride: Int,
  start: Start
) {
  let blocks = blockCount(rows.count)
  // Two values of room after each block, see `packSixes`.
  let blockSize = stepsPerBlock * Tile.rows + 8
  let packed = Memory.allocate(blocks * blockSize)
  defer { Memory.free(packed, blocks * blockSize) }
  var p = 0
  repeat {
    let steps = min(stepsPerBlock, k - p)
    packSixes(
      a.pointer + rows.lowerBound + p * a.columnStride, stride: a.columnStride, steps: steps,
      count: rows.count, into: packed, blockSize: blockSize)
    for panel in panelRange {
      let b = panels + panel * 16 * k + p * 16
      let columns = min(16, n - panel * 16)
      for block in 0..<blocks {
        let row = rows.lowerBound + block * Tile.rows
        withTile(
          c + row * stride + panel * 16, stride: stride,
          rows: min(Tile.rows, rows.upperBound - row), columns: columns,
          start: p == 0 ? start.moved(by: panel * 16) : .accumulate
        ) {
          $0.add(
            steps, columns: packed + block * blockSize, aStride: Tile.rows, b,
            bStride: 16)
        }
      }
    }
    p += steps
  } while p < k
}

/// `count` rows of A whose columns are contiguous, in blocks of six rows, step by step and
/// zero-padded. Every column is read once from end to end; whole blocks are written eight
/// values at a time, of which the next step overwrites two.
private func packSixes(
  _ a: UnsafePointer<Float>, stride: Int, steps: Int, count: Int,
  into packed: UnsafeMutablePointer<Float>, blockSize: Int
) {
  let whole = max(0, (count - 2) / Tile.rows)
  let rest = count - whole * Tile.rows
  for step in 0..<steps {
    let source = a + step * stride
    let target = packed + step * Tile.rows
    for block in 0..<whole {
      (target + block * blockSize).store8(0, source.load8(block * Tile.rows))
    }
    for i in 0..<2 * Tile.rows where whole * Tile.rows + i < blockCount(count) * Tile.rows {
      let block = whole + i / Tile.rows
      target[block * blockSize + i % Tile.rows] =
        i < rest ? source[whole * Tile.rows + i] : 0
    }
  }
}

private func blockCount(_ rows: Int) -> Int { (rows + Tile.rows - 1) / Tile.rows }
