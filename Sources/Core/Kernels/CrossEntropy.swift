// Cross-entropy of logits and its gradient: PlainKernels/CrossEntropy.swift, row by row. They are
// fast because the probabilities are never stored: the loss needs only the maximum of a row and
// ln Σ e^(x - maximum), the gradient computes softmax(x) = e^(x - maximum - ln Σ) from them sixteen
// values at a time, and groups of rows share the threads.

import Vectors

/// Per row: loss = (maximum - x[label]) + ln Σ e^(x - maximum).
///
/// The maximum is never added to the logarithm: with logits of 1,000 the sum would have lost all
/// digits of a small loss. Rows whose label is negative are skipped: their loss is 0. Keeps the
/// maximum and the logarithm.
public func crossEntropy(
  rows: Int, n: Int, _ x: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
  losses: UnsafeMutablePointer<Float>, tops: UnsafeMutablePointer<Float>,
  logTotals: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: rowGrain(n)) { range in
    for row in range {
      let source = x + row * n
      guard labels[row] >= 0 else {
        losses[row] = 0
        continue
      }
      let top = maximumOf(n, source)
      let logTotal = logarithm(sumOfExponentials(n, source, minus: top))
      losses[row] = (top - source[Int(labels[row])]) + logTotal
      (tops[row], logTotals[row]) = (top, logTotal)
    }
  }
}

/// dx = (softmax(x) - onehot(label)) · scale[row · scaleStep], zero for skipped rows.
public func crossEntropyGradient(
  rows: Int, n: Int, _ x: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
  tops: UnsafePointer<Float>, logTotals: UnsafePointer<Float>, scale: UnsafePointer<Float>,
  scaleStep: Int, _ dx: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: rowGrain(n)) { range in
    for row in range {
      let (source, target) = (x + row * n, dx + row * n)
      let factor = scale[row * scaleStep]
      guard labels[row] >= 0 else {
        target.update(repeating: 0, count: n)
        continue
      }
      let (top, logTotal) = (F16(repeating: tops[row]), F16(repeating: logTotals[row]))
      @inline(__always)
      func compute(_ i: Int, _ count: Int) {
        let e = exp16(source.load16(i, first: count) - top - logTotal)
        target.store16(i, first: count, e * factor)
      }
      forEachVector(n, compute)
      target[Int(labels[row])] -= factor
    }
  }
}
