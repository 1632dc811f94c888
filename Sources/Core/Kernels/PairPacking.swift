// Operands of bf16 products. An instruction multiplies pairs: two neighbours along the summed index
// in one 32-bit lane, the first in the lower half. So a pair is a `UInt32`, and 16 pairs are a block of
// 32 steps; what is missing at the end is zero.
//
//     A   [K / 32][rows][16 pairs]      a row of a block is one line of the cache
//     B   [N / 32][K / 2][32 columns]   panels, as for floats
//
// Both are made from squares of 16 × 16 pairs. Where a matrix lies along the summed index, 32
// neighbours of a line become 16 pairs; where it lies across, two lines become 16 pairs. Each operand
// wants one of the two as it comes and the other transposed.

import CSupport
import Vectors

typealias Pairs = UnsafeMutablePointer<UInt32>

/// Steps of a block.
let blockSteps = 32
/// Columns of a panel of pairs, and rows and columns of a block of results.
let blockSide = 32

/// The number of blocks that hold k steps.
func blockCount(_ k: Int) -> Int { (k + blockSteps - 1) / blockSteps }

/// The number of pairs in the panels of a K × N matrix.
func pairCount(k: Int, n: Int) -> Int {
  blockCount(k) * blockSteps / 2 * ((n + blockSide - 1) / blockSide * blockSide)
}

/// Copies B [K, N] into panels.
func packPairs(_ b: MatrixView, k: Int, n: Int, into panels: Pairs) {
  let blocks = blockCount(k)
  let size = blocks * 16 * blockSide
  parallelFor((n + blockSide - 1) / blockSide, grain: max(1, 16_384 / max(1, size))) { range in
    for panel in range {
      for block in 0..<blocks {
        for half in 0..<2 {
          let column = panel * blockSide + half * 16
          packSquare(
            b.transposed, row: column, of: n, step: block * blockSteps, of: k, across: true,
            into: panels + panel * size + block * 16 * blockSide + half * 16, stride: blockSide)
        }
      }
    }
  }
}

/// Copies rows and steps of A [M, K] into blocks of `height` rows, a multiple of 16.
func packRows(
  _ a: MatrixView, rows: Range<Int>, steps: Range<Int>, height: Int, into blocks: Pairs
) {
  for block in 0..<blockCount(steps.count) {
    for row in stride(from: 0, to: height, by: 16) {
      packSquare(
        a, row: rows.lowerBound + row, of: rows.upperBound,
        step: steps.lowerBound + block * blockSteps, of: steps.upperBound, across: false,
        into: blocks + (block * height + row) * 16, stride: 16)
    }
  }
}

/// A square of 16 rows and 32 steps of a matrix of which some rows and steps exist: pairs of a row
/// side by side, or, `across`, pairs of a step.
private func packSquare(
  _ a: MatrixView, row: Int, of rows: Int, step: Int, of steps: Int, across: Bool,
  into target: Pairs, stride: Int
) {
  let (height, width) = (min(16, rows - row), min(blockSteps, steps - step))
  let liesAlong = a.columnStride == 1
  if height == 16 && width == blockSteps {
    packSquare(
      a.pointer + row * a.rowStride + step * a.columnStride,
      liesAlong ? a.rowStride : a.columnStride, along: liesAlong, across: across, into: target,
      stride)
    return
  }
  withUnsafeTemporaryAllocation(of: Float.self, capacity: 16 * blockSteps) { buffer in
    buffer.initialize(repeating: 0)
    for i in 0..<max(0, height) {
      for p in 0..<max(0, width) {
        buffer[liesAlong ? i * blockSteps + p : p * 16 + i] =
          a.pointer[(row + i) * a.rowStride + (step + p) * a.columnStride]
      }
    }
    packSquare(
      UnsafePointer(buffer.baseAddress!), liesAlong ? blockSteps : 16, along: liesAlong,
      across: across, into: target, stride)
  }
}

/// A whole square, of lines `from` apart.
private func packSquare(
  _ x: UnsafePointer<Float>, _ from: Int, along: Bool, across: Bool, into target: Pairs, _ to: Int
) {
  if along != across {
    pairs(x, from, along: along, into: target, to)
    return
  }
  // No more than 1 KB: larger ones are taken from the heap.
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 16 * 16) { square in
    pairs(x, from, along: along, into: square.baseAddress!, 16)
    transpose(square.baseAddress!, into: target, to)
  }
}

/// Sixteen lines of sixteen pairs: of 16 lines of 32 values, or of 32 lines of 16.
@inline(__always)
private func pairs(
  _ x: UnsafePointer<Float>, _ from: Int, along: Bool, into y: Pairs, _ to: Int
) {
  for i in 0..<16 {
    let (first, second) =
      along ? (x + i * from, x + i * from + 16) : (x + 2 * i * from, x + (2 * i + 1) * from)
    let values =
      along
      ? bf16_neighbours(first.load16(0), second.load16(0))
      : bf16_pair(first.load16(0), second.load16(0))
    UnsafeMutableRawPointer(y + i * to).storeBytes(of: values, as: SIMD16<UInt32>.self)
  }
}

/// A square of 16 × 16 pairs, lines 16 apart, as columns.
@inline(__always)
private func transpose(_ x: Pairs, into y: Pairs, _ to: Int) {
  // Moving floats moves their bits.
  let from = UnsafeRawPointer(x).assumingMemoryBound(to: Float.self)
  let into = UnsafeMutableRawPointer(y).assumingMemoryBound(to: Float.self)
  for i in [0, 8] {
    for j in [0, 8] { transpose8(from + i * 16 + j, 16, into: into + j * to + i, to) }
  }
}
