// Convolutions of pictures [B, H, W, C] (channels last) without an im2col matrix.
//
// A picture is copied with its padding, a few rows at a time, into scratch memory. There the
// window of an output pixel is, for each row ky of the kernel, one contiguous run of
// kw · C values, and the windows of neighbouring pixels start stride · C apart: the matrix
// whose rows are windows exists without being written, and the tile of a matrix product runs
// over it as it stands.

import Vectors

/// The sizes of a convolution. The transposed convolution has the same sizes with input and
/// output exchanged.
public struct ConvolutionShape: Equatable, Sendable {
  /// Pictures.
  public var batch: Int
  /// H
  public var inputHeight: Int
  /// W
  public var inputWidth: Int
  /// C
  public var inputChannels: Int
  /// H'
  public var outputHeight: Int
  /// W'
  public var outputWidth: Int
  /// O
  public var outputChannels: Int
  /// kh
  public var kernelHeight: Int
  /// kw
  public var kernelWidth: Int
  /// Distance between neighbouring windows.
  public var stride: Int
  /// Zeros on each side of the input.
  public var padding: Int

  /// The sizes of a convolution.
  public init(
    batch: Int, inputHeight: Int, inputWidth: Int, inputChannels: Int, outputHeight: Int,
    outputWidth: Int, outputChannels: Int, kernelHeight: Int, kernelWidth: Int, stride: Int,
    padding: Int
  ) {
    self.batch = batch
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.inputChannels = inputChannels
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.padding = padding
  }

  /// Rows of output that one task computes, so that its input fits the second-level cache.
  var rowsPerTask: Int {
    let wanted = max(1, 512 / max(outputWidth, 1))
    return min(outputHeight, wanted)
  }
}

/// y = x ∗ w + bias. Weights are in panels made by `packKernel`.
public func convolve(
  _ s: ConvolutionShape, _ x: UnsafePointer<Float>, panels: UnsafePointer<Float>,
  bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>
) {
  let window = Window(
    rows: s.kernelHeight, run: s.kernelWidth * s.inputChannels,
    step: s.stride * s.inputChannels, rowStep: s.stride)
  let width = (s.outputWidth - 1) * s.stride + s.kernelWidth
  let tasks = (s.outputHeight + s.rowsPerTask - 1) / s.rowsPerTask
  parallelFor(s.batch * tasks) { task in
    let image = task / tasks
    let firstRow = task % tasks * s.rowsPerTask
    let rows = min(s.rowsPerTask, s.outputHeight - firstRow)
    let scratch = PaddedRows(
      x + image * s.inputHeight * s.inputWidth * s.inputChannels, height: s.inputHeight,
      width: s.inputWidth, channels: s.inputChannels,
      firstRow: firstRow * s.stride - s.padding, rows: (rows - 1) * s.stride + s.kernelHeight,
      firstColumn: -s.padding, columns: width)
    defer { scratch.free() }
    let target = y + (image * s.outputHeight + firstRow) * s.outputWidth * s.outputChannels
    multiplyWindows(
      window, scratch, rows: rows, columns: s.outputWidth, n: s.outputChannels, panels,
      start: bias.map { .bias($0) } ?? .zero, into: target,
      rowStride: s.outputWidth * s.outputChannels, columnStride: s.outputChannels)
  }
}

/// dx = dy ∗ᵀ w: the gradient of a convolution with respect to its input, and the forward
/// pass of a transposed convolution (with its bias).
///
/// Pixels of the input are handled by phase: those with equal coordinates modulo the stride
/// meet the same subset of the kernel, so each phase is an ordinary convolution of dy with
/// stride 1. `weights` is [kh, kw, O, C] (see `packKernel`'s callers); C-panels are cut here.
public func convolveTransposed(
  _ s: ConvolutionShape, _ dy: UnsafePointer<Float>, weights: UnsafePointer<Float>,
  bias: UnsafePointer<Float>?, _ dx: UnsafeMutablePointer<Float>
) {
  let (c, o) = (s.inputChannels, s.outputChannels)
  for phaseY in 0..<min(s.stride, s.inputHeight) {
    for phaseX in 0..<min(s.stride, s.inputWidth) {
      let vertical = Phase(
        phaseY, kernel: s.kernelHeight, stride: s.stride, padding: s.padding,
        size: s.inputHeight)
      let horizontal = Phase(
        phaseX, kernel: s.kernelWidth, stride: s.stride, padding: s.padding,
        size: s.inputWidth)
      // The phase's part of the kernel, reversed, as a matrix [taps · O, C].
      let steps = vertical.taps * horizontal.taps * o
      let part = Memory.allocate(max(1, steps * c))
      let panels = Memory.allocate(max(1, panelCount(k: steps, n: c)))
      defer {
        Memory.free(part, max(1, steps * c))
        Memory.free(panels, max(1, panelCount(k: steps, n: c)))
      }
      for ty in 0..<vertical.taps {
        for tx in 0..<horizontal.taps {
          let ky = vertical.kernelIndex(ty, stride: s.stride)
          let kx = horizontal.kernelIndex(tx, stride: s.stride)
          (part + (ty * horizontal.taps + tx) * o * c).update(
            from: weights + (ky * s.kernelWidth + kx) * o * c, count: o * c)
        }
      }
      packPanels(MatrixView(part, rowStride: c), k: steps, n: c, into: panels)
      let window = Window(
        rows: vertical.taps, run: horizontal.taps * o, step: o, rowStep: 1)
      let rowsPerTask = min(vertical.count, max(1, 512 / max(horizontal.count, 1)))
      let tasks = (vertical.count + rowsPerTask - 1) / rowsPerTask
      parallelFor(s.batch * tasks) { task in
        let image = task / tasks
        let firstRow = task % tasks * rowsPerTask
        let rows = min(rowsPerTask, vertical.count - firstRow)
        let scratch = PaddedRows(
          dy + image * s.outputHeight * s.outputWidth * o, height: s.outputHeight,
          width: s.outputWidth, channels: o, firstRow: vertical.first + firstRow,
          rows: rows - 1 + vertical.taps, firstColumn: horizontal.first,
          columns: horizontal.count - 1 + horizontal.taps)
        defer { scratch.free() }
        let top = phaseY + firstRow * s.stride
        let target = dx + ((image * s.inputHeight + top) * s.inputWidth + phaseX) * c
        multiplyWindows(
          window, scratch, rows: rows, columns: horizontal.count, n: c, panels,
          start: bias.map { .bias($0) } ?? .zero, into: target,
          rowStride: s.stride * s.inputWidth * c, columnStride: s.stride * c)
      }
    }
  }
}

/// dw = xᵀ ∗ dy, laid out [kh, kw · C, O].
public func convolveWeightGradient(
  _ s: ConvolutionShape, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dw: UnsafeMutablePointer<Float>
) {
  let (c, o) = (s.inputChannels, s.outputChannels)
  let run = s.kernelWidth * c
  let count = s.kernelHeight * run * o
  let width = (s.outputWidth - 1) * s.stride + s.kernelWidth
  let oPanels = (o + 15) / 16
  // With stride 1 a block of rows is one line: dy gets zeros where the padding of x is, and
  // both sides are walked without a break.
  let lineWidth = s.stride == 1 ? width : s.outputWidth
  // Pictures are dealt out to a fixed number of partial sums, which are added at the end.
  // Large kernels have one sum, and their rows are dealt out instead.
  let isLarge = count > 1 << 20
  let parts = isLarge ? 1 : min(s.batch, count > 1 << 16 ? 4 : 8)
  let kernelRowsPerTask = isLarge ? 1 : s.kernelHeight
  let rowTasks = s.kernelHeight / kernelRowsPerTask
  let partial = parts == 1 ? dw : Memory.allocate(parts * count)
  defer { if parts > 1 { Memory.free(partial, parts * count) } }
  parallelFor(parts * rowTasks) { task in
    let part = task / rowTasks
    let first = task % rowTasks * kernelRowsPerTask
    let sums = partial + part * count
    (sums + first * run * o).update(repeating: 0, count: kernelRowsPerTask * run * o)
    let rowsPerBlock = min(s.outputHeight, max(1, 192 / max(lineWidth, 1)))
    let panelSize = rowsPerBlock * lineWidth * 16
    let packed = Memory.allocate(oPanels * panelSize)
    let six = Memory.allocate(rowsPerBlock * lineWidth * Tile.rows + 8)
    defer {
      Memory.free(packed, oPanels * panelSize)
      Memory.free(six, rowsPerBlock * lineWidth * Tile.rows + 8)
    }
    for image in stride(from: part, to: s.batch, by: parts) {
      for firstRow in stride(from: 0, to: s.outputHeight, by: rowsPerBlock) {
        let rows = min(rowsPerBlock, s.outputHeight - firstRow)
        packRows(
          dy + (image * s.outputHeight + firstRow) * s.outputWidth * o, rows: rows,
          width: s.outputWidth, lineWidth: lineWidth, n: o, into: packed)
        let scratch = PaddedRows(
          x + image * s.inputHeight * s.inputWidth * c, height: s.inputHeight,
          width: s.inputWidth, channels: c, firstRow: firstRow * s.stride - s.padding,
          rows: (rows - 1) * s.stride + s.kernelHeight, firstColumn: -s.padding,
          columns: width)
        let lines = s.stride == 1 ? 1 : rows
        // The last row of a line needs no zeros after it.
        let steps = s.stride == 1 ? (rows - 1) * lineWidth + s.outputWidth : s.outputWidth
        for ky in first..<first + kernelRowsPerTask {
          for m in stride(from: 0, to: run, by: Tile.rows) {
            // Far-apart pixels would fall on the same few places of the nearest cache.
            var (columns, step) = (scratch.row(ky) + m, s.stride * c)
            if lines > 1 || step > 32 {
              packSix(
                columns, lines: lines, lineStride: s.stride * scratch.stride, steps: steps,
                step: step, into: six)
              (columns, step) = (UnsafePointer(six), Tile.rows)
            }
            for panel in 0..<oPanels {
              let dyPanel = packed + panel * rows * lineWidth * 16
              finish(
                sums + (ky * run + m) * o + panel * 16, stride: o,
                rows: min(Tile.rows, run - m), columns: min(16, o - panel * 16),
                start: .accumulate
              ) {
                $0.add(lines * steps, columns: columns, aStride: step, dyPanel, bStride: 16)
              }
            }
          }
        }
        scratch.free()
      }
    }
  }
  if parts > 1 { sumAxis(outer: 1, n: parts, inner: count, partial, dw) }
}

/// Six neighbouring values of x at each pixel of some lines, pixel by pixel. Up to two
/// values after the last are written as well, and up to two after x's last six read.
private func packSix(
  _ x: UnsafePointer<Float>, lines: Int, lineStride: Int, steps: Int, step: Int,
  into six: UnsafeMutablePointer<Float>
) {
  var target = six
  for line in 0..<lines {
    var source = x + line * lineStride
    for _ in 0..<steps {
      target.store8(0, source.load8(0))
      target += Tile.rows
      source += step
    }
  }
}

/// Pixels [rows, width, n] in panels of 16 channels, rows `lineWidth` apart with zeros between.
private func packRows(
  _ y: UnsafePointer<Float>, rows: Int, width: Int, lineWidth: Int, n: Int,
  into packed: UnsafeMutablePointer<Float>
) {
  for panel in 0..<(n + 15) / 16 {
    for row in 0..<rows {
      let target = packed + (panel * rows + row) * lineWidth * 16
      packPanel(
        y + row * width * n + panel * 16, n, 1, steps: width, columns: min(16, n - panel * 16),
        into: target)
      (target + width * 16).update(repeating: 0, count: (lineWidth - width) * 16)
    }
  }
}

// MARK: - Parts

/// How the windows of output pixels lie in scratch memory.
private struct Window {
  /// Rows of the kernel.
  var rows: Int
  /// Contiguous values per kernel row.
  var run: Int
  /// Distance between the windows of neighbouring pixels.
  var step: Int
  /// Distance, in rows, between the windows of pixels below each other.
  var rowStep: Int
}

/// Which part of a kernel the pixels of one phase meet: pixel `phase + stride · i`, tap t
/// reads dy at `first + i + t`.
private struct Phase {
  /// Pixels of this phase.
  var count: Int
  var taps: Int
  /// The smallest kernel index of the phase.
  var lowest: Int
  var first: Int

  init(_ phase: Int, kernel: Int, stride: Int, padding: Int, size: Int) {
    count = (size - phase + stride - 1) / stride
    lowest = (phase + padding) % stride
    taps = lowest < kernel ? (kernel - 1 - lowest) / stride + 1 : 0
    // Kernel index k reads dy at (pixel + padding - k) / stride; the largest k comes first.
    first = (phase + padding - lowest) / stride - (taps - 1)
  }

  func kernelIndex(_ tap: Int, stride: Int) -> Int { lowest + (taps - 1 - tap) * stride }
}

/// Some rows and columns of one picture, zero where they lie outside of it, with room for
/// the last tile to read a few values too far.
private struct PaddedRows {
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

  func row(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(pointer + index * stride) }

  func free() { Memory.free(pointer, count) }
}

/// y[row, column, :] = start + window(row, column) · panels
private func multiplyWindows(
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
    let kernelRows = max(1, min(window.rows, 512 / max(1, window.run)))
    for panel in 0..<(n + 15) / 16 {
      // Pixels that no tap of the kernel meets still get their bias: one pass with no rows.
      for ky in stride(from: 0, to: max(1, window.rows), by: kernelRows) {
        let part = Window(
          rows: min(kernelRows, window.rows - ky), run: window.run, step: window.step,
          rowStep: window.rowStep)
        for line in 0..<lines {
          multiplyLine(
            part, scratch.pointer + ky * scratch.stride, scratch.stride,
            offsets: offsets + line * columns, count: length,
            panels + (panel * window.rows + ky) * window.run * 16,
            start: ky == 0 ? start.moved(by: panel * 16) : .accumulate,
            into: y + line * rowStride + panel * 16, stride: columnStride,
            columns: min(16, n - panel * 16))
        }
      }
    }
  }
}

/// The results of `count` pixels for one panel.
private func multiplyLine(
  _ window: Window, _ x: UnsafePointer<Float>, _ xStride: Int, offsets: UnsafePointer<Int>,
  count: Int, _ panel: UnsafePointer<Float>, start: Start,
  into y: UnsafeMutablePointer<Float>, stride: Int, columns: Int
) {
  var pixel = 0
  while pixel < count {
    let here = min(Tile.rows, count - pixel)
    let view = Rows(x, offsets: offsets + pixel, count: here)
    finish(y + pixel * stride, stride: stride, rows: here, columns: columns, start: start) {
      for ky in 0..<window.rows {
        $0.add(window.run, rows: view.advanced(by: ky * xStride), panel + ky * window.run * 16)
      }
    }
    pixel += Tile.rows
  }
}
