// The innermost loops of matrix products, convolutions and attention: a tile (Tile.swift) runs
// along the summed index. There are two, since six or eight values of A are either in as many rows
// or side by side.
//
// A tile at the edge computes only the half of its rows or columns that exists. The sums that remain
// are the same, in the same order.

import Vectors

/// C = start + A · B for one tile, where the rows of A are contiguous.
///
/// The summed index has `runs` runs of `steps` steps: step s of run r meets `a.n[r · runStride + s]`
/// and the panel's row `r · steps + s`. A convolution has a run for each row of its kernel, a matrix
/// product has one.
func multiplyTile(
  _ a: Rows, runs: Int = 1, runStride: Int = 0, steps: Int, panel: UnsafePointer<Float>,
  start: Start, into target: Target
) {
  target.withWholeTile(start) { start, c, stride in
    multiplyWholeTile(
      a, runs, runStride, steps, panel, start, c, stride,
      needed: (target.rows, target.columns))
  }
}

/// The same for a tile whose place has room for all of it, and of which some rows and columns are
/// needed.
private func multiplyWholeTile(
  _ a: Rows, _ runs: Int, _ runStride: Int, _ steps: Int, _ panel: UnsafePointer<Float>,
  _ start: Start, _ c: UnsafeMutablePointer<Float>, _ stride: Int,
  needed: (rows: Int, columns: Int)
) {
  var tile = Tile()
  tile.begin(start, stride: stride)
  for run in 0..<runs {
    let b = panel + run * steps * Tile.columns
    let offset = run * runStride
    switch (needed.rows > 4, needed.columns > 16) {
    case (true, true): tile.add(steps, a, offset, b, manyRows: true, isWhole: true)
    case (true, false): tile.add(steps, a, offset, b, manyRows: true, isWhole: false)
    case (false, true): tile.add(steps, a, offset, b, manyRows: false, isWhole: true)
    case (false, false): tile.add(steps, a, offset, b, manyRows: false, isWhole: false)
    }
  }
  tile.end(c, stride: stride)
}

/// C = start + Aᵀ · B for one tile, where a step's values of A are neighbours: step s meets
/// `a[s · aStride ..< s · aStride + Tile.rows]` and the panel's row s. There is room to read
/// `Tile.rows` values of A even at its edge.
func multiplyTile(
  columns a: UnsafePointer<Float>, aStride: Int, steps: Int, panel: UnsafePointer<Float>,
  start: Start, into target: Target
) {
  target.withWholeTile(start) { start, c, stride in
    multiplyWholeTile(
      columns: a, aStride, steps, panel, start, c, stride,
      needed: (target.rows, target.columns))
  }
}

private func multiplyWholeTile(
  columns a: UnsafePointer<Float>, _ aStride: Int, _ steps: Int, _ panel: UnsafePointer<Float>,
  _ start: Start, _ c: UnsafeMutablePointer<Float>, _ stride: Int,
  needed: (rows: Int, columns: Int)
) {
  var tile = Tile()
  tile.begin(start, stride: stride)
  switch (needed.rows > 4, needed.columns > 16) {
  case (true, true): tile.add(steps, a, aStride, panel, manyRows: true, isWhole: true)
  case (true, false): tile.add(steps, a, aStride, panel, manyRows: true, isWhole: false)
  case (false, true): tile.add(steps, a, aStride, panel, manyRows: false, isWhole: true)
  case (false, false): tile.add(steps, a, aStride, panel, manyRows: false, isWhole: false)
  }
  tile.end(c, stride: stride)
}

extension Tile {
  /// The loop over rows of A. `manyRows` and `isWhole` are known when this is compiled.
  @inline(__always)
  fileprivate mutating func add(
    _ steps: Int, _ a: Rows, _ offset: Int, _ b: UnsafePointer<Float>, manyRows: Bool,
    isWhole: Bool
  ) {
    var b = b
    for step in offset..<offset &+ steps {
      let values = TileRow(b, isWhole: isWhole)
      b += Tile.columns
      r0.add(values, times: a.r0[step], isWhole: isWhole)
      r1.add(values, times: a.r1[step], isWhole: isWhole)
      r2.add(values, times: a.r2[step], isWhole: isWhole)
      r3.add(values, times: a.r3[step], isWhole: isWhole)
      if !manyRows { continue }
      r4.add(values, times: a.r4[step], isWhole: isWhole)
      r5.add(values, times: a.r5[step], isWhole: isWhole)
      if !Tile.isWide { continue }
      r6.add(values, times: a.r6[step], isWhole: isWhole)
      r7.add(values, times: a.r7[step], isWhole: isWhole)
    }
  }

  /// The loop over columns of A.
  @inline(__always)
  fileprivate mutating func add(
    _ steps: Int, _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>,
    manyRows: Bool, isWhole: Bool
  ) {
    var (a, b) = (a, b)
    for _ in 0..<steps {
      let values = TileRow(b, isWhole: isWhole)
      b += Tile.columns
      r0.add(values, times: a[0], isWhole: isWhole)
      r1.add(values, times: a[1], isWhole: isWhole)
      r2.add(values, times: a[2], isWhole: isWhole)
      r3.add(values, times: a[3], isWhole: isWhole)
      if manyRows {
        r4.add(values, times: a[4], isWhole: isWhole)
        r5.add(values, times: a[5], isWhole: isWhole)
        if Tile.isWide {
          r6.add(values, times: a[6], isWhole: isWhole)
          r7.add(values, times: a[7], isWhole: isWhole)
        }
      }
      a += aStride
    }
  }
}
