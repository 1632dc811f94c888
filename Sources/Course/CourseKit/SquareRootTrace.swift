import Foundation

/// The trace of the square root of a · b, for two covariance matrices [D, D] given as rows.
///
/// a and b must be symmetric and may be singular. The product has the eigenvalues of the
/// symmetric matrix √a · b · √a, which are found by Jacobi's rotations; the trace is the sum of
/// their roots.
///
/// - Complexity: O(D³) for each of a few sweeps; made for D up to a few dozen.
public func traceOfSquareRoot(_ a: [[Double]], _ b: [[Double]]) -> Double {
  precondition(
    a.count == b.count && (a + b).allSatisfy { $0.count == a.count },
    "traceOfSquareRoot is for two square matrices of one size")
  let (values, vectors) = eigen(a)
  let n = a.count
  let roots = values.map { max(0, $0).squareRoot() }
  var root = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)  // √a
  for i in 0..<n {
    for j in 0..<n {
      for k in 0..<n { root[i][j] += vectors[i][k] * roots[k] * vectors[j][k] }
    }
  }
  let product = multiply(multiply(root, b), root)
  return eigen(product).values.reduce(0) { $0 + max(0, $1).squareRoot() }
}

private func multiply(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
  a.map { row in
    b.indices.map { j in row.indices.reduce(0) { $0 + row[$1] * b[$1][j] } }
  }
}

/// Eigenvalues and, as columns, eigenvectors of a symmetric matrix: rotations in the plane of two
/// axes take the entries beside the diagonal to zero, one after the other, until all are.
private func eigen(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
  let n = matrix.count
  var a = matrix
  var v = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0 } }
  let size = matrix.joined().reduce(0) { $0 + $1 * $1 }
  for _ in 0..<100 {
    let beside = (0..<n).reduce(0.0) { sum, i in
      (0..<n).reduce(sum) { $1 == i ? $0 : $0 + a[i][$1] * a[i][$1] }
    }
    if beside <= 1e-28 * size { break }
    for p in 0..<n {
      for q in p + 1..<n where a[p][q] != 0 {
        let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<n {
          (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q])
        }
        for k in 0..<n {
          (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k])
        }
        for k in 0..<n {
          (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q])
        }
      }
    }
  }
  return ((0..<n).map { a[$0][$0] }, v)
}
