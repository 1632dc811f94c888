// The directions in which the rows of a table differ most.

import TensorCore

/// The principal components of the rows of a table [n, D], the largest first.
///
/// - Returns: `components` [count, D], of length 1, whose largest entry is positive; and
///   `shares` [count], the part of the whole variance that each explains, 0 … 1.
public func principalComponents(
  _ table: Tensor, count: Int
) -> (components: Tensor, shares: [Float]) {
  precondition(
    table.rank == 2 && (1...table.shape[1]).contains(count),
    "a table [n, D] has up to D components, got \(table.shape) and \(count)")
  let d = table.shape[1]
  let centred = table - table.mean(axis: 0, keepingAxis: true)  // [n, D]
  let scatter = matmul(centred.transposed(0, 1), centred)  // n · covariance, [D, D]
  let matrix = SymmetricMatrix(size: d, values: scatter.scalars.map { Double($0) })
  let (values, vectors) = matrix.eigen()  // [D] ascending, [D, D]
  let total = values.reduce(0, +)
  var components: [Float] = []
  for i in 0..<count {
    let row = vectors[(d - 1 - i) * d..<(d - i) * d]
    let largest = row.max { abs($0) < abs($1) } ?? 1
    components += row.map { Float(largest < 0 ? -$0 : $0) }
  }
  let shares = (0..<count).map { total > 0 ? Float(values[d - 1 - $0] / total) : 0 }
  return (Tensor(shape: [count, d], components), shares)
}
