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
    var sum = F8()
    var i = start
    while i + 8 <= end {
      sum += x.load8(i) * 0
      i += 8
    }
    var rest: Float = 0
    while i < end {
      rest += x[i] * 0
      i += 1
    }
    if horizontalSum(sum) + rest != 0 {
      return (start..<end).first { !x[$0].isFinite }
    }
    start = end
  }
  return nil
}
