import NumberFormats
import TensorCore
import Testing

@testable import MixedPrecision

@Suite("A resblock in 16 bits") struct ResblockTests {
  /// What comes out of x + f(x) with f(x) = 3 x: the result, and the gradient of x for one `g`.
  private func tripled(
    _ x: Float, _ g: Float, scale: Float, isFiltered: Bool = true, format: FloatFormat? = .half
  ) -> (y: Float, dx: Float) {
    let x = Tensor(x).requiringGradient()
    let arithmetic = Arithmetic(format: format, probe: nil)
    let y = arithmetic.adding(to: x, scale: Scale(value: scale, isFiltered: isFiltered)) {
      arithmetic.cast($0 * 3)
    }
    y.backward(upstream: Tensor(g))
    return (y.item, x.gradient?.item ?? .nan)
  }

  @Test func `forward, only the resblock is rounded`() {
    // 1 + 2⁻¹² becomes 1 on the way into the resblock, and stays as it is beside it.
    #expect(tripled(1 + 0x1p-12, 1, scale: 1).y == 1 + 0x1p-12 + 3)
    // 3 · (1 + 2⁻¹⁰) = 3 + 3 · 2⁻¹⁰ lies halfway between 3 + 2⁻⁹ and 3 + 2⁻⁸, which is even.
    #expect(tripled(1 + 0x1p-10, 1, scale: 1).y == 1 + 0x1p-10 + 3 + 0x1p-8)
    #expect(tripled(1 + 0x1p-12, 1, scale: 1, format: nil).y == 4 + 0x1p-10)
  }

  @Test(
    arguments: [
      // g, scale, the gradient of x
      (1, 1, 4),
      // Without a scale 2⁻²⁶ is 0 in 1-5-10: only the identity path is left.
      (0x1p-26, 1, 0x1p-26),
      (0x1p-26, 0x1p13, 4 * 0x1p-26),
      // 3 · 2⁻²⁵ = 1.5 · 2⁻²⁴ is halfway between two subnormal numbers and becomes 2 · 2⁻²⁴; g itself,
      // halfway between 0 and 2⁻²⁴, becomes 0.
      (0x1p-25, 1, 0x1p-25), (0x1p-25, 2, 0x1p-25 + 3 * 0x1p-25),
      (0x1p-25 * 1.5, 1, 0x1p-25 * 1.5 + 3 * 0x1p-24),
      // g · scale is rounded before it goes back through the resblock.
      (1 + 0x1p-12, 4, 1 + 0x1p-12 + 3),
      // The scale lifts g · 3 over 65,504: infinite, so the filter leaves the identity path.
      (1, 0x1p15, 1), (1, 0x1p16, 1), (-1, 0x1p16, -1),
    ] as [(Float, Float, Float)])
  func `backward, a gradient is scaled, cast, filtered and unscaled`(
    g: Float, scale: Float, dx: Float
  ) {
    #expect(tripled(1, g, scale: scale).dx == dx)
  }

  @Test func `without the filter an overflow goes on to the resblocks before`() {
    #expect(tripled(1, 1, scale: 0x1p16, isFiltered: false).dx == .infinity)
  }

  @Test func `the filter puts 0 in place of what is not finite`() {
    let x: [Float] = [1, .nan, -0.0, .infinity, -.infinity, 0x1p-140, -65_504]
    #expect(filtered(Tensor(x)).scalars == [1, 0, 0, 0, 0, 0x1p-140, -65_504])
    #expect(filtered(Tensor([1, 2])).scalars == [1, 2])
  }

  /// Two linear layers: the gradients of x and of both weights, the weights' divided by the scale.
  private func gradients(scale: Float) -> [[Float]] {
    var random = Random(seed: 3)
    let x = Tensor.normal([6, 8], &random).requiringGradient()
    let weights = [[16, 8], [8, 16]].map {
      Tensor.normal($0, deviation: 0.3, &random).requiringGradient()
    }
    let g = Tensor.normal([6, 8], &random)
    let arithmetic = Arithmetic(format: .half, probe: nil)
    let y = arithmetic.adding(to: x, scale: Scale(value: scale, isFiltered: true)) { x in
      weights.reduce(x) { x, weight in
        arithmetic.cast(linear(x, arithmetic.cast(weight, isWeight: true)))
      }
    }
    y.backward(upstream: g)
    return [x.gradient?.scalars ?? []]
      + weights.map { ($0.gradient?.scalars ?? []).map { $0 / scale } }
  }

  @Test func `powers of two change no bit while nothing leaves the range`() {
    let plain = gradients(scale: 0x1p6)
    for exponent in [7, 8, 9, 10, 11] {
      #expect(gradients(scale: Float(sign: .plus, exponent: exponent, significand: 1)) == plain)
    }
    // This can fail: with a scale that is far too small, numbers become subnormal.
    #expect(gradients(scale: 0x1p-12) != plain)
    // Weights' gradients overflow.
    #expect(gradients(scale: 0x1p16)[2].contains { !$0.isFinite })
  }
}
