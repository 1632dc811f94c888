// The search for NaN and infinity. Checking each value would cost a comparison and a branch; here
// a block of 4,096 values is summed without branches, and only a block whose sum shows that
// something is wrong is searched.

import Vectors

/// The first value that is NaN or infinite, or nil.
public func firstNonFinite(_ n: Int, _ x: UnsafePointer<Float>) -> Int? {
  // x · 0 is 0 for finite x and NaN otherwise, so one sum per block tells.
  let block = 4096
  var start = 0
  while start < n {
    let end = min(n, start + block)
    var sum = F16()
    @inline(__always)
    func add(_ i: Int, _ count: Int) { sum += x.load16(start + i, first: count) * 0 }
    forEachVector(end - start, add)
    if horizontalSum(sum, F16()) != 0 {
      return (start..<end).first { !x[$0].isFinite }
    }
    start = end
  }
  return nil
}
