// One pass over a parameter per update: everything an optimiser does to a value happens
// while the value is in a register.

import Vectors

/// The numbers of an Adam step (Kingma and Ba, 2015), with AdamW's decoupled weight decay
/// (Loshchilov and Hutter, 2019) or decay added to the gradient.
public struct AdamStep {
  public var rate: Float
  public var beta1: Float
  public var beta2: Float
  public var epsilon: Float
  /// w is multiplied by 1 - rate · this before the step.
  public var decoupledDecay: Float
  /// Added to the gradient, times w.
  public var gradientDecay: Float
  /// 1 - β₁ᵗ and 1 - β₂ᵗ.
  public var correction1: Float
  public var correction2: Float
  /// The gradient is multiplied by this first (clipping).
  public var gradientScale: Float
  /// The second moment is cut at this value.
  public var secondMomentLimit: Float

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

/// One Adam update of w with its moments m and v.
public func adam(
  _ n: Int, _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
  _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>, _ step: AdamStep
) {
  let keep = F8(repeating: 1 - step.rate * step.decoupledDecay)
  let rate = F8(repeating: step.rate / step.correction1)
  let root = F8(repeating: 1 / step.correction2.squareRoot())
  let limit = F8(repeating: step.secondMomentLimit)
  parallelFor(n, grain: elementGrain) { range in
    var i = range.lowerBound
    while i < range.upperBound {
      let whole = i + 8 <= range.upperBound
      let rest = range.upperBound - i
      var weight = whole ? w.load8(i) : partial(w + i, rest)
      var gradient = (whole ? g.load8(i) : partial(g + i, rest)) * step.gradientScale
      var m8 = whole ? m.load8(i) : partial(m + i, rest)
      var v8 = whole ? v.load8(i) : partial(v + i, rest)
      gradient = gradient.adding(weight, times: F8(repeating: step.gradientDecay))
      weight *= keep
      m8 = (m8 * step.beta1).adding(gradient, times: F8(repeating: 1 - step.beta1))
      v8 = (v8 * step.beta2).adding(gradient * gradient, times: F8(repeating: 1 - step.beta2))
      v8 = minimum(v8, limit)
      weight -= rate * m8 / (squareRoot(v8) * root + step.epsilon)
      if whole {
        w.store8(i, weight)
        m.store8(i, m8)
        v.store8(i, v8)
      } else {
        weight.store(w + i, rest)
        m8.store(m + i, rest)
        v8.store(v + i, rest)
      }
      i += 8
    }
  }
}

/// One step of gradient descent with momentum: buffer = momentum · buffer + g (the first
/// step copies g), w -= rate · buffer, or rate · (g + momentum · buffer) after Nesterov.
public func momentumStep(
  _ n: Int, _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
  _ buffer: UnsafeMutablePointer<Float>, rate: Float, momentum: Float, decay: Float,
  gradientScale: Float, nesterov: Bool, first: Bool
) {
  parallelFor(n, grain: elementGrain) { range in
    for i in range {
      let gradient = g[i] * gradientScale + decay * w[i]
      buffer[i] = first ? gradient : momentum * buffer[i] + gradient
      w[i] -= rate * (nesterov ? gradient + momentum * buffer[i] : buffer[i])
    }
  }
}

/// average = decay · average + (1 - decay) · x
public func blend(
  _ n: Int, _ x: UnsafePointer<Float>, into average: UnsafeMutablePointer<Float>, decay: Float
) {
  parallelFor(n, grain: elementGrain) { range in
    for i in range { average[i] += (1 - decay) * (x[i] - average[i]) }
  }
}
