// The windows of a convolution as the rows of a matrix that is never written.
//
// A picture is copied with its padding, a few rows at a time, into scratch memory. There the
// window of an output pixel is, for each row ky of the kernel, one contiguous run of kw · C
// values, and the windows of neighbouring pixels start stride · C apart. So the tile of a matrix
// product runs over them in place, and no im2col matrix is made.

import Vectors

/// How the windows of output pixels lie in scratch memory.
struct Window {
  /// Rows of the kernel.
  var rows: Int
  /// Contiguous values per kernel row.
  var run: Int
  /// Distance between the windows of neighbouring pixels.
  var step: Int
  /// Distance, in rows, between the windows of pixels below each other.
  var rowStep: Int
}

/// Some rows and columns of one picture, zero where they lie outside it, with room for
/// the last tile to read a few values too far.
struct PaddedRows {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  let stride: Int

  init(
    _ x: UnsafePointer<Float>, height: Int, width: Int, channels: Int, firstRow: Int,
    rows: Int, firstColumn: Int, columns: Int
  ) {
    stride = max(0, columns) * channels
    count = max(0, rows) * stride + 8
    pointer = Memory.allocate(count)
    (pointer + count - 8).update(repeating: 0, count: 8)
    let from = max(0, firstColumn)
    let to = max(from, min(width, firstColumn + columns))
    for row in 0..<max(0, rows) {
      let target = pointer + row * stride
      let y = firstRow + row
      guard y >= 0 && y < height && to > from else {
        target.update(repeating: 0, count: stride)
        continue
      }
      let left = (from - firstColumn) * channels
      let inside = (to - from) * channels
      target.update(repeating: 0, count: left)
      (target + left).update(from: x + (y * width + from) * channels, count: inside)
      (target + left + inside).update(repeating: 0, count: stride - left - inside)
    }
  }

  /// What `rows` rows of output from `firstRow` on meet of one picture of x [B, H, W, C].
  init(
    _ s: ConvolutionShape, _ x: UnsafePointer<Float>, image: Int, firstRow: Int, rows: Int
  ) {
    self.init(
      x + image * s.inputHeight * s.inputWidth * s.inputChannels, height: s.inputHeight,
      width: s.inputWidth, channels: s.inputChannels,
      firstRow: firstRow * s.stride - s.padding, rows: (rows - 1) * s.stride + s.kernelHeight,
      firstColumn: -s.padding, columns: (s.outputWidth - 1) * s.stride + s.kernelWidth)
  }

  func row(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(pointer + index * stride) }

  func free() { Memory.free(pointer, count) }
}

/// y[row, column, :] = start + window(row, column) · panels
func multiplyWindows(
  _ window: Window, _ scratch: PaddedRows, rows: Int, columns: Int, n: Int,
  _ panels: UnsafePointer<Float>, start: Start, into y: UnsafeMutablePointer<Float>,
  rowStride: Int, columnStride: Int
) {
  // Where the window of each pixel begins.
  withUnsafeTemporaryAllocation(of: Int.self, capacity: rows * columns) { offsets in
    guard let offsets = offsets.baseAddress else { return }
    for row in 0..<rows {
      for column in 0..<columns {
        offsets[row * columns + column] =
          row * window.rowStep * scratch.stride + column * window.step
      }
    }
    // Where results are neighbours across rows, tiles run on from one row into the next.
    let runsOn = rowStride == columns * columnStride
    let (lines, length) = runsOn ? (1, rows * columns) : (rows, columns)
    // The kernel is taken a few rows at a time, so that a panel stays in the nearest cache.
    let kernelRows = max(1, min(window.rows, 256 / max(1, window.run)))
    for panel in 0..<Tile.panels(n) {
      // Pixels that no tap of the kernel meets still get their bias: one pass with no rows.
      for ky in stride(from: 0, to: max(1, window.rows), by: kernelRows) {
        let x = scratch.pointer + ky * scratch.stride
        for line in 0..<lines {
          for pixel in stride(from: 0, to: length, by: Tile.rows) {
            let target = Target(
              y + line * rowStride, columnStride, row: pixel, of: length, panel: panel, of: n)
            multiplyTile(
              Rows(x, offsets: offsets + line * columns + pixel, count: target.rows),
              runs: min(kernelRows, window.rows - ky), runStride: scratch.stride,
              steps: window.run,
              panel: panels + (panel * window.rows + ky) * window.run * Tile.columns,
              start: start.block(ky, y + line * rowStride, columnStride, row: pixel, panel: panel),
              into: target)
          }
        }
      }
    }
  }
}
