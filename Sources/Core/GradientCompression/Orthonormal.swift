// Orthonormal bases of the columns of a matrix, by the two methods that PowerSGD has been used with:
// Gram and Schmidt's, as in the paper by Vogels et al. (2019), and Householder's reflections, as for
// DALL·E. On well-behaved columns both give the same basis, the one in which each column has a
// positive part along its own basis vector.

import TensorCore
import Vectors

/// An orthonormal basis of the columns of `matrix` by Gram and Schmidt's method: from each column its
/// parts along the basis vectors before it are taken away, one after another. [m, r] → [m, r], r ≤ m.
///
/// Once is not enough for columns that are almost dependent: what is left of them is small, and the
/// rounding errors in it are not. A second pass takes those away. A column that depends on those
/// before it, but for rounding, is replaced by the unit vector that depends on them least, made
/// orthogonal: a basis of r columns always has r vectors.
///
/// - Parameter passes: How often the parts are taken away.
public func gramSchmidt(_ matrix: Tensor, passes: Int = 2) -> Tensor {
  precondition(passes > 0, "Gram and Schmidt's method has 1 or more passes, not \(passes)")
  var basis = Columns(of: matrix)
  for k in 0..<basis.count {
    let length = basis.length(k)
    basis.takeBasisAway(from: k, passes)
    var rest = basis.length(k)
    if !(rest > 1e-6 * length) {
      basis.replaceByUnit(k, along: basis.freestPlace(before: k))
      basis.takeBasisAway(from: k, passes)
      rest = basis.length(k)
    }
    basis.scale(k, by: 1 / rest)
  }
  return basis.matrix  // [m, r]
}

/// An orthonormal basis of the columns of `matrix` by Householder's reflections: each turns one
/// column, without those before it, onto an axis, and the basis is where they take the axes back.
/// [m, r] → [m, r], r ≤ m. It is orthonormal to rounding whatever the columns are.
public func householder(_ matrix: Tensor) -> Tensor {
  // Column k becomes the k-th mirror v, with zeros in its first k places: x → x - v (v · x).
  var mirrors = Columns(of: matrix)
  var signs: [Float] = []
  for k in 0..<mirrors.count {
    mirrors.clear(k, first: k)
    let length = mirrors.length(k)
    let first = mirrors[k, k]
    // Away from the axis, so that nothing cancels; the sign turns the basis vector back.
    mirrors[k, k] = first + (first < 0 ? -length : length)
    signs.append(first < 0 ? 1 : -1)
    let square = mirrors.dot(k, k)
    mirrors.scale(k, by: square > 0 ? (2 / square).squareRoot() : 0)
    for j in k + 1..<mirrors.count {
      let part = mirrors.dot(k, j)
      mirrors.add(k, times: -part, to: j)
    }
  }
  return mirrors.reflectedAxes(signs)  // [m, r]
}

/// The columns of a matrix, each in a row of memory.
private struct Columns {
  /// r
  let count: Int
  /// m
  private let height: Int
  /// [r, m]
  private var values: [Float]

  /// The columns of a matrix [m, r], each scaled by a power of two so that its largest value lies
  /// between 1 and 2: squares of tiny gradients would vanish. That changes neither basis nor rounding.
  init(of matrix: Tensor) {
    precondition(
      matrix.rank == 2 && matrix.shape[1] <= matrix.shape[0],
      "a basis of r columns needs a matrix [m, r] with r ≤ m, got \(matrix.shape)")
    (height, count) = (matrix.shape[0], matrix.shape[1])
    values = matrix.transposed(0, 1).scalars
    for column in 0..<count {
      let largest = values[column * height..<(column + 1) * height].reduce(0) { max($0, abs($1)) }
      if largest > 0 && largest.isFinite {
        // The inverse of the smallest powers of two is no Float.
        let exponent = min(127, -Int(largest.exponent))
        scale(column, by: Float(sign: .plus, exponent: exponent, significand: 1))
      }
    }
  }

  private init(height: Int, count: Int) {
    (self.height, self.count) = (height, count)
    values = [Float](repeating: 0, count: height * count)
  }

  /// [m, r]
  var matrix: Tensor {
    Tensor(shape: [count, height], values).transposed(0, 1)  // [m, r]
  }

  subscript(column: Int, place: Int) -> Float {
    get { values[column * height + place] }
    set { values[column * height + place] = newValue }
  }

  func dot(_ i: Int, _ j: Int) -> Float {
    values.withUnsafeBufferPointer {
      Self.dot(height, $0.baseAddress! + i * height, $0.baseAddress! + j * height)
    }
  }

  func length(_ i: Int) -> Float { dot(i, i).squareRoot() }

  mutating func scale(_ column: Int, by factor: Float) {
    for place in column * height..<(column + 1) * height { values[place] *= factor }
  }

  mutating func clear(_ column: Int, first count: Int) {
    for place in 0..<count { self[column, place] = 0 }
  }

  /// Adds `factor` times column i to column j.
  mutating func add(_ i: Int, times factor: Float, to j: Int) {
    values.withUnsafeMutableBufferPointer {
      let first = $0.baseAddress!
      Self.add(height, first + i * height, times: factor, to: first + j * height)
    }
  }

  /// Takes the parts along the columns before `k`, a basis, away from column k.
  mutating func takeBasisAway(from k: Int, _ passes: Int) {
    for _ in 0..<passes {
      for i in 0..<k { add(i, times: -dot(i, k), to: k) }
    }
  }

  /// The place along which the columns before `k`, a basis, reach least.
  func freestPlace(before k: Int) -> Int {
    var reach = [Float](repeating: 0, count: height)
    for column in 0..<k {
      for place in 0..<height { reach[place] += self[column, place] * self[column, place] }
    }
    return reach.indices.min { reach[$0] < reach[$1] } ?? 0
  }

  mutating func replaceByUnit(_ column: Int, along axis: Int) {
    clear(column, first: height)
    self[column, axis] = 1
  }

  /// What these columns, as mirrors, make of the first r axes, times their signs. [m, r]
  func reflectedAxes(_ signs: [Float]) -> Tensor {
    var axes = Columns(height: height, count: count)
    values.withUnsafeBufferPointer { mirrors in
      for column in 0..<count {
        axes[column, column] = signs[column]
        // Later mirrors do not touch this axis.
        for k in stride(from: column, through: 0, by: -1) {
          axes.reflect(column, at: mirrors.baseAddress! + k * height)
        }
      }
    }
    return axes.matrix  // [m, r]
  }

  private mutating func reflect(_ column: Int, at mirror: UnsafePointer<Float>) {
    values.withUnsafeMutableBufferPointer {
      let x = $0.baseAddress! + column * height
      Self.add(height, mirror, times: -Self.dot(height, mirror, x), to: x)
    }
  }

  private static func dot(
    _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>
  ) -> Float {
    var sum = F16()
    @inline(__always)
    func add(_ i: Int, _ count: Int) {
      sum = sum.adding(x.load16(i, first: count), times: y.load16(i, first: count))
    }
    forEachVector(n, add)
    return horizontalSum(sum, F16())
  }

  private static func add(
    _ n: Int, _ x: UnsafePointer<Float>, times factor: Float, to y: UnsafeMutablePointer<Float>
  ) {
    let factors = F16(repeating: factor)
    @inline(__always)
    func add(_ i: Int, _ count: Int) {
      let sum = y.load16(i, first: count).adding(x.load16(i, first: count), times: factors)
      y.store16(i, first: count, sum)
    }
    forEachVector(n, add)
  }
}
