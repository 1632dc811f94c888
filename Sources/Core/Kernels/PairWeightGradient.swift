// The gradient of a convolution with respect to its kernels in bf16: that of
// ConvolutionWeightGradient.swift, a product summed over pixels, with pairs of pixels. For each tap of
// the kernel the rows of the product are the channels of x, moved by the tap. Pixels are packed in rows
// of the picture, so the taps of one column of the kernel share their pairs and differ in the row from
// which they read. Where a row is not a number of whole blocks, each tap has pairs of its own.

import CSupport
import Vectors

/// dw = xᵀ ∗ dy, laid out [kh, kw · C, O]: x [B, H, W, C], dy [B, H', W', O], rounded to bf16.
func convolvePairsWeightGradient(
  _ s: ConvolutionShape, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dw: UnsafeMutablePointer<Float>
) {
  let count = s.kernelHeight * s.kernelWidth * s.inputChannels * s.outputChannels
  // Each part of the pictures has a sum of its own; the parts are added at the end.
  let parts = max(1, min(s.batch, count > 1 << 20 ? 2 : count > 1 << 16 ? 4 : 8))
  let partial = parts == 1 ? dw : Memory.allocate(parts * count)
  defer { if parts > 1 { Memory.free(partial, parts * count) } }
  let rows = min(s.outputHeight, max(1, 512 / max(1, s.outputWidth)))
  parallelFor(parts) { part in
    let sums = partial + part * count
    sums.update(repeating: 0, count: count)
    withTiles {
      for image in stride(from: part, to: s.batch, by: parts) {
        for row in stride(from: 0, to: s.outputHeight, by: rows) {
          let pixels = PixelRows(
            s, x, dy, image: image, first: row, rows: min(rows, s.outputHeight - row))
          pixels.add(to: sums)
          pixels.free()
        }
      }
    }
  }
  if parts > 1 { sumAxis(outer: 1, n: parts, inner: count, partial, dw) }
}

/// Some rows of output pixels of a picture, and what they meet of the input.
private struct PixelRows {
  let s: ConvolutionShape
  let rows: Int
  let input: PaddedRows
  /// Pairs of output gradients, in panels of channels.
  let panels: Scratch
  /// Pairs of the input's channels for one column of the kernel, or for one tap.
  let lines: Scratch
  /// Channels of the input, in whole tiles.
  let height: Int

  init(
    _ s: ConvolutionShape, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, image: Int,
    first: Int, rows: Int
  ) {
    (self.s, self.rows) = (s, rows)
    let (c, o) = (s.inputChannels, s.outputChannels)
    input = PaddedRows(s, x, image: image, firstRow: first, rows: rows)
    height = (c + 15) / 16 * 16
    let inputRows = (rows - 1) * s.stride + s.kernelHeight
    lines = Scratch(
      max(inputRows * blockCount(s.outputWidth), blockCount(rows * s.outputWidth)) * height * 16,
      .garbage)
    let pixels = rows * s.outputWidth
    panels = Scratch(pairCount(k: pixels, n: o), .garbage)
    packPairs(
      MatrixView(dy + (image * s.outputHeight + first) * s.outputWidth * o, rowStride: o),
      k: pixels, n: o, into: pairs(panels))
  }

  func free() {
    input.free()
    lines.free()
    panels.free()
  }

  private func pairs(_ scratch: Scratch) -> Pairs {
    UnsafeMutableRawPointer(scratch.pointer).assumingMemoryBound(to: UInt32.self)
  }

  /// Channels of input row `row`, moved by column `kx` of the kernel, as rows of a matrix.
  private func channels(_ row: Int, _ kx: Int) -> MatrixView {
    MatrixView(
      input.row(row) + kx * s.inputChannels, rowStride: 1,
      columnStride: s.stride * s.inputChannels)
  }

  func add(to sums: UnsafeMutablePointer<Float>) {
    if s.outputWidth % blockSteps == 0 { addByColumns(to: sums) } else { addByTaps(to: sums) }
  }

  /// The taps of one column of the kernel share their pairs.
  private func addByColumns(to sums: UnsafeMutablePointer<Float>) {
    let size = blockCount(s.outputWidth) * height * 16
    for kx in 0..<s.kernelWidth {
      for row in 0..<(rows - 1) * s.stride + s.kernelHeight {
        packRows(
          channels(row, kx), rows: 0..<s.inputChannels, steps: 0..<s.outputWidth, height: height,
          into: pairs(lines) + row * size)
      }
      for ky in 0..<s.kernelHeight {
        addTap(
          ky, kx,
          bf16_rows(
            start: pairs(lines) + ky * size, row: 64, half: 1024, block: height * 64,
            run: 4 * s.stride * size, blocks: Int32(blockCount(s.outputWidth)), runs: Int32(rows)),
          to: sums)
      }
    }
  }

  /// Each tap has pairs of its own: its pixels are copied next to one another first.
  private func addByTaps(to sums: UnsafeMutablePointer<Float>) {
    let (c, width) = (s.inputChannels, s.outputWidth)
    let dense = Scratch(rows * width * c, .garbage)
    defer { dense.free() }
    for ky in 0..<s.kernelHeight {
      for kx in 0..<s.kernelWidth {
        for row in 0..<rows {
          let source = channels(row * s.stride + ky, kx)
          for column in 0..<width {
            (dense.pointer + (row * width + column) * c).update(
              from: source.pointer + column * source.columnStride, count: c)
          }
        }
        packRows(
          MatrixView(dense.pointer, rowStride: 1, columnStride: c), rows: 0..<c,
          steps: 0..<rows * width, height: height, into: pairs(lines))
        addTap(
          ky, kx,
          bf16_rows(
            start: pairs(lines), row: 64, half: 1024, block: height * 64, run: 0,
            blocks: Int32(blockCount(rows * width)), runs: 1),
          to: sums)
      }
    }
  }

  /// Adds the products of one tap, whose rows of pairs are given.
  private func addTap(
    _ ky: Int, _ kx: Int, _ lines: bf16_rows, to sums: UnsafeMutablePointer<Float>
  ) {
    let (c, o) = (s.inputChannels, s.outputChannels)
    let target = sums + (ky * s.kernelWidth + kx) * c * o
    let panelSize = blockCount(rows * s.outputWidth) * 16 * blockSide
    var place = lines
    for row in stride(from: 0, to: c, by: blockSide) {
      place.start = lines.start + row * 64
      for panel in 0..<(o + blockSide - 1) / blockSide {
        let block = target + row * o + panel * blockSide
        multiplyBlock(
          &place, pairs(panels) + panel * panelSize, start: Start(bias: nil, matrix: block),
          into: Target(
            block, stride: o, rows: min(blockSide, c - row),
            columns: min(blockSide, o - panel * blockSide)))
      }
    }
  }
}
