// The gradient of a convolution with respect to its kernels: `convolution2DWeightGradient` of
// PlainKernels/Convolution2D.swift, a product of windows [pixels, kh · kw · C] and gradients
// [pixels, O] over all pixels. It is fast because a tile of sums stays in registers while pixels
// run (Vectors/Tile.swift), windows are read in place, and groups of pictures, each with sums of its
// own, share the threads.

import Vectors

/// dw = xᵀ ∗ dy, laid out [kh, kw · C, O]: x [B, H, W, C], dy [B, H', W', O]. Factors are rounded to
/// `precision` if there are 16 channels or more on both sides.
public func convolveWeightGradient(
  _ s: ConvolutionShape, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dw: UnsafeMutablePointer<Float>, precision: Precision
) {
  if precision == .bf16 && min(s.inputChannels, s.outputChannels) >= 16 {
    convolvePairsWeightGradient(s, x, dy, dw)
    return
  }
  let plan = WeightGradient(s, x, dy)
  let partial = plan.parts == 1 ? dw : Memory.allocate(plan.parts * plan.count)
  defer { if plan.parts > 1 { Memory.free(partial, plan.parts * plan.count) } }
  let rowTasks = s.kernelHeight / plan.kernelRowsPerTask
  parallelFor(plan.parts * rowTasks) { task in
    let part = task / rowTasks
    let first = task % rowTasks * plan.kernelRowsPerTask
    plan.sum(
      part: part, kernelRows: first..<first + plan.kernelRowsPerTask,
      into: partial + part * plan.count)
  }
  if plan.parts > 1 {
    sumAxis(outer: 1, n: plan.parts, inner: plan.count, partial, dw)
  }
}

/// How the sum over all pixels is cut.
private struct WeightGradient {
  let s: ConvolutionShape
  let x: UnsafePointer<Float>
  let dy: UnsafePointer<Float>
  /// Contiguous values of a window per kernel row: kw · C.
  let run: Int
  /// Values of dw.
  let count: Int
  /// Columns of a picture that windows cover, padding included.
  let width: Int
  /// Pixels from one row of packed gradients to the next. With stride 1 a block of rows is one
  /// line: dy gets zeros where the padding of x is, and both sides are walked without a break.
  let lineWidth: Int
  /// Pictures are dealt out to a fixed number of partial sums, which are added at the end.
  /// Large kernels have one sum, and their rows are dealt out instead.
  let parts: Int
  let kernelRowsPerTask: Int
  /// Rows of dy that are packed at once.
  let rowsPerBlock: Int
  /// Whether all taps of the kernel can share one packed copy of x, from which each reads at an offset.
  let packsOnce: Bool

  init(_ s: ConvolutionShape, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>) {
    (self.s, self.x, self.dy) = (s, x, dy)
    run = s.kernelWidth * s.inputChannels
    count = s.kernelHeight * run * s.outputChannels
    width = (s.outputWidth - 1) * s.stride + s.kernelWidth
    lineWidth = s.stride == 1 ? width : s.outputWidth
    let isLarge = count > 1 << 20
    // An empty batch has one sum too, which is zero.
    parts = isLarge ? 1 : max(1, min(s.batch, count > 1 << 16 ? 4 : 8))
    kernelRowsPerTask = isLarge ? 1 : s.kernelHeight
    rowsPerBlock = min(s.outputHeight, max(1, 192 / max(lineWidth, 1)))
    packsOnce = s.stride == 1 && s.inputChannels % Tile.rows == 0
  }

  /// Sums, for some rows of the kernel, over every `parts`-th picture.
  func sum(part: Int, kernelRows: Range<Int>, into sums: UnsafeMutablePointer<Float>) {
    let o = s.outputChannels
    (sums + kernelRows.lowerBound * run * o).update(
      repeating: 0, count: kernelRows.count * run * o)
    let packed = Scratch(panelCount(k: rowsPerBlock * lineWidth, n: o), .garbage)
    let pixels = packsOnce ? (rowsPerBlock - 1 + s.kernelHeight) * width : 0
    let few = Scratch(
      max(pixels * s.inputChannels, rowsPerBlock * lineWidth * Tile.rows) + 8, .garbage)
    defer {
      packed.free()
      few.free()
    }
    for image in stride(from: part, to: s.batch, by: parts) {
      for firstRow in stride(from: 0, to: s.outputHeight, by: rowsPerBlock) {
        addBlock(
          image, firstRow, kernelRows, packed: packed.pointer, few: few.pointer, into: sums)
      }
    }
  }

  /// Adds the pixels of some rows of a picture.
  private func addBlock(
    _ image: Int, _ firstRow: Int, _ kernelRows: Range<Int>,
    packed: UnsafeMutablePointer<Float>, few: UnsafeMutablePointer<Float>,
    into sums: UnsafeMutablePointer<Float>
  ) {
    let o = s.outputChannels
    let rows = min(rowsPerBlock, s.outputHeight - firstRow)
    packRows(
      dy + (image * s.outputHeight + firstRow) * s.outputWidth * o, rows: rows,
      width: s.outputWidth, lineWidth: lineWidth, n: o, into: packed)
    let scratch = PaddedRows(s, x, image: image, firstRow: firstRow, rows: rows)
    defer { scratch.free() }
    if packsOnce {
      addTaps(scratch, kernelRows, rows: rows, packed, few: few, into: sums)
      return
    }
    for ky in kernelRows {
      addKernelRow(
        scratch.row(ky), rowStride: scratch.stride, rows: rows, packed, few: few,
        into: sums + ky * run * o)
    }
  }

  /// Adds the pixels of a block for all taps. x is packed as [C / r][pixels][r] with a tile's r rows, and
  /// a tap is an offset of some pixels.
  private func addTaps(
    _ x: PaddedRows, _ kernelRows: Range<Int>, rows: Int, _ dy: UnsafePointer<Float>,
    few: UnsafeMutablePointer<Float>, into sums: UnsafeMutablePointer<Float>
  ) {
    let (c, o) = (s.inputChannels, s.outputChannels)
    let pixels = (rows - 1 + s.kernelHeight) * width
    let size = pixels * Tile.rows
    packColumns(
      UnsafePointer(x.pointer), stride: c, steps: pixels, count: c, into: few, blockSize: size)
    let steps = (rows - 1) * lineWidth + s.outputWidth
    for panel in 0..<Tile.panels(o) {
      for ky in kernelRows {
        for m in stride(from: 0, to: run, by: Tile.rows) {
          let (kx, channel) = (m / c, m % c)
          let tap = few + channel / Tile.rows * size + (ky * width + kx) * Tile.rows
          let target = Target(
            sums + ky * run * o, o, row: m, of: run, panel: panel, of: o)
          multiplyTile(
            columns: tap, aStride: Tile.rows, steps: steps,
            panel: dy + panel * rows * lineWidth * Tile.columns,
            start: Start(bias: nil, matrix: target.c), into: target)
        }
      }
    }
  }

  /// Adds the pixels of a block for one row of the kernel, whose windows start at `x`.
  private func addKernelRow(
    _ x: UnsafePointer<Float>, rowStride: Int, rows: Int, _ dy: UnsafePointer<Float>,
    few: UnsafeMutablePointer<Float>, into sums: UnsafeMutablePointer<Float>
  ) {
    let o = s.outputChannels
    let lines = s.stride == 1 ? 1 : rows
    // The last row of a line needs no zeros after it.
    let steps = s.stride == 1 ? (rows - 1) * lineWidth + s.outputWidth : s.outputWidth
    for m in stride(from: 0, to: run, by: Tile.rows) {
      // Far-apart pixels would fall on the same few places of the nearest cache.
      var (columns, step) = (x + m, s.stride * s.inputChannels)
      if lines > 1 || step > 32 {
        packNeighbours(
          columns, lines: lines, lineStride: s.stride * rowStride, steps: steps, step: step,
          into: few)
        (columns, step) = (UnsafePointer(few), Tile.rows)
      }
      for panel in 0..<Tile.panels(o) {
        let target = Target(sums, o, row: m, of: run, panel: panel, of: o)
        multiplyTile(
          columns: columns, aStride: step, steps: lines * steps,
          panel: dy + panel * rows * lineWidth * Tile.columns,
          start: Start(bias: nil, matrix: target.c), into: target)
      }
    }
  }
}

/// As many neighbouring values of x as a tile has rows, at each pixel of some lines, pixel by pixel.
/// Up to two values after the last are written as well, and up to seven after x's last read.
private func packNeighbours(
  _ x: UnsafePointer<Float>, lines: Int, lineStride: Int, steps: Int, step: Int,
  into few: UnsafeMutablePointer<Float>
) {
  var target = few
  for line in 0..<lines {
    var source = x + line * lineStride
    for _ in 0..<steps {
      target.store8(0, source.load8(0))
      target += Tile.rows
      source += step
    }
  }
}

/// Pixels [rows, width, n] in panels of channels, rows `lineWidth` apart with zeros between.
private func packRows(
  _ y: UnsafePointer<Float>, rows: Int, width: Int, lineWidth: Int, n: Int,
  into packed: UnsafeMutablePointer<Float>
) {
  for panel in 0..<Tile.panels(n) {
    let column = panel * Tile.columns
    for row in 0..<rows {
      let target = packed + (panel * rows + row) * lineWidth * Tile.columns
      packPanel(
        y + row * width * n + column, n, 1, steps: width,
        columns: min(Tile.columns, n - column), into: target)
      (target + width * Tile.columns).update(
        repeating: 0, count: (lineWidth - width) * Tile.columns)
    }
  }
}
