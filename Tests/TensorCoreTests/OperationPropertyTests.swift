// Edges and properties that hold without a reference: empty batches, ties, huge values,
// not-a-number, one thread against two, and agreement with OpenBLAS.

import COpenBLAS
import Kernels
import TensorCore
import Testing

@Suite("Properties of operations") struct OperationPropertyTests {
  @Test func `an empty batch gives an empty result and zero parameter gradients`() throws {
    var random = Random(seed: 1)
    let x = Tensor.zeros([0, 5]).requiringGradient()
    let w = Tensor.normal([3, 5], &random).requiringGradient()
    let b = Tensor.zeros([3]).requiringGradient()
    let y = layerNorm(linear(x, w, b), nil, nil).gelu().softmax()
    #expect(y.shape == [0, 3])
    y.sum().backward()
    #expect(w.gradient?.scalars == [Float](repeating: 0, count: 15))
    #expect(b.gradient?.scalars == [0, 0, 0])
    #expect(x.gradient?.shape == [0, 5])
    let picture = Tensor.zeros([0, 4, 4, 2])
    #expect(convolution2D(picture, .zeros([3, 2, 3, 3]), padding: 1).shape == [0, 4, 4, 3])
    #expect(
      attention(.zeros([0, 4, 8]), .zeros([0, 4, 8]), .zeros([0, 4, 8]), heads: 2).shape == [
        0, 4, 8,
      ])
    #expect(Tensor.zeros([0, 4]).sum(axis: 0).scalars == [0, 0, 0, 0])
    #expect(matmul(Tensor.zeros([2, 0]), Tensor.zeros([0, 3])).scalars == [0, 0, 0, 0, 0, 0])
  }

  @Test func `shapes of every kind repeat to fit, also where an axis has size 1`() {
    func shapes(_ rank: Int) -> [[Int]] {
      if rank == 0 { return [[]] }
      return shapes(rank - 1).flatMap { shape in [1, 2, 3].map { shape + [$0] } }
    }
    let full = (0...3).flatMap(shapes)
    for a in full {
      for b in full
      where zip(a.reversed(), b.reversed()).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) {
        let x = Tensor(shape: a, (0..<a.reduce(1, *)).map { Float($0 + 1) }).requiringGradient()
        let y = Tensor(shape: b, (0..<b.reduce(1, *)).map { Float(64 << $0 % 8) })
          .requiringGradient()
        let sum = x + y
        // The same by hand: both repeated to the common shape, then place by place.
        let (left, right) = (x.repeatedByHand(to: sum.shape), y.repeatedByHand(to: sum.shape))
        #expect(sum.scalars == zip(left, right).map { $0 + $1 }, "\(a) + \(b)")
        #expect((x * y).scalars == zip(left, right).map { $0 * $1 }, "\(a) · \(b)")
        #expect(x.expanded(sum.shape).scalars == left, "\(a) to \(sum.shape)")
        (x * y).sum().backward()
        #expect(x.gradient?.sum().item == right.reduce(0, +), "\(a) · \(b)")
        #expect(y.gradient?.sum().item == left.reduce(0, +), "\(a) · \(b)")
      }
    }
  }

  /// Lines too short for a thread are shared out among several, long ones within.
  @Test(arguments: [
    ([300, 9, 1, 13], [9, 17, 1]), ([4099, 1], [1, 23]), ([2, 3, 1], [1, 3, 20_000]),
    ([5, 1, 20_001], [4, 1]), ([3, 5, 7, 1, 11], [3, 1, 7, 40, 1]),
  ])
  func `large shapes repeat to fit, too`(a: [Int], b: [Int]) {
    let x = Tensor(shape: a, (0..<a.reduce(1, *)).map { Float($0 % 1021) })
    let y = Tensor(shape: b, (0..<b.reduce(1, *)).map { Float($0 % 509) / 1024 })
    let sum = x - y
    let (left, right) = (x.repeatedByHand(to: sum.shape), y.repeatedByHand(to: sum.shape))
    #expect(sum.scalars == zip(left, right).map { $0 - $1 }, "\(a) - \(b)")
  }

  @Test func `huge logits neither overflow nor lose the answer`() {
    let x = Tensor([[1000, 1000, -1000], [-1e30, 0, 1e30]])
    #expect(x.softmax().scalars == [0.5, 0.5, 0, 0, 0, 1])
    #expect(crossEntropy(x, IndexTensor([1, 2])).item.isFinite)
    #expect(abs(x.logSumExp()[0] - 1000.6931) < 1e-3)
    #expect(Tensor([200, -200]).sigmoid().scalars == [1, 0])
    #expect(Tensor([200, -200]).softplus().scalars == [200, 0])
    #expect(
      Tensor([89, -104, .infinity, -.infinity]).exp().scalars == [.infinity, 0, .infinity, 0])
    #expect(Tensor([0, .infinity]).log().scalars == [-.infinity, .infinity])
  }

  @Test func `not-a-number stays visible`() {
    let x = Tensor([.nan, 1, 2])
    let functions: [(Tensor) -> Tensor] = [
      { $0.exp() }, { $0.log() }, { $0.tanh() }, { $0.sigmoid() }, { $0.gelu() },
      { $0.geluTanh() }, { $0.relu() }, { $0.square() }, { $0.softmax() }, { $0.softplus() },
      { $0.clamped(0, 1) }, { $0.maximum(axis: 0) },
    ]
    for (index, f) in functions.enumerated() {
      #expect(f(x).scalars[0].isNaN, "function \(index)")
    }
    #expect(Tensor([-1]).log().item.isNaN)
    #expect(x.firstNonFiniteIndex == 0)
    #expect(Tensor([1, 2, .infinity]).firstNonFiniteIndex == 2)
    #expect(Tensor.ones([5000]).firstNonFiniteIndex == nil)
  }

  @Test func `functions are within a few units in the last place`() {
    let points = (-8000...8000).map { Float($0) / 100 }
    func worst(_ f: (Tensor) -> Tensor, _ exact: (Double) -> Double, _ xs: [Float]) -> Double {
      zip(f(Tensor(xs)).scalars, xs).map { got, x in
        let want = exact(Double(x))
        return abs(Double(got) - want) / max(abs(want), 1e-37)
      }.max() ?? 0
    }
    #expect(worst({ $0.exp() }, exponential, points) < 3e-7)
    #expect(worst({ $0.tanh() }, hyperbolicTangent, points.filter { $0 != 0 }) < 5e-7)
    #expect(worst({ $0.log() }, logarithm, points.filter { $0 > 0 && $0 != 1 }) < 3e-7)
  }

  @Test func `the first of equal maxima gets the gradient`() throws {
    let x = Tensor([[2, 5, 5], [7, 7, 7]]).requiringGradient()
    #expect(x.argmax(axis: 1).values == [1, 0])
    x.maximum(axis: 1).sum().backward()
    #expect(x.gradient?.scalars == [0, 1, 0, 1, 0, 0])
    let picture = Tensor.ones([1, 2, 2, 1]).requiringGradient()
    picture.maxPooled(kernel: 2, stride: 2).sum().backward()
    #expect(picture.gradient?.scalars == [1, 0, 0, 0])
    let all = Tensor([3, 1, 3]).requiringGradient()
    all.maximum().backward()
    #expect(all.gradient?.scalars == [0.5, 0, 0.5])
  }

  @Test func `a query without any key attends to nothing`() {
    var random = Random(seed: 2)
    let x = Tensor.normal([1, 2, 4], &random).requiringGradient()
    let mask = Mask(shape: [2, 2], [0, 0, 1, 1])
    let y = attention(x, x, x, heads: 1, mask: .allowed(mask))
    #expect(Array(y.scalars.prefix(4)) == [0, 0, 0, 0])
    y.sum().backward()
    #expect(x.gradient?.firstNonFiniteIndex == nil)
  }

  @Test func `causal attention equals attention with a triangular mask`() {
    var random = Random(seed: 3)
    for (queries, keys) in [(5, 5), (33, 33), (100, 130), (7, 20)] {
      let q = Tensor.normal([2, queries, 12], &random)
      let k = Tensor.normal([2, keys, 12], &random)
      let v = Tensor.normal([2, keys, 12], &random)
      let bytes = (0..<queries).flatMap { i in
        (0..<keys).map { $0 <= i + keys - queries ? UInt8(1) : 0 }
      }
      let mask = Mask(shape: [queries, keys], bytes)
      let a = attention(q, k, v, heads: 3, mask: .causal)
      let b = attention(q, k, v, heads: 3, mask: .allowed(mask))
      #expect((a - b).abs().maximum().item < 1e-6)
    }
  }

  @Test func `matrix products agree with OpenBLAS at awkward sizes`() {
    var random = Random(seed: 4)
    let sizes = [1, 2, 5, 6, 7, 15, 16, 17, 31, 64, 97, 200, 400, 401]
    for trial in 0..<60 {
      let (m, n, k) = (
        sizes[random.integer(below: sizes.count)], sizes[random.integer(below: sizes.count)],
        sizes[random.integer(below: sizes.count)]
      )
      let (ta, tb) = (trial % 2 == 1, trial / 2 % 2 == 1)
      let a = Tensor.normal(ta ? [k, m] : [m, k], &random)
      let b = Tensor.normal(tb ? [n, k] : [k, n], &random)
      let y = matmul(a, b, transposeA: ta, transposeB: tb)
      var want = [Float](repeating: 0, count: m * n)
      cblas_sgemm(
        CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, Int32(m),
        Int32(n), Int32(k), 1, a.scalars, Int32(ta ? m : k), b.scalars, Int32(tb ? k : n), 0,
        &want, Int32(n))
      let worst = zip(y.scalars, want).map { abs($0 - $1) }.max() ?? 0
      #expect(worst < 1e-6 * Float(k) + 1e-5, "\(m) \(n) \(k) \(ta) \(tb): \(worst)")
    }
  }

  @Test func `permuting a batch permutes the results`() {
    var random = Random(seed: 5)
    let x = Tensor.normal([4, 6, 6, 3], &random)
    let w = Tensor.normal([8, 3, 3, 3], &random)
    let y = convolution2D(x, w, padding: 1)
    #expect(
      convolution2D(x.reversed(axis: 0), w, padding: 1).scalars == y.reversed(axis: 0).scalars)
  }

  @Test func `a convolution whose stride is its kernel is a linear map of patches`() {
    var random = Random(seed: 6)
    let x = Tensor.normal([2, 8, 12, 3], &random)
    let w = Tensor.normal([10, 3, 4, 4], &random)
    let patches = x.reshaped(2, 2, 4, 3, 4, 3).permuted(0, 1, 3, 5, 2, 4)  // [B, 2, 3, C, P, P]
    let mapped = linear(patches.reshaped(2, 2, 3, 48), w.reshaped(10, 48))
    #expect((mapped - convolution2D(x, w, stride: 4)).abs().maximum().item < 1e-5)
  }

  @Test func `one seed gives one sequence, whatever was drawn before a split`() {
    var a = Random(seed: 7)
    let early = a.split("name")
    _ = a.next()
    #expect(a.split("name") == early)
    #expect(a.split("other") != early)
    #expect(Random(seed: 8).split("name") != early)
    // Philox 4×32-10 of counter 0 and key 0, from the authors' published test vectors.
    var zero = Random(seed: 0)
    #expect(
      [zero.next32(), zero.next32(), zero.next32(), zero.next32()]
        == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
  }

  @Test func `normal and uniform numbers have the right moments`() {
    var random = Random(seed: 9)
    let z = Tensor.normal([100_000], &random)
    #expect(abs(z.mean().item) < 0.02)
    #expect(abs(z.variance(axis: 0).item - 1) < 0.02)
    let u = Tensor.uniform([100_000], 0, 1, &random)
    #expect(abs(u.mean().item - 0.5) < 0.01)
    #expect(u.scalars.allSatisfy { $0 >= 0 && $0 < 1 })
    let g = Tensor.gumbel([100_000], &random)
    #expect(abs(g.mean().item - 0.5772) < 0.03)
  }
}

extension Tensor {
  /// The values at every place of `target`, whose axes of other sizes repeat.
  fileprivate func repeatedByHand(to target: [Int]) -> [Float] {
    (0..<target.reduce(1, *)).map { index in
      var (rest, place, stride) = (index, 0, 1)
      for axis in target.indices.reversed() {
        let own = axis - (target.count - rank)
        let size = own < 0 ? 1 : shape[own]
        place += rest % target[axis] % size * stride
        stride *= size
        rest /= target[axis]
      }
      return scalars[place]
    }
  }
}
