// Mean and covariance of features, accumulated a few pictures at a time.

import LinearAlgebra
import TensorCore

/// The mean and the covariance of features, which are all that the Fréchet distance needs. The
/// features themselves are not kept.
///
///     var statistics = FeatureStatistics(width: 128)
///     for batch in batches { try statistics.add(classifier.features(batch)) }
///     try frechetDistance(statistics, ofRealPictures)
///
/// Sums of two parts are combined as by Chan, Golub and LeVeque, "Updating formulae and a
/// pairwise algorithm for computing sample variances" (1979), in Double.
public struct FeatureStatistics: Sendable {
  /// D, the number of values in a feature.
  public let width: Int
  /// The number of features so far.
  public private(set) var count = 0
  /// The mean feature, [D]
  public private(set) var mean: [Double]
  /// The sum over features of (x - mean)(x - mean)ᵀ, [D, D]
  private var scatter: [Double]

  /// No features yet; each will have `width` values.
  public init(width: Int) {
    precondition(width > 0, "features have 1 or more numbers, got \(width)")
    self.width = width
    mean = [Double](repeating: 0, count: width)
    scatter = [Double](repeating: 0, count: width * width)
  }

  /// The statistics of features [n, D].
  ///
  /// Throws `EvaluationError.nonFinite` if a value is NaN or infinite.
  public init(_ features: Tensor) throws(EvaluationError) {
    precondition(features.rank == 2, "features are [n, D], got \(features.shape)")
    self.init(width: features.shape[1])
    try add(features)
  }

  /// Adds features [n, D].
  ///
  /// Throws `EvaluationError.nonFinite` if a value is NaN or infinite; then nothing is added.
  ///
  /// - Complexity: O(n·D²)
  public mutating func add(_ features: Tensor) throws(EvaluationError) {
    features.expect(nil, width, name: "features")
    let n = features.shape[0]
    if n == 0 { return }
    var centred = try features.finiteDoubles("features")  // [n, D]
    var mean = [Double](repeating: 0, count: width)  // [D]
    for i in centred.indices { mean[i % width] += centred[i] / Double(n) }
    for i in centred.indices { centred[i] -= mean[i % width] }
    var part = FeatureStatistics(width: width)
    part.count = n
    part.mean = mean
    part.scatter = matrixProduct(centred, centred, width, n, width, transposeA: true)
    add(part)
  }

  /// Adds all features of other statistics of the same width.
  public mutating func add(_ other: FeatureStatistics) {
    precondition(
      width == other.width, "features of \(width) numbers do not go with those of \(other.width)")
    if other.count == 0 { return }
    let all = Double(count + other.count)
    let difference = zip(other.mean, mean).map { $0 - $1 }  // [D]
    let weight = Double(count) * Double(other.count) / all
    for i in 0..<width {
      for j in 0..<width {
        scatter[i * width + j] +=
          other.scatter[i * width + j] + weight * difference[i] * difference[j]
      }
      mean[i] += difference[i] * Double(other.count) / all
    }
    count += other.count
  }

  /// The covariance with divisor n - 1, [D, D] row by row.
  ///
  /// Throws `EvaluationError.tooFewPictures` if there are fewer than 2.
  public var covariance: [Double] {
    get throws(EvaluationError) {
      guard count >= 2 else {
        throw .tooFewPictures(measure: "a covariance", pictures: count, needed: 2)
      }
      return scatter.map { $0 / Double(count - 1) }
    }
  }
}

extension Tensor {
  /// The values as `Double`. Throws `EvaluationError.nonFinite` if one is NaN or infinite.
  func finiteDoubles(_ what: String) throws(EvaluationError) -> [Double] {
    try checkFinite(what)
    return scalars.map(Double.init)
  }

  /// Throws `EvaluationError.nonFinite` if a value is NaN or infinite.
  package func checkFinite(_ what: String) throws(EvaluationError) {
    if let place = firstNonFiniteIndex { throw .nonFinite(what: what, place: place) }
  }
}
