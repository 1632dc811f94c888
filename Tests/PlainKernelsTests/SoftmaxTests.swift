import PlainKernels
import TensorCore
import TestSupport
import Testing

@Suite("Plain softmax") struct SoftmaxTests {
  @Test(arguments: everySize)
  func `softmax and its gradient are the plain ones`(_ n: Int) {
    var random = Random(seed: 1).split(n)
    let rows = 7
    let (x, dy) = (uniform(rows * n, &random).map { $0 * 10 }, uniform(rows * n, &random))
    let input = Tensor(shape: [rows, n], x).requiringGradient()
    let y = input.softmax()
    let want = softmax(x, rows: rows, n: n)
    // Probabilities are at most 1; the two exponentials are each right to a few units of 2⁻²⁴.
    #expect(difference(y.scalars, want, atol: rounding(n), rtol: 1e-6) == nil)
    y.backward(upstream: Tensor(shape: [rows, n], dy))
    let dx = softmaxGradient(want, dy, rows: rows, n: n)
    #expect(difference(input.gradient?.scalars ?? [], dx, atol: rounding(n)) == nil)
  }

  @Test func `neither overflows, and a row of -infinity gives zeros`() {
    let x: [Float] = [1000, 1001, -1000, -.infinity, -.infinity, -.infinity]
    let want = softmax(x, rows: 2, n: 3)
    let e: Float = 2.7182818
    #expect(difference(want, [1 / (1 + e), e / (1 + e), 0, 0, 0, 0], atol: 1e-6) == nil)
    let y = Tensor(shape: [2, 3], x).softmax()
    #expect(difference(y.scalars, want, atol: 1e-6) == nil)
  }

  @Test func `the plain gradient is the slope of the plain softmax`() {
    var random = Random(seed: 2)
    let (rows, n) = (3, 7)
    let (x, dy) = (uniform(rows * n, &random), uniform(rows * n, &random))
    let dx = softmaxGradient(softmax(x, rows: rows, n: n), dy, rows: rows, n: n)
    expectSlopes(dx, at: x) { dot(softmax($0, rows: rows, n: n), dy) }
  }
}
