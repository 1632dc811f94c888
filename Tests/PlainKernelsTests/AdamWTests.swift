import Optimization
import PlainKernels
import TensorCore
import TestSupport
import Testing

@Suite("Plain AdamW") struct AdamWTests {
  @Test(arguments: everySize, [0, 0.1] as [Float])
  func `Adam takes the plain steps of AdamW`(_ count: Int, _ decay: Float) {
    var random = Random(seed: 1).split(count)
    var plain = uniform(count, &random)
    var state = AdamWState(count: count)
    let w = Tensor(plain).requiringGradient()
    // An ε of 10⁻³ is large enough to show where it is added.
    let adam = Adam(
      [ParameterGroup([("w", w)])], rate: 0.01, betas: (0.9, 0.99), epsilon: 1e-3,
      decay: .decoupled(decay))
    for step in 1...10 {
      let gradient = uniform(count, &random)
      w.gradient = Tensor(gradient)
      adam.step(gradientScale: 1)
      adamW(
        &plain, gradient: gradient, &state, rate: 0.01, beta2: 0.99, epsilon: 1e-3, decay: decay)
      // Weights between -1 and 1 round by 2⁻²⁴ a step; a step itself, 0.01, by far less.
      #expect(difference(w.scalars, plain, atol: Float(step + 1) * 0x1p-23) == nil, "step \(step)")
    }
    for (got, want) in zip(adam.state, [state.first, state.second]) {
      #expect(difference(got.tensor.scalars, want, atol: 10 * 0x1p-23) == nil, "\(got.name)")
    }
  }

  @Test func `the first step moves every weight by the rate, against its gradient`() {
    var w: [Float] = [1, 2, 3]
    var state = AdamWState(count: 3)
    adamW(&w, gradient: [0.5, -20, 1e-3], &state, rate: 0.1, decay: 0)
    #expect(difference(w, [0.9, 2.1, 2.9], atol: 1e-5) == nil)
  }
}
