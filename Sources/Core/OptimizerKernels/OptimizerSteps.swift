// The steps of optimisers: PlainKernels/AdamW.swift for all parameters in one loop. They are fast
// because everything that happens to a value happens while it is in a register, sixteen values at a
// time, and pieces of 16,384 values share the threads.

import Kernels
import Vectors

/// The numbers of an Adam step (Kingma and Ba, 2015), with AdamW's decoupled weight decay
/// (Loshchilov and Hutter, 2019) or decay added to the gradient.
public struct AdamStep {
  /// Learning rate.
  public var rate: Float
  /// How much of the first moment stays.
  public var beta1: Float
  /// How much of the second moment stays.
  public var beta2: Float
  /// Added to the root of the second moment.
  public var epsilon: Float
  /// w is multiplied by 1 - rate · this before the step.
  public var decoupledDecay: Float
  /// Added to the gradient, times w.
  public var gradientDecay: Float
  /// 1 - β₁ᵗ
  public var correction1: Float
  /// 1 - β₂ᵗ
  public var correction2: Float
  /// The gradient is multiplied by this first (clipping).
  public var gradientScale: Float
  /// The second moment is cut at this value.
  public var secondMomentLimit: Float

  /// The numbers of a step.
  public init(
    rate: Float, beta1: Float, beta2: Float, epsilon: Float, decoupledDecay: Float,
    gradientDecay: Float, correction1: Float, correction2: Float, gradientScale: Float,
    secondMomentLimit: Float
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.decoupledDecay = decoupledDecay
    self.gradientDecay = gradientDecay
    self.correction1 = correction1
    self.correction2 = correction2
    self.gradientScale = gradientScale
    self.secondMomentLimit = secondMomentLimit
  }
}

/// A parameter in memory: weights, gradient and moments, and how it is updated.
public struct AdamParameter {
  /// How many values there are.
  public var count: Int
  /// The weights.
  public var w: UnsafeMutablePointer<Float>
  /// Their gradient.
  public var g: UnsafePointer<Float>
  /// First moment.
  public var m: UnsafeMutablePointer<Float>
  /// Second moment.
  public var v: UnsafeMutablePointer<Float>
  /// The numbers of the step.
  public var step: AdamStep

  /// Memory of one parameter, `count` values each.
  public init(
    count: Int, w: UnsafeMutablePointer<Float>, g: UnsafePointer<Float>,
    m: UnsafeMutablePointer<Float>, v: UnsafeMutablePointer<Float>, step: AdamStep
  ) {
    self.count = count
    self.w = w
    self.g = g
    self.m = m
    self.v = v
    self.step = step
  }
}

/// One Adam update of many parameters, in one loop over pieces of all of them.
public func adam(_ parameters: [AdamParameter]) {
  let pieces = parameters.indices.flatMap { index in
    stride(from: 0, to: parameters[index].count, by: elementGrain).map { (index, $0) }
  }
  parallelFor(pieces.count) { piece in
    let (index, first) = pieces[piece]
    let parameter = parameters[index]
    adam(
      min(elementGrain, parameter.count - first), parameter.w + first, parameter.g + first,
      parameter.m + first, parameter.v + first, parameter.step)
  }
}

private func adam(
  _ n: Int, _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
  _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>, _ step: AdamStep
) {
  let keep = F16(repeating: 1 - step.rate * step.decoupledDecay)
  let rate = F16(repeating: step.rate / step.correction1)
  let root = F16(repeating: 1 / step.correction2.squareRoot())
  let limit = F16(repeating: step.secondMomentLimit)
  let (scale, decay) = (F16(repeating: step.gradientScale), F16(repeating: step.gradientDecay))
  let (beta1, beta2) = (F16(repeating: step.beta1), F16(repeating: step.beta2))
  let (new1, new2) = (F16(repeating: 1 - step.beta1), F16(repeating: 1 - step.beta2))
  let epsilon = F16(repeating: step.epsilon)
  @inline(__always)
  func update(_ i: Int, _ count: Int) {
    let weight = w.load16(i, first: count)
    let gradient = (g.load16(i, first: count) * scale).adding(weight, times: decay)
    let first = (m.load16(i, first: count) * beta1).adding(gradient, times: new1)
    let second = minimum(
      limit, (v.load16(i, first: count) * beta2).adding(gradient * gradient, times: new2))
    w.store16(
      i, first: count,
      weight * keep - rate * first / epsilon.adding(squareRoot(second), times: root))
    m.store16(i, first: count, first)
    v.store16(i, first: count, second)
  }
  forEachVector(n, update)
}

/// average = decay · average + (1 - decay) · x
public func blend(
  _ n: Int, _ x: UnsafePointer<Float>, into average: UnsafeMutablePointer<Float>, decay: Float
) {
  parallelFor(n, grain: elementGrain) { range in
    for i in range { average[i] += (1 - decay) * (x[i] - average[i]) }
  }
}
