// How well one number orders things that another number orders.

/// Spearman's rank correlation of pairs of numbers, -1 … 1: the correlation of their ranks, where equal
/// numbers share the mean of theirs. 0 if all numbers on one side are equal.
public func rankCorrelation(_ x: [Double], _ y: [Double]) -> Double {
  precondition(
    x.count == y.count && x.count > 1, "2 or more pairs, got \(x.count) and \(y.count) numbers")
  let (a, b) = (ranks(x), ranks(y))
  let mean = Double(x.count - 1) / 2
  func product(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
  }
  let spread = (product(a, a) * product(b, b)).squareRoot()
  return spread > 0 ? product(a, b) / spread : 0
}

/// The place of every number in ascending order, from 0.
private func ranks(_ x: [Double]) -> [Double] {
  let order = x.indices.sorted { x[$0] < x[$1] }
  var ranks = [Double](repeating: 0, count: x.count)
  var start = 0
  while start < order.count {
    let end = (start..<order.count).first { x[order[$0]] > x[order[start]] } ?? order.count
    for i in order[start..<end] { ranks[i] = Double(start + end - 1) / 2 }
    start = end
  }
  return ranks
}
