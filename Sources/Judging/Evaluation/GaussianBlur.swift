// Blurred pictures, for distances that ignore fine detail (DALL·E, figure 9a).

import Foundation
import TensorCore

/// Pictures [n, C, H, W] → [n, C, H, W], blurred by a Gaussian kernel whose standard deviation is
/// `radius` pixels, as in Pillow's `GaussianBlur`; the paper's figure 9a uses 0, 1, 2, 4 and 8.
///
/// Beyond its edge a picture continues as its mirror image. So a picture of one colour stays
/// unchanged, and every channel keeps its sum. Rows and columns are blurred one after the other,
/// each by one product with a matrix.
public func gaussianBlur(_ pictures: Tensor, radius: Double) -> Tensor {
  precondition(pictures.rank == 4, "pictures are [n, C, H, W], got \(pictures.shape)")
  precondition(radius >= 0 && radius.isFinite, "a blur has a radius of 0 or more, got \(radius)")
  if radius == 0 { return pictures }
  let rows = blurMatrix(pictures.shape[2], radius)  // [H, H]
  let columns = blurMatrix(pictures.shape[3], radius)  // [W, W]
  return matmul(rows, matmul(pictures, columns))  // [n, C, H, W]; the matrices are symmetric
}

/// The weights [n, n] with which every output of a line of n pixels sees every input.
private func blurMatrix(_ n: Int, _ radius: Double) -> Tensor {
  // Less than 1e-4 of the weight lies beyond four deviations.
  let reach = Int((4 * radius).rounded(.up))
  let kernel = (-reach...reach).map { exp(-0.5 * pow(Double($0) / radius, 2)) }
  let sum = kernel.reduce(0, +)
  var weights = [Double](repeating: 0, count: n * n)
  for output in 0..<n {
    for (offset, weight) in zip(-reach...reach, kernel) {
      // The line and its mirror image repeat every 2n pixels: 0 … n-1, n-1 … 0, 0 … n-1, …
      let place = (output + offset) % (2 * n)
      let unfolded = place < 0 ? place + 2 * n : place
      let input = unfolded < n ? unfolded : 2 * n - 1 - unfolded
      weights[output * n + input] += weight / sum
    }
  }
  return Tensor(shape: [n, n], weights.map(Float.init))
}
