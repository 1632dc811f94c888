// One gradient that travels as two narrow matrices, and what is kept of it from step to step.

import Collectives
import TensorCore

/// How a gradient is seen as a matrix [m, n], and its approximation P Qᵀ of rank r.
struct CompressedMatrix {
  let name: String
  /// The place of its parameter among all.
  let index: Int
  /// m: the length of the columns of P, which are made orthonormal.
  let rows: Int
  /// n: the length of the columns of Q.
  let columns: Int
  /// r
  let rank: Int
  /// Whether the gradient is transposed to have m ≤ n.
  let isTransposed: Bool
  private let shape: [Int]

  /// The gradient of a parameter, whose first axis becomes rows and the others columns; nil if it is
  /// no matrix, or if P and Q have no fewer numbers than the gradient has, divided by `leastSaving`.
  init?(
    _ name: String, _ parameter: Tensor, at index: Int, rank: Int, leastSaving: Float,
    isWide: Bool
  ) {
    if parameter.rank < 2 || parameter.count == 0 { return nil }
    shape = parameter.shape
    let (first, rest) = (shape[0], parameter.count / shape[0])
    isTransposed = isWide && first > rest
    (rows, columns) = isTransposed ? (rest, first) : (first, rest)
    self.rank = min(rank, first, rest)
    self.name = name
    self.index = index
    if Float(self.rank * (rows + columns)) * leastSaving >= Float(parameter.count) { return nil }
  }

  /// [m, n]
  func matrix(of gradient: Tensor) -> Tensor {
    isTransposed
      ? gradient.reshaped(columns, rows).transposed(0, 1)  // [m, n]
      : gradient.reshaped(rows, columns)  // [m, n]
  }

  /// [m, n] → the shape of the parameter
  func gradient(of matrix: Tensor) -> Tensor {
    isTransposed ? matrix.transposed(0, 1).reshaped(shape) : matrix.reshaped(shape)
  }
}

/// The numbers of several tensors, summed at once.
struct Message {
  private(set) var values: [Float] = []
  private var read = 0

  mutating func append(_ tensor: Tensor) {
    tensor.withScalars { values.append(contentsOf: $0) }
  }

  /// Replaces the numbers by their sums over the ranks, times a factor.
  mutating func sum(over ranks: any Collective, times factor: Float = 1) {
    if values.isEmpty { return }
    values.withUnsafeMutableBufferPointer { values in
      ranks.sum(values)
      if factor != 1 { for i in values.indices { values[i] *= factor } }
    }
  }

  /// The next tensor, in the order in which they were appended.
  mutating func next(_ shape: [Int]) -> Tensor {
    let start = read
    read += shape.reduce(1, *)
    return Tensor(shape: shape, Array(values[start..<read]))
  }
}
