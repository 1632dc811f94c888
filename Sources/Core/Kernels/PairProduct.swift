// C = A · B in bf16: `matrixProduct` of PlainKernels/BrainFloat.swift. Operands are copied as pairs
// (PairPacking.swift); 32 × 32 results are made at a time, by AMX in four of its registers, by vectors
// in four tiles of 8 × 32 (as in Vectors/Tile.swift, with a pair in each lane). Sums are floats.

import CSupport
import Vectors

/// C [M, N] = start + A [M, K] · B [K, N], the factors rounded to `precision`.
///
/// A bias must have room for whole panels. The work is cut into chunks by M, N and K alone.
public func multiply(
  m: Int, n: Int, k: Int, _ a: MatrixView, _ b: MatrixView,
  into c: UnsafeMutablePointer<Float>, stride: Int, start: Start, precision: Precision
) {
  guard precision == .bf16 && m > 0 && n > 0 && k > 0 else {
    multiply(m: m, n: n, k: k, a, b, into: c, stride: stride, start: start)
    return
  }
  let count = pairCount(k: k, n: n)
  let memory = Memory.allocate(count)
  defer { Memory.free(memory, count) }
  let panels = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: UInt32.self)
  packPairs(b, k: k, n: n, into: panels)
  let product = PairProduct(
    m: m, n: n, k: k, a: a, panels: panels, c: c, stride: stride, start: start)
  let rowChunks = (m + PairProduct.rowsPerChunk - 1) / PairProduct.rowsPerChunk
  let panelCount = (n + blockSide - 1) / blockSide
  let panelsPerChunk = rowChunks >= 4 ? panelCount : max(1, (panelCount + 3) / 4)
  let panelChunks = (panelCount + panelsPerChunk - 1) / panelsPerChunk
  parallelFor(rowChunks * panelChunks) { chunk in
    let row = chunk / panelChunks * PairProduct.rowsPerChunk
    let panel = chunk % panelChunks * panelsPerChunk
    product.multiply(
      rows: row..<min(m, row + PairProduct.rowsPerChunk),
      panels: panel..<min(panelCount, panel + panelsPerChunk))
  }
}

private struct PairProduct {
  let m, n, k: Int
  let a: MatrixView
  let panels: Pairs
  let c: UnsafeMutablePointer<Float>
  let stride: Int
  let start: Start

  /// A chunk's rows of A and a panel of B stay in the second-level cache.
  static let rowsPerChunk = 128
  static let stepsPerPass = 512

  func multiply(rows: Range<Int>, panels range: Range<Int>) {
    let height = (rows.count + 15) / 16 * 16
    let count = blockCount(min(k, Self.stepsPerPass)) * height * 16
    let memory = Memory.allocate(count)
    defer { Memory.free(memory, count) }
    let blocks = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: UInt32.self)
    withTiles {
      for step in Swift.stride(from: 0, to: k, by: Self.stepsPerPass) {
        let steps = step..<min(k, step + Self.stepsPerPass)
        packRows(a, rows: rows, steps: steps, height: height, into: blocks)
        for panel in range {
          let b = panels + (panel * blockCount(k) + step / blockSteps) * 16 * blockSide
          for row in Swift.stride(from: 0, to: rows.count, by: blockSide) {
            var place = bf16_rows(
              start: blocks + row * 16, row: 64, half: 1024, block: height * 64, run: 0,
              blocks: Int32(blockCount(steps.count)), runs: 1)
            multiplyBlock(
              &place, b,
              start: start.block(
                step, c, stride, row: rows.lowerBound + row, column: panel * blockSide),
              into: Target(
                c + (rows.lowerBound + row) * stride + panel * blockSide, stride: stride,
                rows: min(blockSide, rows.count - row),
                columns: min(blockSide, n - panel * blockSide)))
          }
        }
      }
    }
  }
}

/// Runs `body`, in which `multiplyBlock` can be called.
func withTiles(_ body: () -> Void) {
  if Precision.Method.current == .tiles { bf16_begin_tiles() }
  body()
  if Precision.Method.current == .tiles { bf16_end_tiles() }
}

/// A block of results: start + rows of pairs · a panel. Only what exists of C is read and written.
func multiplyBlock(
  _ a: UnsafePointer<bf16_rows>, _ b: Pairs, start: Start, into target: Target
) {
  let isWhole = target.rows % 16 == 0 && target.columns % 16 == 0
  if isWhole && (start.bias == nil || start.matrix == nil) {
    // A bias is a matrix whose rows are all the same.
    multiplyBlock(
      a, b, start.bias ?? start.matrix, start.bias == nil ? target.stride : 0, target.c,
      target.stride, target.rows, target.columns)
    return
  }
  withUnsafeTemporaryAllocation(byteCount: 4 * blockSide * blockSide, alignment: 64) { buffer in
    let copy = buffer.baseAddress!.assumingMemoryBound(to: Float.self)
    copy.update(repeating: 0, count: blockSide * blockSide)
    for i in 0..<target.rows {
      let row = copy + i * blockSide
      if let matrix = start.matrix {
        row.update(from: matrix + i * target.stride, count: target.columns)
      }
      if let bias = start.bias { for j in 0..<target.columns { row[j] += bias[j] } }
    }
    let (c, stride) = isWhole ? (target.c, target.stride) : (copy, blockSide)
    multiplyBlock(a, b, copy, blockSide, c, stride, target.rows, target.columns)
    if isWhole { return }
    for i in 0..<target.rows {
      (target.c + i * target.stride).update(from: copy + i * blockSide, count: target.columns)
    }
  }
}

/// The same where C has room for whole halves of 16 rows and columns.
private func multiplyBlock(
  _ a: UnsafePointer<bf16_rows>, _ b: Pairs, _ begin: UnsafePointer<Float>?, _ beginStride: Int,
  _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ columns: Int
) {
  if Precision.Method.current == .tiles {
    bf16_multiply_tile(
      a, b, begin, beginStride, c, stride, rows > 16 ? 1 : 0, columns > 16 ? 1 : 0)
    return
  }
  for row in Swift.stride(from: 0, to: rows, by: 8) {
    multiplyRows(
      a.pointee, first: row, b, begin.map { $0 + row * beginStride }, beginStride, c + row * stride,
      stride,
      isWhole: columns > 16)
  }
}

/// Eight rows of a block by vectors.
private func multiplyRows(
  _ a: bf16_rows, first: Int, _ b: Pairs, _ begin: UnsafePointer<Float>?, _ beginStride: Int,
  _ c: UnsafeMutablePointer<Float>, _ stride: Int, isWhole: Bool
) {
  var tile = Tile()
  if let begin {
    tile.forEachRow(all: true) { i, row in
      row.low = begin.load16(i * beginStride)
      if isWhole { row.high = begin.load16(i * beginStride + 16) }
    }
  }
  var b = UnsafeRawPointer(b)
  for run in 0..<Int(a.runs) {
    var rows = a.start! + (first / 16 * a.half + first % 16 * a.row + run * a.run)
    for _ in 0..<a.blocks {
      tile.add(rows, a.row, b, isWhole: isWhole)
      rows += a.block
      b += 4 * 16 * blockSide
    }
  }
  tile.forEachRow(all: true) { i, row in
    c.store16(i * stride, row.low)
    if isWhole { c.store16(i * stride + 16, row.high) }
  }
}

extension Tile {
  /// Adds sixteen pairs of each of eight rows, `stride` bytes apart.
  @inline(__always)
  fileprivate mutating func add(
    _ a: UnsafeRawPointer, _ stride: Int, _ b: UnsafeRawPointer, isWhole: Bool
  ) {
    var (a, b) = (a, b)
    for _ in 0..<16 {
      let low = b.loadUnaligned(as: SIMD16<UInt32>.self)
      let high = isWhole ? (b + 64).loadUnaligned(as: SIMD16<UInt32>.self) : low
      forEachRow(all: true) { i, row in
        let pair = SIMD16(repeating: (a + i * stride).load(as: UInt32.self))
        row.low = bf16_dot(row.low, pair, low)
        if isWhole { row.high = bf16_dot(row.high, pair, high) }
      }
      a += 4
      b += 128
    }
  }
}

extension Start {
  /// The start of a block of C in the pass from `step` on: the first starts from this, the others go
  /// on from what C holds.
  fileprivate func block(
    _ step: Int, _ c: UnsafeMutablePointer<Float>, _ stride: Int, row: Int, column: Int
  ) -> Start {
    let offset = row * stride + column
    if step > 0 { return Start(bias: nil, matrix: c + offset) }
    return moved(columns: column, offset: offset)
  }
}
