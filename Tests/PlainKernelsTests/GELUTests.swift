import PlainKernels
import TensorCore
import TestSupport
import Testing

@Suite("Plain GELU") struct GELUTests {
  /// From -10 to 10, an odd number of them.
  static let points = (-1000...1000).map { Float($0) / 100 }

  @Test func `gelu and its derivative are the plain ones`() {
    compare({ $0.gelu() }, gelu, geluDerivative)
  }

  @Test func `geluTanh and its derivative are the plain ones`() {
    compare({ $0.geluTanh() }, geluTanh, geluTanhDerivative)
  }

  @Test func `the plain derivatives are the slopes of the plain functions`() {
    expectSlopes(Self.points.map(geluDerivative), at: Self.points) {
      $0.reduce(0) { $0 + Double(gelu($1)) }
    }
    expectSlopes(Self.points.map(geluTanhDerivative), at: Self.points) {
      $0.reduce(0) { $0 + Double(geluTanh($1)) }
    }
  }

  @Test func `the approximation is within half a thousandth of the exact function`() {
    #expect(Self.points.allSatisfy { abs(gelu($0) - geluTanh($0)) < 5e-4 })
  }

  private func compare(
    _ fast: (Tensor) -> Tensor, _ plain: (Float) -> Float, _ derivative: (Float) -> Float
  ) {
    // 1 + erf and 1 + tanh are right to 2⁻²⁴, times |x| up to 10, on both sides.
    let atol: Float = 10 * 0x1p-23
    for count in everySize + [Self.points.count] {
      let x = Array(Self.points.suffix(count))
      let input = Tensor(x).requiringGradient()
      let y = fast(input)
      #expect(difference(y.scalars, x.map(plain), atol: atol, rtol: 1e-6) == nil)
      y.sum().backward()
      let slopes = input.gradient?.scalars ?? []
      #expect(difference(slopes, x.map(derivative), atol: atol, rtol: 1e-6) == nil)
    }
  }
}
