// Symmetric eigenproblems, by OpenBLAS: what the Fréchet distance and principal components need.
// This is the only file of the package that calls OpenBLAS; COpenBLASThreads is imported to be
// linked. Its numbers are Double, because covariances of a few hundred pictures are close to
// singular.

import COpenBLAS
import COpenBLASThreads

/// A symmetric matrix [D, D].
public struct SymmetricMatrix {
  /// D
  public let size: Int
  /// [D, D], row by row
  public var values: [Double]

  /// The matrix of `values` [D, D], row by row.
  public init(size: Int, values: [Double]) {
    precondition(
      values.count == size * size, "\(values.count) values are not a matrix of \(size)×\(size)")
    self.size = size
    self.values = values
  }

  /// The sum of the diagonal.
  public var trace: Double { (0..<size).reduce(0) { $0 + values[$1 * (size + 1)] } }

  /// The matrix with `epsilon` added to its diagonal.
  public func shifted(by epsilon: Double) -> SymmetricMatrix {
    var result = self
    for i in 0..<size { result.values[i * (size + 1)] += epsilon }
    return result
  }

  /// Eigenvalues [D], ascending, and their vectors [D, D], one in each row.
  public func eigen() -> (values: [Double], vectors: [Double]) {
    // The room for work, about 2·D², is counted in 32 bits.
    precondition(size <= 32_766, "LAPACK takes matrices of up to 32,766 rows, not \(size)")
    // LAPACK stores matrices by columns, so the vectors come in what are rows here.
    var matrix = values
    var eigenvalues = [Double](repeating: 0, count: size)
    var (vectors, upper) = (CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")))
    var (order, leading, info) = (Int32(size), Int32(max(1, size)), Int32(0))
    // The room that LAPACK's documentation of dsyevd asks for.
    var (room, integerRoom) = (Int32(1 + 6 * size + 2 * size * size), Int32(3 + 5 * size))
    var work = [Double](repeating: 0, count: Int(room))
    var integers = [Int32](repeating: 0, count: Int(integerRoom))
    dsyevd_(
      &vectors, &upper, &order, &matrix, &leading, &eigenvalues, &work, &room, &integers,
      &integerRoom, &info, 1, 1)
    precondition(
      info == 0,
      "the eigenvalues of a \(size)×\(size) matrix were not found (LAPACK says \(info))")
    return (eigenvalues, matrix)
  }

  /// The symmetric matrix with the same eigenvectors and eigenvalues f(λ): V f(Λ) Vᵀ.
  public func mapEigenvalues(_ f: (Double) -> Double) -> SymmetricMatrix {
    let (eigenvalues, vectors) = eigen()
    var scaled = vectors  // f(Λ) Vᵀ, [D, D]
    for (i, value) in eigenvalues.map(f).enumerated() {
      for j in i * size..<(i + 1) * size { scaled[j] *= value }
    }
    return SymmetricMatrix(
      size: size, values: matrixProduct(vectors, scaled, size, size, size, transposeA: true))
  }

  /// The square root of a matrix whose eigenvalues are 0 or more but for rounding.
  public func squareRoot() -> SymmetricMatrix { mapEigenvalues { max(0, $0).squareRoot() } }
}

/// A matrix product: a [m, k] · b [k, n] → [m, n], row by row. With a transpose flag that
/// operand is stored as [k, m] or [n, k].
public func matrixProduct(
  _ a: [Double], _ b: [Double], _ m: Int, _ k: Int, _ n: Int, transposeA: Bool = false,
  transposeB: Bool = false
) -> [Double] {
  precondition(
    a.count == m * k && b.count == k * n,
    "\(a.count) and \(b.count) values are not matrices of \(m)×\(k) and \(k)×\(n)")
  precondition(
    max(m, k, n) <= Int(Int32.max), "BLAS counts rows in 32 bits; got \(m)×\(k) and \(k)×\(n)")
  var c = [Double](repeating: 0, count: m * n)
  cblas_dgemm(
    CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
    Int32(m), Int32(n), Int32(k), 1, a, Int32(transposeA ? m : k), b,
    Int32(transposeB ? k : n), 0, &c, Int32(n))
  return c
}
