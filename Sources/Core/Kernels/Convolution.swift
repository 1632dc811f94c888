// Convolution of pictures [B, H, W, C] (channels last) and its gradient with respect to the input:
// PlainKernels/Convolution2D.swift. Both are matrix products of windows and kernels, made fast by
// running the tile of a matrix product over windows that are never copied apart
// (ConvolutionWindows.swift). Pictures, and blocks of rows that fit the second-level cache, share
// the threads.

import Vectors

/// y = x ∗ w + bias: x [B, H, W, C], weights [kh, kw, C, O], bias [O] → y [B, H', W', O].
///
/// The bias has room for whole panels. Factors are rounded to `precision` if C is a multiple of 32.
public func convolve(
  _ s: ConvolutionShape, _ x: UnsafePointer<Float>, weights: UnsafePointer<Float>,
  bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, precision: Precision
) {
  let window = Window(
    rows: s.kernelHeight, run: s.kernelWidth * s.inputChannels,
    step: s.stride * s.inputChannels, rowStep: s.stride)
  let kernel = PackedKernel(
    weights, k: window.rows * window.run, n: s.outputChannels,
    s.inputChannels % blockSteps == 0 ? precision : .f32)
  defer { kernel.free() }
  let tasks = (s.outputHeight + s.rowsPerTask - 1) / s.rowsPerTask
  parallelFor(s.batch * tasks) { task in
    let image = task / tasks
    let firstRow = task % tasks * s.rowsPerTask
    let rows = min(s.rowsPerTask, s.outputHeight - firstRow)
    let scratch = PaddedRows(s, x, image: image, firstRow: firstRow, rows: rows)
    defer { scratch.free() }
    let target = y + (image * s.outputHeight + firstRow) * s.outputWidth * s.outputChannels
    kernel.multiply(
      window, scratch, rows: rows, columns: s.outputWidth, bias: bias, into: target,
      rowStride: s.outputWidth * s.outputChannels, columnStride: s.outputChannels)
  }
}

/// The kernels of a convolution as a matrix [kh · kw · C, O], in the order in which products read it.
private struct PackedKernel {
  private let n: Int
  private let precision: Precision
  private let panels: Scratch

  init(_ weights: UnsafePointer<Float>, k: Int, n: Int, _ precision: Precision) {
    (self.n, self.precision) = (n, precision)
    let matrix = MatrixView(weights, rowStride: n)
    if precision == .bf16 {
      panels = Scratch(pairCount(k: k, n: n), .garbage)
      packPairs(matrix, k: k, n: n, into: pairs)
    } else {
      panels = Scratch(panelCount(k: k, n: n), .garbage)
      packPanels(matrix, k: k, n: n, into: panels.pointer)
    }
  }

  private var pairs: Pairs {
    UnsafeMutableRawPointer(panels.pointer).assumingMemoryBound(to: UInt32.self)
  }

  func free() { panels.free() }

  /// y[row, column, :] = bias + window(row, column) · kernels
  func multiply(
    _ window: Window, _ scratch: PaddedRows, rows: Int, columns: Int,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, rowStride: Int,
    columnStride: Int
  ) {
    if precision == .f32 {
      multiplyWindows(
        window, scratch, rows: rows, columns: columns, n: n, panels.pointer,
        start: Start(bias: bias), into: y, rowStride: rowStride, columnStride: columnStride)
      return
    }
    let rounded = RoundedRows(scratch, step: window.step)
    defer { rounded.free() }
    multiplyWindows(
      window, rounded, rows: rows, columns: columns, n: n, pairs, start: Start(bias: bias),
      into: y, rowStride: rowStride, columnStride: columnStride)
  }
}

// MARK: - Gradient with respect to the input

/// dx = dy ∗ᵀ w: the gradient of a convolution with respect to its input, and the forward
/// pass of a transposed convolution (with its bias). dy [B, H', W', O] → dx [B, H, W, C].
///
/// Pixels of the input are handled by phase: those with equal coordinates modulo the stride
/// meet the same subset of the kernel, so each phase is an ordinary convolution of dy with
/// stride 1. `weights` are [kh, kw, O, C]; they are packed here, phase by phase. Factors are rounded
/// to `precision` if O is a multiple of 32.
public func convolveTransposed(
  _ s: ConvolutionShape, _ dy: UnsafePointer<Float>, weights: UnsafePointer<Float>,
  bias: UnsafePointer<Float>?, _ dx: UnsafeMutablePointer<Float>, precision: Precision
) {
  let precision = s.outputChannels % blockSteps == 0 ? precision : .f32
  for phaseY in 0..<min(s.stride, s.inputHeight) {
    for phaseX in 0..<min(s.stride, s.inputWidth) {
      let vertical = Phase(
        phaseY, kernel: s.kernelHeight, stride: s.stride, padding: s.padding,
        size: s.inputHeight)
      let horizontal = Phase(
        phaseX, kernel: s.kernelWidth, stride: s.stride, padding: s.padding,
        size: s.inputWidth)
      let kernel = packPhase(s, vertical, horizontal, weights, precision)
      convolvePhase(s, vertical, horizontal, dy, kernel, bias: bias, dx)
      kernel.free()
    }
  }
}

/// Which part of a kernel the pixels of one phase meet: pixel `phase + stride · i`, tap t
/// reads dy at `first + i + t`.
private struct Phase {
  /// The coordinate of the first pixel, below the stride.
  var phase: Int
  /// Pixels of this phase.
  var count: Int
  /// Kernel indices that its pixels meet.
  var taps: Int
  /// The smallest kernel index of the phase.
  var lowest: Int
  var first: Int

  init(_ phase: Int, kernel: Int, stride: Int, padding: Int, size: Int) {
    self.phase = phase
    count = (size - phase + stride - 1) / stride
    lowest = (phase + padding) % stride
    taps = lowest < kernel ? (kernel - 1 - lowest) / stride + 1 : 0
    // Kernel index k reads dy at (pixel + padding - k) / stride; the largest k comes first.
    first = (phase + padding - lowest) / stride - (taps - 1)
  }

  func kernelIndex(_ tap: Int, stride: Int) -> Int { lowest + (taps - 1 - tap) * stride }
}

/// A phase's part of the kernel, reversed, as a matrix [taps · O, C].
private func packPhase(
  _ s: ConvolutionShape, _ vertical: Phase, _ horizontal: Phase, _ weights: UnsafePointer<Float>,
  _ precision: Precision
) -> PackedKernel {
  let (c, o) = (s.inputChannels, s.outputChannels)
  let steps = vertical.taps * horizontal.taps * o
  let part = Scratch(max(1, steps * c), .garbage)
  defer { part.free() }
  for ty in 0..<vertical.taps {
    for tx in 0..<horizontal.taps {
      let ky = vertical.kernelIndex(ty, stride: s.stride)
      let kx = horizontal.kernelIndex(tx, stride: s.stride)
      (part.pointer + (ty * horizontal.taps + tx) * o * c).update(
        from: weights + (ky * s.kernelWidth + kx) * o * c, count: o * c)
    }
  }
  return PackedKernel(part.pointer, k: steps, n: c, precision)
}

/// The pixels of one phase: a convolution of dy with stride 1, stored `stride` apart.
private func convolvePhase(
  _ s: ConvolutionShape, _ vertical: Phase, _ horizontal: Phase, _ dy: UnsafePointer<Float>,
  _ kernel: PackedKernel, bias: UnsafePointer<Float>?, _ dx: UnsafeMutablePointer<Float>
) {
  let (c, o) = (s.inputChannels, s.outputChannels)
  let window = Window(rows: vertical.taps, run: horizontal.taps * o, step: o, rowStep: 1)
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
    let top = vertical.phase + firstRow * s.stride
    let target = dx + ((image * s.inputHeight + top) * s.inputWidth + horizontal.phase) * c
    kernel.multiply(
      window, scratch, rows: rows, columns: horizontal.count, bias: bias,
      into: target, rowStride: s.stride * s.inputWidth * c, columnStride: s.stride * c)
  }
}
