// A distance that, unlike Fréchet's, does not depend on the number of pictures.

import LinearAlgebra
import TensorCore

/// The kernel Inception distance of two sets of features [m, D] and [n, D]: the squared maximum
/// mean discrepancy for the kernel k(x, y) = (x·y / D + 1)³, without bias, so it can be
/// negative (Bińkowski et al., "Demystifying MMD GANs", 2018, §4):
///
/// mean of k(x, x') over x ≠ x' + mean of k(y, y') over y ≠ y' - 2 · mean of k(x, y)
///
/// Throws an `EvaluationError` if a set has fewer than 2 features, or a value is not finite.
///
/// - Complexity: O((m + n)²·D)
public func kernelDistance(_ a: Tensor, _ b: Tensor) throws(EvaluationError) -> Double {
  precondition(
    a.rank == 2 && b.rank == 2 && a.shape[1] == b.shape[1] && a.shape[1] > 0,
    "features are [m, D] and [n, D], got \(a.shape) and \(b.shape)")
  let fewest = min(a.shape[0], b.shape[0])
  guard fewest >= 2 else {
    throw .tooFewPictures(measure: "the kernel distance", pictures: fewest, needed: 2)
  }
  let x = FeatureRows(try a.finiteDoubles("features"), width: a.shape[1])
  let y = FeatureRows(try b.finiteDoubles("features"), width: b.shape[1])
  return x.kernelMeanWithinItself + y.kernelMeanWithinItself - 2 * x.kernelMean(with: y)
}

/// Features [n, D] as `Double`.
private struct FeatureRows {
  let values: [Double]
  let width: Int

  init(_ values: [Double], width: Int) { (self.values, self.width) = (values, width) }

  var count: Int { values.count / width }

  /// The mean of k(x, x') over all pairs of distinct rows.
  var kernelMeanWithinItself: Double {
    let equal = (0..<count).reduce(0.0) { sum, i in
      let row = values[i * width..<(i + 1) * width]
      return sum + kernel(row.reduce(0) { $0 + $1 * $1 })
    }
    return (kernelSum(with: self) - equal) / Double(count * (count - 1))
  }

  /// The mean of k(x, y) over all pairs.
  func kernelMean(with other: FeatureRows) -> Double {
    kernelSum(with: other) / Double(count * other.count)
  }

  /// The sum of k(x, y) over all pairs, for 256 rows x at a time.
  private func kernelSum(with other: FeatureRows) -> Double {
    (0..<count).parts(of: 256).reduce(0.0) { sum, rows in
      let part = Array(values[rows.lowerBound * width..<rows.upperBound * width])
      let products = matrixProduct(
        part, other.values, rows.count, width, other.count, transposeB: true)  // [rows, n]
      return products.reduce(sum) { $0 + kernel($1) }
    }
  }

  private func kernel(_ product: Double) -> Double {
    let base = product / Double(width) + 1
    return base * base * base
  }
}
