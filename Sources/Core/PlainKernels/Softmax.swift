// Softmax: scores become probabilities.

/// y[i] = e^(x[i]) / Σⱼ e^(x[j]) over each row.
///
/// x [rows, N] → [rows, N]. The largest score of a row is taken out of its exponents first: that
/// cancels in the quotient, and no exponential can overflow. A row of -infinity gives zeros.
public func softmax(_ x: [Float], rows: Int, n: Int) -> [Float] {
  precondition(x.count == rows * n, "\(x.count) values are not [\(rows), \(n)]")
  var y = [Float](repeating: 0, count: rows * n)  // [rows, N]
  for row in 0..<rows {
    let range = row * n..<(row + 1) * n
    let top = x[range].max() ?? 0
    if top == -.infinity { continue }
    var total: Float = 0
    for i in range {
      y[i] = exp(x[i] - top)
      total += y[i]
    }
    for i in range { y[i] /= total }
  }
  return y
}

/// The gradient of softmax from its result: dx[i] = y[i] · (dy[i] - Σⱼ dy[j] · y[j]).
///
/// y, dy [rows, N] → dx [rows, N].
public func softmaxGradient(_ y: [Float], _ dy: [Float], rows: Int, n: Int) -> [Float] {
  precondition(
    y.count == rows * n && dy.count == rows * n,
    "\(y.count) and \(dy.count) values are not [\(rows), \(n)]")
  var dx = [Float](repeating: 0, count: rows * n)  // [rows, N]
  for row in 0..<rows {
    let range = row * n..<(row + 1) * n
    var mean: Float = 0
    for i in range { mean += dy[i] * y[i] }
    for i in range { dx[i] = y[i] * (dy[i] - mean) }
  }
  return dx
}
