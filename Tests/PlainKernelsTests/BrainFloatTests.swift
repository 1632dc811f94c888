import Kernels
import NeuralNetwork
import PlainKernels
import TensorCore
import TestSupport
import Testing

/// bf16 products are f32 products of rounded factors, so the plain loops and the fast f32 ones, which
/// other tests hold against them, both say what they must be.
@Suite("bf16") struct BrainFloatTests {
  private func rounded(_ x: Tensor) -> Tensor {
    Tensor(shape: x.shape, x.scalars.map(roundedToBrainFloat))
  }

  @Test func `rounding keeps eight digits, goes to even and keeps NaN and infinity`() {
    #expect(roundedToBrainFloat(1.003_906_25) == 1)  // 1 + ½ · 2⁻⁷
    #expect(roundedToBrainFloat(1.011_718_75) == 1.015_625)  // 1 + 1½ · 2⁻⁷
    #expect(roundedToBrainFloat(1.004) == 1.007_812_5)
    #expect(roundedToBrainFloat(-3.39e38) == -3.389_531_4e38)
    #expect(roundedToBrainFloat(.greatestFiniteMagnitude) == .infinity)
    #expect(roundedToBrainFloat(-.infinity) == -.infinity && roundedToBrainFloat(.nan).isNaN)
    for upper in UInt32(0)...0xFFFF {
      let x = Float(bitPattern: upper << 16)
      if x.isNaN { continue }
      #expect(roundedToBrainFloat(x).bitPattern == x.bitPattern)
    }
  }

  @Test func `a product with one term is the product of the rounded factors, to the bit`() {
    var random = Random(seed: 1)
    let specials: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 3.4e38, 1e-30, 1.003_906_25]
    let x = specials + uniform(4096, &random)
    let y = withPrecision(.bf16) {
      linear(Tensor(shape: [x.count, 1], x), Tensor(shape: [1, 1], [3]))
    }
    for (x, y) in zip(x, y.scalars) {
      let want = roundedToBrainFloat(x) * 3
      #expect(y == want || y.isNaN && want.isNaN, "\(x): \(y), not \(want)")
    }
  }

  @Test(arguments: 1...40)
  func `linear computes the plain product of rounded factors, forward and backward`(_ m: Int) {
    var random = Random(seed: 2).split(m)
    let others = (0..<6).map { _ in (random.integer(below: 40) + 1, random.integer(below: 40) + 1) }
    for (k, n) in others + [(m, 1), (1, m), (33, 64), (200, 65)] {
      let (x, w) = (uniform(m * k, &random), uniform(n * k, &random))
      let (b, dy) = (uniform(n, &random), uniform(m * n, &random))
      let input = Tensor(shape: [m, k], x).requiringGradient()
      let weight = Tensor(shape: [n, k], w).requiringGradient()
      let bias = Tensor(shape: [n], b).requiringGradient()
      let residual = Tensor(shape: [m, n], dy).requiringGradient()
      let y = withPrecision(.bf16) { linear(input, weight, bias, adding: residual) }
      y.backward(upstream: Tensor(shape: [m, n], dy))
      let product = brainFloatProduct(x, transposed(w, rows: n, columns: k), m: m, k: k, n: n)
      let want = product.enumerated().map { $1 + b[$0 % n] + dy[$0] }
      let dx = brainFloatProduct(dy, w, m: m, k: n, n: k)
      let dw = brainFloatProduct(transposed(dy, rows: m, columns: n), x, m: n, k: m, n: k)
      let sizes: Comment = "\(m) \(k) \(n)"
      #expect(difference(y.scalars, want, atol: rounding(k)) == nil, sizes)
      #expect(difference(input.gradient?.scalars ?? [], dx, atol: rounding(n)) == nil, sizes)
      #expect(difference(weight.gradient?.scalars ?? [], dw, atol: rounding(m)) == nil, sizes)
      #expect(residual.gradient?.scalars == dy, sizes)
    }
  }

  @Test func `long sums and many rows agree too`() {
    var random = Random(seed: 3)
    for (m, k, n) in [(300, 1030, 70), (129, 513, 33), (1, 2000, 100), (5000, 40, 3)] {
      let (x, w) = (Tensor.normal([m, k], &random), Tensor.normal([n, k], &random))
      let got = withPrecision(.bf16) { linear(x, w) }
      let want = linear(rounded(x), rounded(w))
      #expect(difference(got.scalars, want.scalars, atol: 4 * rounding(k)) == nil, "\(m) \(k) \(n)")
    }
  }

  private static let convolutions = [3, 5, 8, 16, 17, 32, 33, 64].flatMap { size in
    [(3, 1, 1), (4, 2, 1), (1, 1, 0), (2, 2, 0), (5, 3, 2)].filter { $0.0 <= size }
      .map { (size, $0) }
  }

  @Test(arguments: convolutions)
  func `convolutions are those of rounded factors, forward and backward`(
    _ size: Int, _ window: (kernel: Int, stride: Int, padding: Int)
  ) {
    var random = Random(seed: 4).split(size)
    for (c, o) in [(32, 40), (64, 32), (20, 17), (3, 32), (96, 5)] where size < 33 || c == 64 {
      let x = Tensor.normal([2, size, size, c], &random)
      let w = Tensor.normal([o, c, window.kernel, window.kernel], &random)
      let bias = Tensor.normal([o], &random)
      func run(_ x: Tensor, _ w: Tensor, _ dy: Tensor?, _ p: Precision) -> [[Float]] {
        let (x, w, b) = (x.requiringGradient(), w.requiringGradient(), bias.requiringGradient())
        let y = withPrecision(p) {
          convolution2D(x, w, b, stride: window.stride, padding: window.padding)
        }
        y.backward(upstream: dy ?? Tensor.ones(y.shape))
        return [y, x.gradient!, w.gradient!, b.gradient!].map(\.scalars)
      }
      // Ones are bf16 numbers, so the upstream gradient needs no rounding.
      let exact = run(x, w, nil, .f32)
      let want = run(rounded(x), rounded(w), nil, .f32)
      let got = run(x, w, nil, .bf16)
      let sums = [
        c * window.kernel * window.kernel, o * window.kernel * window.kernel, size * size,
      ]
      for part in 0..<4 {
        let tolerance = part < 3 ? 8 * rounding(sums[part]) : 1e-3
        let isRounded = difference(got[part], want[part], atol: tolerance) == nil
        // Where channels are not whole blocks of 32, factors stay floats.
        let isExact = difference(got[part], exact[part], atol: tolerance) == nil
        #expect(
          isRounded || isExact && (c % 32 > 0 || o % 32 > 0),
          "\(size) \(window) \(c) \(o): part \(part)")
      }
    }
  }

  @Test func `the same bits on one thread, two and three`() {
    var random = Random(seed: 5)
    let (x, w) = (Tensor.normal([700, 96], &random), Tensor.normal([130, 96], &random))
    let picture = Tensor.normal([3, 32, 32, 32], &random)
    let kernel = Tensor.normal([48, 32, 3, 3], &random)
    func bits() -> [[Float]] {
      withPrecision(.bf16) {
        let (x, w) = (x.requiringGradient(), w.requiringGradient())
        let (p, k) = (picture.requiringGradient(), kernel.requiringGradient())
        let y = linear(x, w).gelu().sum() + convolution2D(p, k, padding: 1).gelu().sum()
        y.backward()
        return [y, x.gradient!, w.gradient!, p.gradient!, k.gradient!].map(\.scalars)
      }
    }
    let before = Threads.count
    defer { Threads.count = before }
    let all = [1, 2, 3].map { count in
      Threads.count = count
      return bits()
    }
    #expect(all[0] == all[1] && all[1] == all[2])
  }

  @Test
  func `the precision of the forward pass is that of the backward pass, and ends with its scope`() {
    var random = Random(seed: 6)
    let x = Tensor.normal([8, 8], &random).requiringGradient()
    let w = Tensor.normal([8, 8], &random)
    let y = withPrecision(.bf16) { linear(x, w) }
    #expect(Precision.current == .f32)
    y.backward(upstream: w)
    let want = matmul(rounded(w), rounded(w))
    #expect(difference(x.gradient!.scalars, want.scalars, atol: rounding(8)) == nil)
    withPrecision(.bf16) { withPrecision(.f32) { #expect(Precision.current == .f32) } }
    struct Failure: Error {}
    #expect(throws: Failure.self) { try withPrecision(.bf16) { throw Failure() } }
    #expect(Precision.current == .f32)
  }
}
