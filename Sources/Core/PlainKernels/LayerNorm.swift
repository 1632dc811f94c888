// Layer normalisation (Ba, Kiros and Hinton, 2016).

/// y = (x - mean) / √(variance + ε) · weight + bias, with mean and variance of each row.
///
/// x [rows, D], weight [D], bias [D] → [rows, D]. The variance is the mean of (x - mean)².
public func layerNorm(
  _ x: [Float], weight: [Float], bias: [Float], rows: Int, width: Int, epsilon: Float = 1e-5
) -> [Float] {
  var y = normalizedRows(x, rows: rows, width: width, epsilon: epsilon).values  // [rows, D]
  for row in 0..<rows {
    for i in 0..<width { y[row * width + i] = y[row * width + i] * weight[i] + bias[i] }
  }
  return y
}

/// The gradients of layer normalisation.
///
/// With x̂ the normalised row, s = 1 / √(variance + ε) and g = dy · weight:
/// dx = s · (g - mean(g) - x̂ · mean(g · x̂)), dWeight = Σ dy · x̂ and dBias = Σ dy over the rows.
///
/// x, dy [rows, D], weight [D] → dx [rows, D], dWeight [D], dBias [D].
public func layerNormGradient(
  _ x: [Float], weight: [Float], _ dy: [Float], rows: Int, width: Int, epsilon: Float = 1e-5
) -> (dx: [Float], dWeight: [Float], dBias: [Float]) {
  let (normal, scales) = normalizedRows(x, rows: rows, width: width, epsilon: epsilon)
  var dx = x  // [rows, D]
  var dWeight = [Float](repeating: 0, count: width)  // [D]
  var dBias = dWeight  // [D]
  for row in 0..<rows {
    let at = row * width
    var (meanG, meanGX): (Float, Float) = (0, 0)
    for i in 0..<width {
      meanG += dy[at + i] * weight[i] / Float(width)
      meanGX += dy[at + i] * weight[i] * normal[at + i] / Float(width)
      dWeight[i] += dy[at + i] * normal[at + i]
      dBias[i] += dy[at + i]
    }
    for i in 0..<width {
      dx[at + i] = scales[row] * (dy[at + i] * weight[i] - meanG - normal[at + i] * meanGX)
    }
  }
  return (dx, dWeight, dBias)
}

/// Every row with its mean taken away and divided by its standard deviation, and the factors.
///
/// x [rows, D] → x̂ [rows, D], s [rows].
private func normalizedRows(
  _ x: [Float], rows: Int, width: Int, epsilon: Float
) -> (values: [Float], scales: [Float]) {
  precondition(x.count == rows * width, "\(x.count) values are not [\(rows), \(width)]")
  var normal = x  // [rows, D]
  var scales = [Float](repeating: 0, count: rows)  // [rows]
  for row in 0..<rows {
    let range = row * width..<(row + 1) * width
    let mean = x[range].reduce(0, +) / Float(width)
    let variance = x[range].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(width)
    scales[row] = 1 / (variance + epsilon).squareRoot()
    for i in range { normal[i] = (x[i] - mean) * scales[row] }
  }
  return (normal, scales)
}
