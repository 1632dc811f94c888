// Optimisers turn gradients into new weights. Each keeps its state as plain tensors by parameter
// name, so that a checkpoint can hold it.

import Kernels
import NeuralNetwork
import OptimizerKernels
import TensorCore

/// Parameters that an optimiser treats alike.
public struct ParameterGroup {
  /// Names and tensors, in order.
  public let parameters: [(name: String, tensor: Tensor)]
  /// A factor for the learning rate.
  public var rateScale: Float
  /// Weight decay to use instead of the optimiser's, if it is not nil.
  public var decay: Float?
  /// How many matrices each tensor holds, one below the other, for optimisers that treat matrices as
  /// such: queries, keys and values that are one layer are three.
  public var stack = 1

  /// A group of parameters with settings of their own.
  public init(
    _ parameters: [(name: String, tensor: Tensor)], rateScale: Float = 1, decay: Float? = nil
  ) {
    self.parameters = parameters
    self.rateScale = rateScale
    self.decay = decay
  }

  /// The usual two groups: matrices and kernels, which decay, and tensors of rank 0 and 1 (biases,
  /// gains), which do not.
  public static func decayingMatrices(_ module: some Module, decay: Float) -> [ParameterGroup] {
    let parameters = module.parameters
    return [
      ParameterGroup(parameters.filter { $0.tensor.rank >= 2 }, decay: decay),
      ParameterGroup(parameters.filter { $0.tensor.rank < 2 }, decay: 0),
    ]
  }
}

/// Changes parameters step by step, against their gradients.
public protocol Optimizer: AnyObject {
  /// The parameters to train.
  var groups: [ParameterGroup] { get }
  /// The learning rate of the next step.
  var rate: Float { get set }
  /// The number of steps taken so far.
  var steps: Int { get set }
  /// What the optimiser keeps for every parameter, named `exp_avg.NAME` and the like. These are
  /// the tensors in use, so that `assign` on them restores a saved state.
  var state: [(name: String, tensor: Tensor)] { get }
  /// Takes one step with the parameters' gradients, each multiplied by `gradientScale` first.
  /// A parameter without a gradient stays as it is.
  func step(gradientScale: Float)
  /// Whether the step of a number depends on no other number, so that slices of parameters can be
  /// updated by themselves.
  var isElementwise: Bool { get }
  /// The same optimiser before its first step, for other parameters.
  func forOthers(_ groups: [ParameterGroup]) -> any Optimizer
}

extension Optimizer {
  /// True.
  public var isElementwise: Bool { true }

  /// Takes one step with the gradients as they are.
  public func step() { step(gradientScale: 1) }

  /// Sets the gradients of all parameters to nil.
  public func clearGradients() { forEachParameter { _, parameter, _ in parameter.clearGradient() } }

  /// Calls `body` with every parameter, its group, and its number from 0 on.
  func forEachParameter(_ body: (ParameterGroup, Tensor, Int) -> Void) {
    var index = 0
    for group in groups {
      for (_, tensor) in group.parameters {
        body(group, tensor, index)
        index += 1
      }
    }
  }

  /// Zeros like every parameter, in order.
  static func zeros(like groups: [ParameterGroup]) -> [Tensor] {
    groups.flatMap(\.parameters).map { Tensor.zeros($0.tensor.shape) }
  }

  func named(_ kind: String, _ tensors: [Tensor]) -> [(name: String, tensor: Tensor)] {
    zip(groups.flatMap(\.parameters), tensors).map { ("\(kind).\($0.name)", $1) }
  }
}

/// Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019).
public final class Adam: Optimizer {
  /// Where weight decay acts.
  public enum Decay: Sendable {
    /// AdamW: w shrinks by rate · decay before each step.
    case decoupled(Float)
    /// Adam with L2: decay · w is added to the gradient.
    case gradient(Float)
  }

  /// The parameters to train.
  public let groups: [ParameterGroup]
  /// The learning rate of the next step.
  public var rate: Float
  /// The number of steps taken so far.
  public var steps = 0
  private let betas: (Float, Float)
  private let epsilon: Float
  private let decay: Decay
  private let secondMomentLimit: Float
  private let first: [Tensor]
  private let second: [Tensor]

  /// An optimiser for some groups.
  ///
  /// `secondMomentLimit` cuts the second moment by value, before it is used or kept: the DALL·E
  /// paper caps it at 5 (appendix B.2), the default leaves it as it is.
  public init(
    _ groups: [ParameterGroup], rate: Float, betas: (Float, Float) = (0.9, 0.999),
    epsilon: Float = 1e-8, decay: Decay = .decoupled(0), secondMomentLimit: Float = .infinity
  ) {
    self.groups = groups
    self.rate = rate
    self.betas = betas
    self.epsilon = epsilon
    self.decay = decay
    self.secondMomentLimit = secondMomentLimit
    first = Self.zeros(like: groups)
    second = Self.zeros(like: groups)
  }

  /// An optimiser for all parameters of a module.
  public convenience init(
    _ module: some Module, rate: Float, betas: (Float, Float) = (0.9, 0.999),
    epsilon: Float = 1e-8, decay: Decay = .decoupled(0)
  ) {
    self.init(
      [ParameterGroup(module.parameters)], rate: rate, betas: betas, epsilon: epsilon,
      decay: decay)
  }

  /// Adam with the same settings, before its first step.
  public func forOthers(_ groups: [ParameterGroup]) -> any Optimizer {
    Adam(
      groups, rate: rate, betas: betas, epsilon: epsilon, decay: decay,
      secondMomentLimit: secondMomentLimit)
  }

  /// The first and second moments, `exp_avg.NAME` and `exp_avg_sq.NAME` as in PyTorch.
  public var state: [(name: String, tensor: Tensor)] {
    named("exp_avg", first) + named("exp_avg_sq", second)
  }

  /// Takes one step: m and v move towards g and g², w moves by -rate · m̂ / (√v̂ + ε).
  ///
  /// The correction of m̂ and v̂ counts the steps of the optimiser, the one t of the paper's
  /// algorithm 1. A parameter whose first gradient comes late is therefore moved less at first than
  /// by PyTorch, which counts for each parameter; in our models all have gradients from step 1 on.
  public func step(gradientScale: Float) {
    steps += 1
    let correction1 = 1 - power(Double(betas.0), steps)
    let correction2 = 1 - power(Double(betas.1), steps)
    var parameters: [AdamParameter] = []
    forEachParameter { group, parameter, index in
      guard let gradient = parameter.gradient else { return }
      var (decoupled, added): (Float, Float) = (0, 0)
      switch decay {
      case .decoupled(let decay): decoupled = group.decay ?? decay
      case .gradient(let decay): added = group.decay ?? decay
      }
      let step = AdamStep(
        rate: rate * group.rateScale, beta1: betas.0, beta2: betas.1, epsilon: epsilon,
        decoupledDecay: decoupled, gradientDecay: added, correction1: Float(correction1),
        correction2: Float(correction2), gradientScale: gradientScale,
        secondMomentLimit: secondMomentLimit)
      update(parameter, gradient) { count, w, g in
        first[index].update { m in
          second[index].update { v in
            parameters.append(
              AdamParameter(
                count: count, w: w, g: g, m: m.baseAddress!, v: v.baseAddress!, step: step))
          }
        }
      }
    }
    // The memory stays where it is while the tensors live, and they outlive this call.
    adam(parameters)
  }
}

/// Calls `body` with the count and the memory of a parameter and its gradient, after a check.
private func update(
  _ parameter: Tensor, _ gradient: Tensor,
  _ body: (Int, UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void
) {
  precondition(
    gradient.shape == parameter.shape,
    "a parameter of shape \(parameter.shape) has a gradient of shape \(gradient.shape)")
  if parameter.count == 0 { return }
  parameter.update { w in
    gradient.withScalars { g in body(w.count, w.baseAddress!, g.baseAddress!) }
  }
}

/// baseⁿ for a whole n ≥ 0, by squaring.
private func power(_ base: Double, _ n: Int) -> Double {
  var (result, factor, n) = (1.0, base, n)
  while n > 0 {
    if n & 1 == 1 { result *= factor }
    factor *= factor
    n >>= 1
  }
  return result
}

/// The length of the vector that all gradients form together. Parameters without one are skipped.
public func gradientNorm(_ parameters: [(name: String, tensor: Tensor)]) -> Float {
  let squares = parameters.reduce(0.0) { total, parameter in
    guard let gradient = parameter.tensor.gradient else { return total }
    return total
      + gradient.withScalars { $0.baseAddress.map { sumOfSquares(gradient.count, $0) } ?? 0 }
  }
  return Float(squares.squareRoot())
}

/// The factor, for `step(gradientScale:)`, that limits the common norm of all gradients:
/// min(1, limit / (norm + 10⁻⁶)).
public func clipScale(norm: Float, limit: Float) -> Float { min(1, limit / (norm + 1e-6)) }

/// An exponential moving average of weights: the first update copies them, later ones set
/// average = decay · average + (1 - decay) · weight.
public final class MovingAverage {
  /// The share of the old average that stays at each update.
  public let decay: Float
  /// The averages, by name.
  public let tensors: [(name: String, tensor: Tensor)]
  /// The number of updates so far.
  public var updates = 0
  /// Called after averages and weights were exchanged.
  package var onSwap: () -> Void = {}
  /// What is averaged in place of all of the tensors: slices of them, where training is sharded.
  package var slices: [(average: Tensor, weight: Tensor)]?
  private let source: [(name: String, tensor: Tensor)]

  /// An average of all tensors of a module, which holds zeros until the first update.
  public init(_ module: some Module, decay: Float) {
    self.decay = decay
    source = module.tensors
    tensors = source.map { ($0.name, Tensor.zeros($0.tensor.shape)) }
  }

  /// Moves the averages towards the present weights.
  public func update() {
    for (average, weight) in pairs {
      if updates == 0 {
        average.assign(weight.detached)
      } else {
        average.update { average in
          weight.withScalars { w in
            if let from = w.baseAddress, let to = average.baseAddress {
              blend(w.count, from, into: to, decay: decay)
            }
          }
        }
      }
    }
    updates += 1
  }

  /// Exchanges averages and weights. To evaluate the average, swap, evaluate, and swap back. Before
  /// the first update there is no average, and nothing happens.
  public func swap() {
    if updates == 0 { return }
    for (average, weight) in pairs {
      let kept = weight.scalars
      weight.update { w in
        average.update { a in
          for i in w.indices {
            w[i] = a[i]
            a[i] = kept[i]
          }
        }
      }
    }
    onSwap()
  }

  private var pairs: [(average: Tensor, weight: Tensor)] {
    slices ?? zip(tensors, source).map { ($0.tensor, $1.tensor) }
  }
}
