// How far two sets of pictures are apart in what a network makes of them.

import LinearAlgebra

/// The Fréchet distance of two sets of features, each taken as a normal distribution (Heusel
/// et al., "GANs trained by a two time-scale update rule", 2017, §3; with the features of an
/// Inception network it is the FID):
///
/// |μ₁ - μ₂|² + tr Σ₁ + tr Σ₂ - 2 tr (Σ₁ Σ₂)^½
///
/// The trace of the root is that of the symmetric (Σ₁^½ Σ₂ Σ₁^½)^½, which has the same
/// eigenvalues, so that only symmetric matrices are taken apart and nothing becomes complex.
/// `epsilon` is added to both diagonals inside the root only, as other programs do where
/// covariances are singular; the symmetric form has no need of it.
///
/// The distance falls with the number of pictures, towards its true value: only distances of
/// sets of the same sizes can be compared.
///
/// Throws `EvaluationError.tooFewPictures` if a set has fewer than 2.
public func frechetDistance(
  _ a: FeatureStatistics, _ b: FeatureStatistics, epsilon: Double = 0
) throws(EvaluationError) -> Double {
  precondition(
    a.width == b.width, "features of \(a.width) numbers do not go with those of \(b.width)")
  let d = a.width
  let covarianceA = SymmetricMatrix(size: d, values: try a.covariance)
  let covarianceB = SymmetricMatrix(size: d, values: try b.covariance)
  let root = rootOfProduct(covarianceA.shifted(by: epsilon), covarianceB.shifted(by: epsilon))
  let offset = zip(a.mean, b.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  return offset + covarianceA.trace + covarianceB.trace - 2 * root.trace
}

/// (A^½ B A^½)^½ of two covariances [D, D].
func rootOfProduct(_ a: SymmetricMatrix, _ b: SymmetricMatrix) -> SymmetricMatrix {
  let d = a.size
  let root = a.squareRoot().values
  let middle = matrixProduct(matrixProduct(root, b.values, d, d, d), root, d, d, d)  // [D, D]
  return SymmetricMatrix(size: d, values: middle).squareRoot()
}
