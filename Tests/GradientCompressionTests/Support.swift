import Collectives
import GradientCompression
import TensorCore

/// Parameters of several kinds: matrices, tall, wide and square; a kernel; a vector; a number; a matrix
/// so small that compression does not pay.
let parameters: [(name: String, tensor: Tensor)] = [
  ("tall", .zeros([40, 12])), ("wide", .zeros([9, 50])), ("square", .zeros([24, 24])),
  ("kernel", .zeros([16, 5, 3, 3])), ("bias", .zeros([7])), ("scale", .zeros([])),
  ("small", .zeros([3, 4])), ("table", .zeros([30, 20])),
]

/// The gradients of one rank in one step: noise around a common part of low rank.
func gradients(rank: Int, step: Int, of parameters: [(name: String, tensor: Tensor)] = parameters)
  -> [Tensor]
{
  let random = Random(seed: 11).split(step)
  return parameters.map { name, tensor in
    var (common, own) = (random.split(name), random.split(name).split(rank))
    let rows = tensor.shape.first ?? 1
    let columns = tensor.count / rows
    let product = matmul(
      .normal([rows, 2], &common), .normal([2, columns], &common))  // [rows, columns]
    return (product + .normal([rows, columns], deviation: 0.3, &own)).reshaped(tensor.shape)
  }
}

/// The exact means of gradients over ranks.
func exactMeans(_ gradients: [[Tensor]]) -> [Tensor] {
  gradients[0].indices.map { i in
    gradients.dropFirst().reduce(gradients[0][i]) { $0 + $1[i] } / Float(gradients.count)
  }
}

extension [Tensor] {
  /// All numbers, one after another.
  var numbers: [Float] { flatMap(\.scalars) }
  var bits: [UInt32] { numbers.map(\.bitPattern) }
}
