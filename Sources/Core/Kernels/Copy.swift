// Copies between differently ordered memory: permutations, slices, padding, repetition.
//
// The plain loop counts through all indices and copies one value at a time (see `transposed` in
// PlainKernels/MatrixProduct.swift). Here axes that run on without a gap are joined first, whole
// lines are moved at once, and a transposition goes in blocks of 8 × 8 that stay in the cache.

import Vectors

/// Sets n values.
public func fill(_ n: Int, _ y: UnsafeMutablePointer<Float>, with value: Float) {
  y.update(repeating: value, count: n)
}

/// y[i] = x[i] over a box of `shape`, with any strides on both sides. A stride of 0 on the side of
/// x repeats a value.
public func copyStrided(
  _ shape: [Int], _ x: UnsafePointer<Float>, _ xStrides: [Int],
  _ y: UnsafeMutablePointer<Float>, _ yStrides: [Int]
) {
  if shape.contains(0) { return }
  let (shape, xStrides, yStrides) = merged(shape, xStrides, yStrides)
  guard shape.count > 1 else {
    copyLine(shape.first ?? 1, x, xStrides.first ?? 1, y, yStrides.first ?? 1)
    return
  }
  let rank = shape.count
  let columns = shape[rank - 1]
  let rows = shape[rank - 2]
  let (xr, xc) = (xStrides[rank - 2], xStrides[rank - 1])
  let (yr, yc) = (yStrides[rank - 2], yStrides[rank - 1])
  let planes = shape.dropLast(2).reduce(1, *)
  let transposes = xr == 1 && yc == 1 && rows >= 8 && columns >= 8
  let perChunk = max(1, elementGrain / (rows * columns))
  parallelFor(planes, grain: perChunk) { range in
    for plane in range {
      var rest = plane
      var from = x
      var to = y
      for axis in stride(from: rank - 3, through: 0, by: -1) {
        let index = rest % shape[axis]
        rest /= shape[axis]
        from += index * xStrides[axis]
        to += index * yStrides[axis]
      }
      if transposes {
        transpose(rows, columns, from, xc, to, yr)
      } else {
        for row in 0..<rows {
          copyLine(columns, from + row * xr, xc, to + row * yr, yc)
        }
      }
    }
  }
}

/// Joins neighbouring axes that run on without a gap on both sides.
private func merged(
  _ shape: [Int], _ xStrides: [Int], _ yStrides: [Int]
) -> ([Int], [Int], [Int]) {
  var (s, xs, ys) = ([Int](), [Int](), [Int]())
  for axis in shape.indices where shape[axis] != 1 {
    if let n = s.indices.last, xs[n] == shape[axis] * xStrides[axis],
      ys[n] == shape[axis] * yStrides[axis]
    {
      s[n] *= shape[axis]
      xs[n] = xStrides[axis]
      ys[n] = yStrides[axis]
    } else {
      s.append(shape[axis])
      xs.append(xStrides[axis])
      ys.append(yStrides[axis])
    }
  }
  return (s, xs, ys)
}

@inline(__always)
private func copyLine(
  _ n: Int, _ x: UnsafePointer<Float>, _ xStep: Int, _ y: UnsafeMutablePointer<Float>,
  _ yStep: Int
) {
  switch (xStep, yStep) {
  case (1, 1): y.update(from: x, count: n)
  case (0, 1): y.update(repeating: x[0], count: n)
  default: for i in 0..<n { y[i * yStep] = x[i * xStep] }
  }
}

/// y[i, j] = x[j, i]: x has contiguous i, y contiguous j. Blocks of 8 × 8 stay in the cache.
private func transpose(
  _ rows: Int, _ columns: Int, _ x: UnsafePointer<Float>, _ xStride: Int,
  _ y: UnsafeMutablePointer<Float>, _ yStride: Int
) {
  for j in stride(from: 0, to: columns, by: 8) {
    for i in stride(from: 0, to: rows, by: 8) {
      if i + 8 <= rows && j + 8 <= columns {
        transpose8(x + j * xStride + i, xStride, y + i * yStride + j, yStride)
      } else {
        for q in i..<min(i + 8, rows) {
          for p in j..<min(j + 8, columns) { y[q * yStride + p] = x[p * xStride + q] }
        }
      }
    }
  }
}

@inline(__always)
private func transpose8(
  _ x: UnsafePointer<Float>, _ xStride: Int, _ y: UnsafeMutablePointer<Float>, _ yStride: Int
) {
  let r0 = x.load8(0)
  let r1 = x.load8(xStride)
  let r2 = x.load8(2 * xStride)
  let r3 = x.load8(3 * xStride)
  let r4 = x.load8(4 * xStride)
  let r5 = x.load8(5 * xStride)
  let r6 = x.load8(6 * xStride)
  let r7 = x.load8(7 * xStride)
  for i in 0..<8 {
    y.store8(i * yStride, F8(r0[i], r1[i], r2[i], r3[i], r4[i], r5[i], r6[i], r7[i]))
  }
}
