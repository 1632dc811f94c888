// Noise that is made on all threads, and sums in one pass, against the plain ways.

import TensorCore
import Testing

@Suite("Filling and adding") struct FillTests {
  @Test(arguments: [0, 1, 2, 3, 4, 5, 17, 64, 8191, 8192, 8197, 40_003])
  func `Gumbel noise has the numbers that come one by one, and leaves the stream after them`(
    count: Int
  ) {
    for drawn in 0..<5 {
      var random = Random(seed: 9)
      for _ in 0..<drawn { _ = random.next32() }
      var twin = random
      let got = Tensor.gumbel([count], &random)
      let u = (0..<count).map { _ in (Float(twin.next32() >> 9) + 0.5) * 0x1p-23 }
      let want = (Tensor(shape: [count], u).log() * -1).log() * -1
      #expect(got.scalars == want.scalars)
      #expect((0..<9).map { _ in random.next32() } == (0..<9).map { _ in twin.next32() })
    }
  }

  @Test func `x + scale · y is what it says, and so are its gradients`() {
    var random = Random(seed: 2)
    for count in [1, 15, 16, 17, 1000, 40_000] {
      let (a, b, upstream): (Tensor, Tensor, Tensor) = (
        .normal([count], &random), .normal([count], &random), .normal([count], &random)
      )
      let (x, y) = (a.detached.requiringGradient(), b.detached.requiringGradient())
      let (x2, y2) = (a.detached.requiringGradient(), b.detached.requiringGradient())
      let (sum, sum2) = (x.adding(y, times: 0.3), x2 + y2 * 0.3)
      #expect(sum.scalars == sum2.scalars)
      sum.backward(upstream: upstream)
      sum2.backward(upstream: upstream)
      #expect(x.gradient!.scalars == x2.gradient!.scalars)
      #expect(y.gradient!.scalars == y2.gradient!.scalars)
    }
  }

  @Test func `a tensor added to itself has both gradients`() {
    let x = Tensor([1, 2, 3]).requiringGradient()
    x.adding(x, times: 2).backward(upstream: Tensor([1, 10, 100]))
    #expect(x.gradient!.scalars == [3, 30, 300])
  }

  @Test func `other shapes are refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor([1, 2]).adding(Tensor([1, 2, 3]), times: 1)
    }
  }
}
