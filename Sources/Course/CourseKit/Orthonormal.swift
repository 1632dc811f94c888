import TensorCore

/// An orthonormal basis of the columns of a matrix [m, r], r ≤ m, by Gram and Schmidt's method: each
/// column less its parts along those before it, brought to length 1. It is what exercise 6.5 needs.
public func orthonormal(_ matrix: Tensor) -> Tensor {
  let (m, r) = (matrix.shape[0], matrix.shape[1])
  let values = matrix.scalars.map(Double.init)
  var basis: [[Double]] = []
  for j in 0..<r {
    var column = (0..<m).map { values[$0 * r + j] }
    // Twice: the first pass leaves rounding errors.
    for other in basis + basis {
      let part = zip(column, other).reduce(0) { $0 + $1.0 * $1.1 }
      for i in 0..<m { column[i] -= part * other[i] }
    }
    let length = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
    basis.append(column.map { $0 / length })
  }
  return Tensor(shape: [m, r], (0..<m).flatMap { i in basis.map { Float($0[i]) } })
}
