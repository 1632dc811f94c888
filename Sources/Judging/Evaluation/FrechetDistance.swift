// The distance of two sets of pictures, in the features of a network.

import LinearAlgebra

/// The Fréchet distance of two sets of features, each modelled as a normal distribution (Heusel
/// et al., "GANs trained by a two time-scale update rule", 2017, §3; with the features of an
/// Inception network it is the FID):
///
/// |μ₁ - μ₂|² + tr Σ₁ + tr Σ₂ - 2 tr (Σ₁ Σ₂)^½
///
/// The trace of the root is computed from the symmetric (Σ₁^½ Σ₂ Σ₁^½)^½, which has the same
/// eigenvalues, so that only symmetric matrices are decomposed and no number becomes complex.
/// `epsilon` is added to both diagonals inside the root only, as other programs do for singular
/// covariances; the symmetric form does not need it.
///
/// The distance falls towards its true value as the number of pictures grows, so only distances of
/// sets of the same sizes can be compared.
///
/// Throws `EvaluationError.tooFewPictures` if a set has fewer than 2 features.
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
