// C = A · B and its transposed forms: PlainKernels/MatrixProduct.swift, made fast by tiles of results
// that stay in registers (Vectors/Tile.swift). B is copied once into panels of a tile's columns
// (Packing.swift), so that a step of the inner loop reads neighbours; rows of A are read in place,
// and columns of A (for weight gradients) are copied into panels of a tile's rows. Chunks of rows or
// panels share the threads.

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

/// C [M, N] = start + A [M, K] · B, with B in panels.
///
/// A has contiguous rows (`columnStride` 1) or contiguous columns, which are copied first. The work
/// is cut into chunks by M, N and K alone.
public func multiply(
  m: Int, n: Int, k: Int, _ a: MatrixView, panels: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>, stride: Int, start: Start
) {
  if m == 0 || n == 0 { return }
  let panelCount = Tile.panels(n)
  // Chunks of rows when there are many, else chunks of panels. Chunks of 64 rows leave the last
  // thread little to wait for.
  let rowsPerChunk = m >= 128 ? 64 : m > 48 ? (m + 31) / 32 * 8 : m
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
/// A bias must have room for whole panels.
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

/// The summed index is cut so that a panel of B stays in the first-level cache.
private let stepsPerBlock = 256

private func multiplyRows(
  _ rows: Range<Int>, _ panelRange: Range<Int>, n: Int, k: Int, _ a: MatrixView,
  _ panels: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, stride: Int,
  start: Start
) {
  var p = 0
  repeat {
    let steps = min(stepsPerBlock, k - p)
    for panel in panelRange {
      var row = rows.lowerBound
      while row < rows.upperBound {
        let target = Target(c, stride, row: row, of: rows.upperBound, panel: panel, of: n)
        multiplyTile(
          Rows(a.pointer + row * a.rowStride + p, stride: a.rowStride, count: target.rows),
          steps: steps, panel: panels + (panel * k + p) * Tile.columns,
          start: start.block(p, c, stride, row: row, panel: panel), into: target)
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
  let blocks = (rows.count + Tile.rows - 1) / Tile.rows
  let blockSize = stepsPerBlock * Tile.rows + 8
  let packed = Memory.allocate(blocks * blockSize)
  defer { Memory.free(packed, blocks * blockSize) }
  var p = 0
  repeat {
    let steps = min(stepsPerBlock, k - p)
    packColumns(
      a.pointer + rows.lowerBound + p * a.columnStride, stride: a.columnStride, steps: steps,
      count: rows.count, into: packed, blockSize: blockSize)
    for panel in panelRange {
      for block in 0..<blocks {
        let row = rows.lowerBound + block * Tile.rows
        multiplyTile(
          columns: packed + block * blockSize, aStride: Tile.rows, steps: steps,
          panel: panels + (panel * k + p) * Tile.columns,
          start: start.block(p, c, stride, row: row, panel: panel),
          into: Target(c, stride, row: row, of: rows.upperBound, panel: panel, of: n))
      }
    }
    p += steps
  } while p < k
}

extension Target {
  /// The tile of C [rows, columns] whose first row is `row`, in a panel.
  @inline(__always)
  init(
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, row: Int, of rows: Int, panel: Int,
    of columns: Int
  ) {
    let column = panel * Tile.columns
    self.init(
      c + row * stride + column, stride: stride, rows: min(Tile.rows, rows - row),
      columns: min(Tile.columns, columns - column))
  }
}

extension Start {
  /// The start of a tile of C in the block of steps from p on: the first block starts from this, the
  /// others go on from what C holds.
  @inline(__always)
  func block(
    _ p: Int, _ c: UnsafeMutablePointer<Float>, _ stride: Int, row: Int, panel: Int
  ) -> Start {
    let offset = row * stride + panel * Tile.columns
    if p > 0 { return Start(bias: nil, matrix: c + offset) }
    return moved(columns: panel * Tile.columns, offset: offset)
  }
}
