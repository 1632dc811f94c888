// Looking into a vision transformer: the measures of the paper's figures 6 and 7.

import TensorCore

/// Attention rollout (Abnar and Zuidema, 2020): how much of each patch reaches the class
/// token, through all layers.
///
/// `probabilities` are the attention probabilities [B, h, T, T] of each layer. Heads are averaged;
/// half of each token bypasses the attention: ½A + ½I; the matrices of successive layers are
/// multiplied. The result [B, T - 1] is the class token's row without itself, scaled to sum 1.
public func attentionRollout(_ probabilities: [Tensor]) -> Tensor {
  precondition(!probabilities.isEmpty, "rollout needs the attention of 1 or more layers")
  let t = probabilities[0].shape[3]
  let identity = Tensor(shape: [t, t], (0..<t * t).map { $0 % (t + 1) == 0 ? 1 : 0 })
  let flows = probabilities.map { ($0.mean(axis: 1) + identity) * 0.5 }  // each [B, T, T]
  let total = flows.dropFirst().reduce(flows[0]) { matmul($1, $0) }  // [B, T, T]
  let patches = total.at(0, axis: 1).sliced(axis: 1, 1..<t)  // [B, T - 1]
  return patches / patches.sum(axis: 1, keepingAxis: true)
}

/// How far each head looks: the mean over pictures and patches of the distance in pixels
/// between a patch and the patches it attends to, weighted by attention (the paper's fig. 7).
///
/// `probabilities` [B, h, 1 + N, 1 + N] of one layer → h distances. The class token, which has
/// no place, is left out on both sides, and each row is scaled back to sum 1.
public func meanAttentionDistances(
  _ probabilities: Tensor, grid: (rows: Int, columns: Int), patch: Int
) -> [Float] {
  let (b, t) = (probabilities.shape[0], probabilities.shape[2])
  let n = grid.rows * grid.columns
  precondition(t == 1 + n, "\(t) tokens are not a class token and \(n) patches")
  let distances = Tensor(
    shape: [n, n],
    (0..<n * n).map { place in
      let (q, k) = (place / n, place % n)
      let rows = Float(q / grid.columns - k / grid.columns)
      let columns = Float(q % grid.columns - k % grid.columns)
      return Float(patch) * (rows * rows + columns * columns).squareRoot()
    })
  let among = probabilities.sliced(axis: 2, 1..<t).sliced(axis: 3, 1..<t)  // [B, h, N, N]
  let weighted = (among * distances).sum(axis: 3) / among.sum(axis: 3)  // [B, h, N]
  precondition(b > 0, "attention distances need 1 or more pictures")
  return weighted.mean(axes: [0, 2]).scalars
}

/// A table [n, D] → the cosines of the angles between all pairs of rows, [n, n] in -1 … 1.
public func cosineSimilarities(_ table: Tensor) -> Tensor {
  let unit = table.normalized()  // [n, D]
  return matmul(unit, unit.transposed(0, 1))
}
