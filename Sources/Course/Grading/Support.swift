import CourseKit
import TensorCore

/// The tensor if it has the shape that a check needs. Throws a `CheckError` if it does not.
func shaped(_ tensor: Tensor, _ shape: [Int]) throws -> Tensor {
  guard tensor.shape == shape else {
    throw CheckError("expected shape \(shape), yours \(tensor.shape)")
  }
  return tensor
}

/// The gradient of Σ f(x) · w at x, for random weights w.
///
/// Throws a `CheckError` if f is not made of tensor operations, or what f throws.
func gradient(
  at x: Tensor, _ random: inout Random, of function: (Tensor) throws -> Tensor
) throws -> Answer {
  let x = x.requiringGradient()
  let y = try function(x)
  guard hasGradient(y) else {
    throw CheckError("no gradient flows from your result: make it of tensor operations only")
  }
  try backward(from: y, upstream: Tensor.normal(y.shape, &random))
  return Answer(x.gradient ?? .zeros(x.shape))
}

/// Numbers above 0 with sum 1.
func distribution(_ count: Int, _ random: inout Random) -> [Double] {
  let weights = (0..<count).map { _ in 0.1 + Double(random.uniform()) }
  let total = weights.reduce(0, +)
  return weights.map { $0 / total }
}

/// Random ids below a bound.
func ids(_ shape: [Int], below bound: Int, _ random: inout Random) -> IndexTensor {
  IndexTensor(
    shape: shape, (0..<shape.reduce(1, *)).map { _ in Int32(random.integer(below: bound)) })
}

/// Uniform numbers in the open interval 0 … 1.
func open01(_ shape: [Int], _ random: inout Random) -> Tensor {
  Tensor.uniform(shape, 1e-4, 1 - 1e-4, &random)
}

/// 0, 1, 2, … as a tensor.
func counting(_ shape: [Int]) -> Tensor {
  Tensor(shape: shape, (0..<shape.reduce(1, *)).map(Float.init))
}

/// The places where row `row` of a mask is 1. Throws a `CheckError` if there is no such row.
func places(of mask: Mask, row: Int) throws -> Answer {
  guard mask.shape.count == 2, row < mask.shape[0] else {
    throw CheckError("expected a mask [S, S] with more than \(row) rows, yours \(mask.shape)")
  }
  let width = mask.shape[1]
  return Answer((0..<width).filter { mask.bytes[row * width + $0] != 0 })
}
