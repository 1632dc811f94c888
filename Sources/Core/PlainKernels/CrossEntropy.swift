// Cross-entropy: how surprised a model is by the right answers.

/// The mean of -ln softmax(x)[label] over the rows, in nats.
///
/// x [rows, K] are logits, labels [rows] the right classes. A negative label takes its row out of
/// the loss and of the mean. -ln softmax(x)[label] = (top - x[label]) + ln Σ e^(x - top): with
/// the largest logit taken out no exponential overflows, and large logits that differ little keep
/// the digits of their difference.
public func crossEntropy(_ x: [Float], labels: [Int], classes: Int) -> Float {
  precondition(
    x.count == labels.count * classes, "\(x.count) logits are not [\(labels.count), \(classes)]")
  var (loss, counted): (Float, Float) = (0, 0)
  for (row, label) in labels.enumerated() where label >= 0 {
    let logits = x[row * classes..<(row + 1) * classes]
    let top = logits.max() ?? 0
    let total = logits.reduce(0) { $0 + exp($1 - top) }
    loss += (top - x[row * classes + label]) + log(total)
    counted += 1
  }
  return loss / max(counted, 1)
}

/// The gradient of `crossEntropy`: (softmax(x) - onehot(label)) / rows that count.
///
/// x [rows, K], labels [rows] → dx [rows, K].
public func crossEntropyGradient(_ x: [Float], labels: [Int], classes: Int) -> [Float] {
  let counted = Float(max(labels.filter { $0 >= 0 }.count, 1))
  var dx = softmax(x, rows: labels.count, n: classes)  // [rows, K]
  for (row, label) in labels.enumerated() {
    if label >= 0 { dx[row * classes + label] -= 1 }
    for i in row * classes..<(row + 1) * classes { dx[i] = label < 0 ? 0 : dx[i] / counted }
  }
  return dx
}
