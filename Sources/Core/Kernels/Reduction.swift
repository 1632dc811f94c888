// Sums and maxima over one axis of a tensor seen as [outer, n, inner]. The plain loop adds one
// value after the other; here 32 sums run at once, and long sums are cut into blocks that share
// the threads and whose sums are added in their order.

import Vectors

/// y[o, i] = Σₙ x[o, n, i]
///
/// Long sums are cut into blocks whose sums are added up afterwards, in Double when inner is 1, so
/// that the error grows little with n.
public func sumAxis(
  outer: Int, n: Int, inner: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  if inner == 1 {
    if outer == 1 {
      y[0] = Float(sum(n, x))
      return
    }
    parallelFor(outer, grain: max(1, elementGrain / max(n, 1))) { range in
      for o in range { y[o] = Float(sumSerial(n, x + o * n)) }
    }
    return
  }
  // Rows are summed in blocks, block results in a second pass; with many outer rows each is
  // one block.
  let rowsPerBlock = 128
  if n <= rowsPerBlock || outer >= 8 {
    parallelFor(outer, grain: max(1, elementGrain / max(n * inner, 1))) { range in
      for o in range { sumRows(n, inner, x + o * n * inner, y + o * inner) }
    }
    return
  }
  let blocks = (n + rowsPerBlock - 1) / rowsPerBlock
  let partial = Memory.allocate(blocks * inner)
  defer { Memory.free(partial, blocks * inner) }
  for o in 0..<outer {
    let source = x + o * n * inner
    parallelFor(blocks) { block in
      let first = block * rowsPerBlock
      sumRows(
        min(rowsPerBlock, n - first), inner, source + first * inner, partial + block * inner)
    }
    sumRows(blocks, inner, partial, y + o * inner)
  }
}

/// y[i] = Σ over rows of x [rows, inner], in blocks of 128 rows and 64 columns: four vectors, so that
/// no addition waits for the one before it.
private func sumRows(
  _ rows: Int, _ inner: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i + 64 <= inner {
    var (t0, t1, t2, t3) = (F16(), F16(), F16(), F16())
    for first in stride(from: 0, to: rows, by: 128) {
      var (b0, b1, b2, b3) = (F16(), F16(), F16(), F16())
      for row in first..<min(rows, first + 128) {
        let source = x + (row * inner + i)
        b0 += source.load16(0)
        b1 += source.load16(16)
        b2 += source.load16(32)
        b3 += source.load16(48)
      }
      (t0, t1, t2, t3) = (t0 + b0, t1 + b1, t2 + b2, t3 + b3)
    }
    y.store16(i, t0)
    y.store16(i + 16, t1)
    y.store16(i + 32, t2)
    y.store16(i + 48, t3)
    i += 64
  }
  while i < inner {
    let count = min(16, inner - i)
    var total = F16()
    for first in stride(from: 0, to: rows, by: 128) {
      var block = F16()
      for row in first..<min(rows, first + 128) { block += x.load16(row * inner + i, first: count) }
      total += block
    }
    y.store16(i, first: count, total)
    i += 16
  }
}

/// Σ x in Double, over blocks of 4,096 floats.
public func sum(_ n: Int, _ x: UnsafePointer<Float>) -> Double {
  blockwise(n, x) { sumSerial($0, $1) }
}

/// Σ x² in Double.
public func sumOfSquares(_ n: Int, _ x: UnsafePointer<Float>) -> Double {
  blockwise(n, x) { count, x in
    total(count, x) { $0 * $0 }
  }
}

private func sumSerial(_ n: Int, _ x: UnsafePointer<Float>) -> Double {
  total(n, x) { $0 }
}

/// Adds up `part` over blocks of a fixed length, in their order.
private func blockwise(
  _ n: Int, _ x: UnsafePointer<Float>, _ part: (Int, UnsafePointer<Float>) -> Double
) -> Double {
  let grain = 8 * elementGrain
  if n <= grain { return part(n, x) }
  let chunks = (n + grain - 1) / grain
  return withUnsafeTemporaryAllocation(of: Double.self, capacity: chunks) { parts in
    let base = parts.baseAddress!
    parallelFor(chunks) { chunk in
      base[chunk] = part(min(grain, n - chunk * grain), x + chunk * grain)
    }
    return (0..<chunks).reduce(0) { $0 + base[$1] }
  }
}

@inline(__always)
private func total(_ n: Int, _ x: UnsafePointer<Float>, _ f: (F16) -> F16) -> Double {
  // Four sums of eight lanes at once; what is left of a block goes to the first of them.
  var result = 0.0
  var i = 0
  while i < n {
    let end = min(n, i + 4096)
    var (s01, s23) = (F16(), F16())
    while i + 32 <= end {
      s01 += f(x.load16(i))
      s23 += f(x.load16(i + 16))
      i += 32
    }
    var s0 = s01.first8
    while i + 8 <= end {
      s0 += f(x.load16(i, first: 8)).first8
      i += 8
    }
    var rest: Float = 0
    while i < end {
      rest += f(F16(repeating: x[i]))[0]
      i += 1
    }
    result += Double(horizontalSum((s0 + s01.last8) + (s23.first8 + s23.last8)) + rest)
  }
  return result
}

/// The largest of x[o, ·, i] and the first place where it stands. NaN counts as largest.
public func maximumAxis(
  outer: Int, n: Int, inner: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
  _ places: UnsafeMutablePointer<Int32>
) {
  parallelFor(outer, grain: max(1, elementGrain / max(n * inner, 1))) { range in
    for o in range {
      let source = x + o * n * inner
      for i in 0..<inner {
        var best = source[i]
        var place = 0
        for k in 1..<max(n, 1)
        where source[k * inner + i] > best || (source[k * inner + i].isNaN && !best.isNaN) {
          best = source[k * inner + i]
          place = k
        }
        y[o * inner + i] = best
        places[o * inner + i] = Int32(place)
      }
    }
  }
}
