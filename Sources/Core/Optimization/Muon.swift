// Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon): a gradient's singular values differ by
// orders of magnitude, so a step along it changes a few directions only. Muon steps along the matrix with
// the same singular vectors and singular values near 1, so that all directions learn at the same speed.

import NeuralNetwork
import TensorCore

/// Muon for matrices inside of a network, and Adam for everything else: embeddings, the layer of logits,
/// biases, gains.
public final class Muon: Optimizer {
  /// The matrices first, then Adam's groups.
  public var groups: [ParameterGroup] { matrices + adam.groups }
  /// The learning rate of the next step. Steps are scaled such that Adam's usual rates fit matrices too.
  public var rate: Float {
    get { adam.rate }
    set { adam.rate = newValue }
  }
  /// The number of steps taken so far.
  public var steps: Int {
    get { adam.steps }
    set { adam.steps = newValue }
  }
  private let matrices: [ParameterGroup]
  private let adam: Adam
  private let momentum: Float
  private let decay: Float
  private let means: [Tensor]

  /// An optimiser of tensors [m, …], each taken as a matrix [m, n] or as several of them, one below the
  /// other (`ParameterGroup.stack`), and of what `adam` has.
  ///
  /// - Parameters:
  ///   - momentum: How much of the mean of gradients stays.
  ///   - decay: Of the matrices, decoupled as AdamW's.
  public init(
    _ matrices: [ParameterGroup], momentum: Float = 0.95, decay: Float = 0, with adam: Adam
  ) {
    for (name, tensor) in matrices.flatMap(\.parameters) {
      precondition(
        tensor.rank >= 2, "\(name) of shape \(tensor.shape) is no matrix: leave it to Adam")
    }
    self.matrices = matrices
    self.adam = adam
    self.momentum = momentum
    self.decay = decay
    means = Self.zeros(like: matrices)
  }

  /// An optimiser of a model: Muon for the matrices inside of its residual blocks, which are those whose
  /// names have `blocks` in them, and AdamW with the other settings for all else. Matrices decay. Those whose
  /// names have `joined` in them are three, one below the other: queries, keys and values.
  public convenience init(
    _ model: some Module, blocks: String, joined: String?, decay: Float, betas: (Float, Float),
    secondMomentLimit: Float = .infinity
  ) {
    func isHidden(_ name: String, _ tensor: Tensor) -> Bool {
      tensor.rank >= 2 && name.contains(blocks)
    }
    let hidden = model.parameters.filter { isHidden($0.name, $0.tensor) }
    func isJoined(_ name: String) -> Bool { joined.map { name.contains($0) } ?? false }
    var stacks = ParameterGroup(hidden.filter { isJoined($0.name) })
    stacks.stack = 3
    let others = ParameterGroup.decayingMatrices(model, decay: decay).map { group in
      ParameterGroup(
        group.parameters.filter { !isHidden($0.name, $0.tensor) }, decay: group.decay)
    }
    self.init(
      [ParameterGroup(hidden.filter { !isJoined($0.name) }), stacks], decay: decay,
      with: Adam(others, rate: 0, betas: betas, secondMomentLimit: secondMomentLimit))
  }

  /// Steps need whole matrices, not slices of them.
  public var isElementwise: Bool { false }

  /// Muon with the same settings, before its first step. `groups` are those of the matrices, then Adam's.
  public func forOthers(_ groups: [ParameterGroup]) -> any Optimizer {
    let rest = adam.forOthers(Array(groups.dropFirst(matrices.count)))
    guard let rest = rest as? Adam else { fatalError("Adam makes Adam, not \(type(of: rest))") }
    return Muon(Array(groups.prefix(matrices.count)), momentum: momentum, decay: decay, with: rest)
  }

  /// The means of gradients, `momentum_buffer.NAME` as in PyTorch, and Adam's moments.
  public var state: [(name: String, tensor: Tensor)] {
    zip(matrices.flatMap(\.parameters), means).map { ("momentum_buffer.\($0.name)", $1) }
      + adam.state
  }

  /// Takes one step: M moves towards the gradient G, and W by -rate · 0.2 √max(m, n) · O, where O is the
  /// orthogonalised matrix of what M will be after another step with the same gradient (Nesterov).
  ///
  /// O has entries of size 1 / √max(m, n), so those of the step are as large as Adam's usually are (Liu et
  /// al., 2025, *Muon is Scalable for LLM Training*, §2.2).
  public func step(gradientScale: Float) {
    adam.step(gradientScale: gradientScale)
    var moves: [(group: ParameterGroup, weight: Tensor, gradient: Tensor, mean: Tensor)] = []
    var index = 0
    for group in matrices {
      for (_, weight) in group.parameters {
        if let gradient = weight.gradient {
          moves.append((group, weight, gradient.detached, means[index]))
        }
        index += 1
      }
    }
    // Matrices are small and many, so that a thread takes a whole one.
    let precision = Precision.current
    parallelFor(0..<moves.count) { i in
      let move = moves[i]
      withPrecision(precision) {
        self.move(move.weight, move.gradient * gradientScale, move.mean, move.group)
      }
    }
  }

  private func move(_ weight: Tensor, _ gradient: Tensor, _ mean: Tensor, _ group: ParameterGroup) {
    withoutGradient {
      mean.assign(mean * momentum + gradient * (1 - momentum))
      let ahead = mean * momentum + gradient * (1 - momentum)
      let (rows, stack) = (weight.shape[0], group.stack)
      precondition(
        rows % stack == 0, "\(rows) rows are not \(stack) matrices, one below the other")
      let each = ahead.reshaped([stack, rows / stack, -1])  // [s, m, n]
      let size = Float(max(each.shape[1], each.shape[2])).squareRoot()
      let rate = rate * group.rateScale
      let update = orthogonalized(each).reshaped(weight.shape) * (0.2 * size * rate)
      weight.assign(weight.detached * (1 - rate * (group.decay ?? decay)) - update)
    }
  }
}

/// Matrices with the same singular vectors and singular values between about 0.7 and 1.2: [..., m, n] →
/// [..., m, n]. Singular values below a thousandth of the matrix's norm may stay smaller.
///
/// Of X = U Σ Vᵀ, X Xᵀ X = U Σ³ Vᵀ: polynomials of odd powers change singular values and leave
/// singular vectors. Five times a x + b x³ + c x⁵, with coefficients that push small values up fast and do
/// not need to arrive at 1 (Jordan), is cheaper than an exact iteration such as Newton's and Schulz's,
/// 3/2 x - 1/2 x³, and as good.
public func orthogonalized(_ matrices: Tensor, steps: Int = 5) -> Tensor {
  let (m, n) = (matrices.shape[matrices.rank - 2], matrices.shape[matrices.rank - 1])
  let norms = matrices.square().sum(axes: [-2, -1], keepingAxes: true).squareRoot()
  var x = matrices / (norms + 1e-7)  // [..., m, n], no singular value above 1
  for _ in 0..<steps {
    // The smaller of the two squares.
    let square = matmul(x, x, transposeA: m > n, transposeB: m <= n)  // [..., s, s]
    let both = square * -4.7750 + matmul(square, square) * 2.0315  // [..., s, s]
    x = x * 3.4445 + (m > n ? matmul(x, both) : matmul(both, x))  // [..., m, n]
  }
  return x
}
