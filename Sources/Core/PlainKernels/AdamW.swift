// AdamW: Adam (Kingma and Ba, 2015, algorithm 1) with decoupled weight decay (Loshchilov and
// Hutter, 2019, algorithm 2).

/// What an optimiser keeps of the past of some parameters.
public struct AdamWState: Sendable {
  /// m, the running mean of the gradients.
  public var first: [Float]
  /// v, the running mean of their squares.
  public var second: [Float]
  /// t, the number of steps so far.
  public var steps = 0

  /// The state before the first step of `count` parameters.
  public init(count: Int) {
    first = [Float](repeating: 0, count: count)
    second = first
  }
}

/// One step of AdamW, in place.
///
/// m = β₁ m + (1 - β₁) g and v = β₂ v + (1 - β₂) g², then
/// w = w - rate · decay · w - rate · m̂ / (√v̂ + ε) with m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ).
/// Dividing by 1 - βᵗ takes out that both means started from 0. The powers are computed in Double,
/// since 1 - β₂ᵗ is the small difference of two numbers close to 1.
///
/// w, g and the state's means are [N].
public func adamW(
  _ w: inout [Float], gradient g: [Float], _ state: inout AdamWState, rate: Float,
  beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, decay: Float = 0.01
) {
  state.steps += 1
  var (power1, power2) = (1.0, 1.0)
  for _ in 0..<state.steps {
    power1 *= Double(beta1)
    power2 *= Double(beta2)
  }
  for i in w.indices {
    state.first[i] = beta1 * state.first[i] + (1 - beta1) * g[i]
    state.second[i] = beta2 * state.second[i] + (1 - beta2) * g[i] * g[i]
    let first = state.first[i] / Float(1 - power1)
    let second = state.second[i] / Float(1 - power2)
    w[i] -= rate * decay * w[i] + rate * first / (second.squareRoot() + epsilon)
  }
}
