// Convolutions in bf16: those of Convolution.swift, with windows and kernels as pairs. The window of a
// pixel is a run of kw · C values for each row of the kernel; with C a multiple of 32 a run is a number
// of whole blocks (PairPacking.swift), and the windows of neighbouring pixels lie C values apart. So
// windows are read in place here too, and only the picture is rounded once.

import CSupport
import Vectors

/// Some rows and columns of one picture, zero where they lie outside it, as bf16 numbers.
struct RoundedRows {
  private let memory: UnsafeMutablePointer<Float>
  private let count: Int
  let pointer: UnsafeMutableRawPointer
  /// Bytes of a row.
  let stride: Int

  /// The windows of neighbouring pixels lie `step` values apart, a multiple of 32.
  init(_ rows: PaddedRows, step: Int) {
    stride = 2 * rows.stride
    let values = rows.count - 8
    // The last block may read the windows of 31 pixels beyond the last one.
    count = values / 2 + 16 * step
    memory = Memory.allocate(count)
    pointer = UnsafeMutableRawPointer(memory)
    for i in Swift.stride(from: 0, to: values, by: 32) {
      let pairs = bf16_neighbours(
        UnsafePointer(rows.pointer).load16(i), UnsafePointer(rows.pointer).load16(i + 16))
      (pointer + 2 * i).storeBytes(of: pairs, as: SIMD16<UInt32>.self)
    }
    (memory + values / 2).update(repeating: 0, count: count - values / 2)
  }

  func free() { Memory.free(memory, count) }
}

/// y[row, column, :] = start + window(row, column) · panels
func multiplyWindows(
  _ window: Window, _ scratch: RoundedRows, rows: Int, columns: Int, n: Int, _ panels: Pairs,
  start: Start, into y: UnsafeMutablePointer<Float>, rowStride: Int, columnStride: Int
) {
  let panelSize = window.rows * window.run / 2 * blockSide
  // Two rows of sixteen pixels are one block where they are neighbours in y.
  let rowsAtOnce = columns == 16 && rowStride == 16 * columnStride ? 2 : 1
  var place = bf16_rows(
    start: scratch.pointer, row: 2 * window.step, half: 32 * window.step, block: 2 * blockSteps,
    run: scratch.stride, blocks: Int32(window.run / blockSteps), runs: Int32(window.rows))
  if rowsAtOnce == 2 { place.half = window.rowStep * scratch.stride }
  withTiles {
    for panel in 0..<(n + blockSide - 1) / blockSide {
      let column = panel * blockSide
      for row in stride(from: 0, to: rows, by: rowsAtOnce) {
        let pixels = min(rowsAtOnce, rows - row) * columns
        for pixel in stride(from: 0, to: pixels, by: blockSide) {
          place.start = UnsafeRawPointer(
            scratch.pointer + row * window.rowStep * scratch.stride + pixel * 2 * window.step)
          multiplyBlock(
            &place, panels + panel * panelSize, start: start.moved(columns: column, offset: column),
            into: Target(
              y + row * rowStride + pixel * columnStride + column, stride: columnStride,
              rows: min(blockSide, pixels - pixel), columns: min(blockSide, n - column)))
        }
      }
    }
  }
}
