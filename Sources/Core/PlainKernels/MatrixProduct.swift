// The matrix product, the one loop that everything else rests on.
//
// The loops of this module say what the fast ones of `Kernels` compute: no vectors, no threads, no
// pointers, one idea per file. They are made to be read, and tests hold the fast loops against
// them. Matrices are arrays, row by row: element (i, j) of an [M, N] matrix is `c[i * n + j]`.
// Sums run in Float, one term after the other, as a reader would write them; the fast loops add
// the same terms in another order, so the two agree up to rounding.

/// The product of two matrices: C[i, j] = Σₚ A[i, p] · B[p, j].
///
/// a [M, K], b [K, N] → [M, N]. With dC the gradient of a loss with respect to C, those with
/// respect to A and B are products too: dA = dC Bᵀ and dB = Aᵀ dC (see `transposed`).
public func matrixProduct(_ a: [Float], _ b: [Float], m: Int, k: Int, n: Int) -> [Float] {
  precondition(
    a.count == m * k && b.count == k * n,
    "\(a.count) and \(b.count) values are not [\(m), \(k)] and [\(k), \(n)]")
  var c = [Float](repeating: 0, count: m * n)  // [M, N]
  for i in 0..<m {
    for j in 0..<n {
      for p in 0..<k { c[i * n + j] += a[i * k + p] * b[p * n + j] }
    }
  }
  return c
}

/// The transposed matrix: Aᵀ[j, i] = A[i, j].
///
/// a [M, N] → [N, M].
public func transposed(_ a: [Float], rows m: Int, columns n: Int) -> [Float] {
  precondition(a.count == m * n, "\(a.count) values are not [\(m), \(n)]")
  var t = [Float](repeating: 0, count: n * m)  // [N, M]
  for i in 0..<m {
    for j in 0..<n { t[j * m + i] = a[i * n + j] }
  }
  return t
}
