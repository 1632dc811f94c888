// Cross-entropy of logits and its gradient: PlainKernels/CrossEntropy.swift, row by row. They are
// fast because the probabilities are never stored: the loss needs only the log-sum-exp of a row,
// the gradient computes softmax(x) = e^(x - log-sum-exp) eight values at a time, and groups of rows
// share the threads.

import Vectors

/// Per row: loss = ln Σ eˣ - x[label].
///
/// Rows whose label is negative are skipped: their loss is 0. Keeps the log-sum-exp.
public func crossEntropy(
  rows: Int, n: Int, _ x: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
  losses: UnsafeMutablePointer<Float>, logSums: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: rowGrain(n)) { range in
    for row in range {
      let source = x + row * n
      guard labels[row] >= 0 else {
        losses[row] = 0
        continue
      }
      let top = maximumOf(n, source)
      let logSum = top + logarithm(sumOfExponentials(n, source, minus: top))
      losses[row] = logSum - source[Int(labels[row])]
      logSums[row] = logSum
    }
  }
}

/// dx = (softmax(x) - onehot(label)) · scale[row · scaleStep], zero for skipped rows.
public func crossEntropyGradient(
  rows: Int, n: Int, _ x: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
  logSums: UnsafePointer<Float>, scale: UnsafePointer<Float>,
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
      let logSum = F8(repeating: logSums[row])
      var i = 0
      while i + 8 <= n {
        target.store8(i, exp8(source.load8(i) - logSum) * factor)
        i += 8
      }
      if i < n {
        let rest = n - i
        (exp8(partial(source + i, rest) - logSum) * factor).store(target + i, rest)
      }
      target[Int(labels[row])] -= factor
    }
  }
}
