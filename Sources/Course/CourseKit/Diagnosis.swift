import TensorCore

/// A mistake that shows in the numbers alone, whatever the exercise: the end of the sentence "your
/// answer …", or nil.
func commonMistake(_ yours: Answer, _ expected: Answer, _ tolerance: Tolerance) -> String? {
  guard yours.texts.isEmpty, expected.texts.isEmpty, !expected.values.isEmpty else { return nil }
  func same(_ values: [Double]) -> Bool {
    values.count == expected.values.count
      && zip(values, expected.values).allSatisfy { tolerance.allows($0, for: $1) }
  }
  if let axes = exchangedAxes(yours, expected, same) {
    return "equals the expected one with axes \(axes.0) and \(axes.1) exchanged"
  }
  guard yours.shape == expected.shape else { return nil }
  if yours.values.allSatisfy({ $0 == 0 }) { return "is all zeros" }
  if same(yours.values.map { -$0 }) { return "has the wrong sign" }
  guard expected.values.count > 1, let factor = ratio(yours.values, expected.values) else {
    return nil
  }
  if same(yours.values.map { $0 / factor }) {
    return "is \(Mismatch.number(factor)) times the expected one"
  }
  let offset = yours.values[0] - expected.values[0]
  return same(yours.values.map { $0 - offset })
    ? "is the expected one plus \(Mismatch.number(offset))" : nil
}

/// The factor between the largest expected number and yours.
private func ratio(_ yours: [Double], _ expected: [Double]) -> Double? {
  guard let largest = expected.indices.max(by: { abs(expected[$0]) < abs(expected[$1]) }),
    expected[largest] != 0, yours[largest].isFinite, yours[largest] != 0
  else { return nil }
  return yours[largest] / expected[largest]
}

/// Two axes of `yours` that give the expected answer when they are exchanged.
private func exchangedAxes(
  _ yours: Answer, _ expected: Answer, _ same: ([Double]) -> Bool
) -> (Int, Int)? {
  let rank = yours.shape.count
  guard rank > 1, yours.values.count == expected.values.count else { return nil }
  let tensor = Tensor(shape: yours.shape, yours.values.map(Float.init))
  for a in 0..<rank {
    for b in a + 1..<rank {
      let exchanged = tensor.transposed(a, b)
      if exchanged.shape == expected.shape && same(exchanged.scalars.map(Double.init)) {
        return (a, b)
      }
    }
  }
  return nil
}
