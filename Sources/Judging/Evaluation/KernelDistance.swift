// Distances by kernels: how alike are pictures of one set to each other, and to those of another?

import Foundation
import LinearAlgebra
import TensorCore

/// The kernel Inception distance of two sets of features [m, D] and [n, D]: the squared maximum
/// mean discrepancy for the kernel k(x, y) = (x·y / D + 1)³, without bias, so it can be
/// negative (Bińkowski et al., "Demystifying MMD GANs", 2018, §4):
///
/// mean of k(x, x') over x ≠ x' + mean of k(y, y') over y ≠ y' - 2 · mean of k(x, y)
///
/// Unlike Fréchet's, its mean does not depend on the number of pictures; its scatter does.
///
/// Throws an `EvaluationError` if a set has fewer than 2 features, or a value is not finite.
///
/// - Complexity: O((m + n)²·D)
public func kernelDistance(_ a: Tensor, _ b: Tensor) throws(EvaluationError) -> Double {
  let (x, y) = try rows(a, b, measure: "the kernel distance")
  let kernel = Kernel.cubic
  return x.meanWithinItself(kernel) + y.meanWithinItself(kernel) - 2 * x.mean(kernel, with: y)
}

/// CMMD (Jayasumana et al., "Rethinking FID", 2024) of CLIP's embeddings of two sets of pictures, of
/// length 1, [m, E] and [n, E]: 1,000 times the squared maximum mean discrepancy for the kernel
/// exp(-|x - y|² / 2σ²) with σ = 10. As in the authors' program a picture is also compared with itself,
/// so that the distance is 0 or more, and falls a little as the number of pictures grows. At so large
/// a σ the kernel is nearly 1 - |x - y|² / 200, and the distance 10 times the squared distance of the
/// two mean embeddings.
///
/// Throws an `EvaluationError` if a set has fewer than 2 embeddings, or a value is not finite.
///
/// - Complexity: O((m + n)²·E)
public func clipDistance(_ a: Tensor, _ b: Tensor) throws(EvaluationError) -> Double {
  let (x, y) = try rows(a, b, measure: "CMMD")
  let kernel = Kernel.gaussian(deviation: 10)
  return 1000 * (x.mean(kernel, with: x) + y.mean(kernel, with: y) - 2 * x.mean(kernel, with: y))
}

private func rows(
  _ a: Tensor, _ b: Tensor, measure: String
) throws(EvaluationError) -> (FeatureRows, FeatureRows) {
  precondition(
    a.rank == 2 && b.rank == 2 && a.shape[1] == b.shape[1] && a.shape[1] > 0,
    "features are [m, D] and [n, D], got \(a.shape) and \(b.shape)")
  let fewest = min(a.shape[0], b.shape[0])
  guard fewest >= 2 else {
    throw .tooFewPictures(measure: measure, pictures: fewest, needed: 2)
  }
  return (
    FeatureRows(try a.finiteDoubles("features"), width: a.shape[1]),
    FeatureRows(try b.finiteDoubles("features"), width: b.shape[1])
  )
}

/// How alike two features are.
private enum Kernel {
  /// (x·y / D + 1)³
  case cubic
  /// exp(-|x - y|² / 2σ²)
  case gaussian(deviation: Double)
}

/// Features [n, D] as `Double`.
private struct FeatureRows {
  let values: [Double]
  let width: Int
  /// x·x for every row.
  let squares: [Double]

  init(_ values: [Double], width: Int) {
    (self.values, self.width) = (values, width)
    squares = stride(from: 0, to: values.count, by: width).map { start in
      values[start..<start + width].reduce(0) { $0 + $1 * $1 }
    }
  }

  var count: Int { squares.count }

  /// The mean of k(x, x') over all pairs of distinct rows.
  func meanWithinItself(_ kernel: Kernel) -> Double {
    let equal = squares.reduce(0.0) { $0 + value(kernel, $1, $1, $1) }
    return (sum(kernel, with: self) - equal) / Double(count * (count - 1))
  }

  /// The mean of k(x, y) over all pairs.
  func mean(_ kernel: Kernel, with other: FeatureRows) -> Double {
    sum(kernel, with: other) / Double(count * other.count)
  }

  /// The sum of k(x, y) over all pairs, for 256 rows x at a time.
  private func sum(_ kernel: Kernel, with other: FeatureRows) -> Double {
    (0..<count).parts(of: 256).reduce(0.0) { sum, rows in
      let part = Array(values[rows.lowerBound * width..<rows.upperBound * width])
      let products = matrixProduct(
        part, other.values, rows.count, width, other.count, transposeB: true)  // [rows, n]
      return products.enumerated().reduce(sum) { sum, entry in
        let (i, product) = entry
        let (x, y) = (rows.lowerBound + i / other.count, i % other.count)
        return sum + value(kernel, product, squares[x], other.squares[y])
      }
    }
  }

  /// k from x·y, x·x and y·y.
  private func value(_ kernel: Kernel, _ xy: Double, _ xx: Double, _ yy: Double) -> Double {
    switch kernel {
    case .cubic:
      let base = xy / Double(width) + 1
      return base * base * base
    case .gaussian(let deviation):
      return exp((2 * xy - xx - yy) / (2 * deviation * deviation))
    }
  }
}
