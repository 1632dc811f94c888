// Results of size 0, and results that are sums of nothing. `make check` runs these with fresh memory
// full of NaN, so that what is not written shows.

import TensorCore
import Testing

@Suite struct EmptyTests {
  @Test func `products over no index are zero, or the bias`() {
    #expect(matmul(.zeros([3, 0]), .zeros([0, 5])).scalars == [Float](repeating: 0, count: 15))
    let (w, b) = (Tensor.zeros([2, 0]).requiringGradient(), Tensor([1, 2]).requiringGradient())
    let y = linear(.zeros([3, 0]), w, b)
    #expect(y.shape == [3, 2] && y.scalars == [1, 2, 1, 2, 1, 2])
    y.sum().backward()
    #expect(b.gradient!.scalars == [3, 3] && w.gradient!.shape == [2, 0])
    let packed = PackedWeight(w.detached, b.detached)(.zeros([3, 0]))
    #expect(packed.shape == [3, 2] && packed.scalars == [1, 2, 1, 2, 1, 2])
    #expect(PackedWeight(.zeros([2, 4]))(.zeros([0, 4])).shape == [0, 2])
  }

  @Test func `the weights of layers have gradient zero for an empty batch`() {
    var random = Random(seed: 1)
    let w = Tensor.normal([4, 3], &random).requiringGradient()
    let b = Tensor.normal([4], &random).requiringGradient()
    linear(.zeros([0, 3]), w, b).sum().backward()
    #expect(w.gradient!.scalars.allSatisfy { $0 == 0 })
    #expect(b.gradient!.scalars.allSatisfy { $0 == 0 })

    let gain = Tensor.normal([3], &random).requiringGradient()
    let shift = Tensor.normal([3], &random).requiringGradient()
    layerNorm(.zeros([0, 3]), gain, shift).sum().backward()
    #expect(gain.gradient!.scalars + shift.gradient!.scalars == [0, 0, 0, 0, 0, 0])
    let groupGain = Tensor.normal([4], &random).requiringGradient()
    let groupShift = Tensor.normal([4], &random).requiringGradient()
    groupNorm(.zeros([0, 2, 2, 4]), groups: 2, groupGain, groupShift).sum().backward()
    #expect(groupGain.gradient!.scalars.allSatisfy { $0 == 0 })
    #expect(groupShift.gradient!.scalars.allSatisfy { $0 == 0 })
  }

  @Test func `attention without queries or without keys`() {
    var random = Random(seed: 2)
    let k = Tensor.normal([2, 3, 8], &random).requiringGradient()
    let v = Tensor.normal([2, 3, 6], &random).requiringGradient()
    let y = attention(.zeros([2, 0, 8]), k, v, heads: 2)
    #expect(y.shape == [2, 0, 6])
    y.sum().backward()
    #expect(k.gradient!.scalars == [Float](repeating: 0, count: 48))
    #expect(v.gradient!.scalars == [Float](repeating: 0, count: 36))

    let q = Tensor.normal([2, 5, 8], &random).requiringGradient()
    let none = attention(q, .zeros([2, 0, 8]), .zeros([2, 0, 6]), heads: 2)
    #expect(none.scalars == [Float](repeating: 0, count: 60))
    none.sum().backward()
    #expect(q.gradient!.scalars == [Float](repeating: 0, count: 80))
  }

  @Test func `sums and losses of nothing are zero`() {
    let x = Tensor.zeros([2, 0, 3])
    #expect(x.sum().item == 0 && x.mean().item == 0)
    #expect(x.sum(axis: 1).scalars == [Float](repeating: 0, count: 6))
    #expect(Tensor.zeros([2, 0]).sum(axis: 1).scalars == [0, 0])
    #expect(Tensor.zeros([2, 0]).logSumExp().scalars == [-.infinity, -.infinity])
    #expect(Tensor.zeros([0, 3]).softmax().shape == [0, 3])
    #expect(crossEntropy(.zeros([0, 3]), IndexTensor([])).item == 0)
  }

  @Test func `pictures without pixels, and padding without a picture`() {
    var random = Random(seed: 3)
    let w = Tensor.normal([4, 3, 3, 3], &random).requiringGradient()  // [O, C, kh, kw]
    let b = Tensor([1, 2, 3, 4]).requiringGradient()
    let y = convolution2D(.zeros([0, 5, 5, 3]), w, b, padding: 1)
    #expect(y.shape == [0, 5, 5, 4])
    y.sum().backward()
    #expect(w.gradient!.scalars.allSatisfy { $0 == 0 } && b.gradient!.scalars == [0, 0, 0, 0])
  }
}
