import NumberFormats
import TensorCore
import Testing

@testable import MixedPrecision

@Suite("Statistics of gradients") struct GradientStatisticsTests {
  @Test func `numbers are counted by their power of two`() {
    var histogram = ExponentHistogram()
    histogram.add(Tensor([1, -1.99, 2, 0, -0.0, .nan, -.infinity, 0x1p-26, 0x1.8p-25, 0x1p-130]))
    #expect([-26, -25, 0, 1, 2].map { histogram[exponent: $0] } == [1, 1, 2, 1, 0])
    #expect((histogram.zeros, histogram.nonfinite, histogram.nonzero) == (2, 2, 6))
    #expect(histogram.exponents == -127...1)
    // 2⁻²⁶ and 2⁻¹³⁰ are 0 in 1-5-10, 1.5 · 2⁻²⁵ is a subnormal number; in bf16 2⁻¹³⁰ is one.
    #expect(histogram.share(lostIn: .half) == 2.0 / 6)
    #expect(histogram.share(belowNormalOf: .half) == 3.0 / 6)
    #expect(histogram.share(lostIn: .bfloat16) == 1.0 / 6)
    #expect(ExponentHistogram().exponents == nil)
    var twice = histogram
    twice.add(histogram)
    #expect(twice.nonzero == 12 && twice.share(below: 1) == histogram.share(below: 1))
  }

  @Test func `the histogram tells how many gradients a cast loses`() {
    var settings = MixedSettings()
    settings.scaling = .none
    settings.replicas = 1 << 14
    let model = smallExperiment.untrained()
    for gradients in smallExperiment.gradients(of: model, settings) {
      #expect(gradients.lostShare > 0.01 && gradients.lostShare < 0.99)
      #expect(abs(gradients.histogram.share(lostIn: .half) - gradients.lostShare) < 1e-3)
      #expect(gradients.zeroShare >= gradients.lostShare)
    }
  }

  @Test func `the best scale is the largest that lets nothing overflow`() {
    // Gradients of activations up to 1.5 · 2⁻³ and one of 2⁻⁴⁰; a weight's gradient of 2⁵; and a
    // resblock whose largest is 2⁻²⁰.
    let probes = [ResblockProbe(), ResblockProbe()]
    probes[0].note(Tensor([0.1875, 0x1p-40]), .zeros([2]))
    let weight = Tensor.zeros([1, 1]).requiringGradient()
    let gain = Tensor.zeros([1]).requiringGradient()
    (weight.gradient, gain.gradient) = (Tensor([[-32]]), Tensor([1e9]))
    probes[0].note(weights: [weight, gain])
    probes[1].note(Tensor([-0x1p-20, 0x1p-40, 0x1p-50, 0]), .zeros([4]))
    let gradients = probes.map(\.gradients)
    #expect(gradients[0].weightPeak == 32)
    // 2⁵ · 2⁹ = 2¹⁴ and 2⁻²⁰ · 2³⁴ = 2¹⁴; numbers of exponent 15 could round beyond 65,504.
    #expect(gradients.map { $0.headroom(in: .half) } == [9, 34])
    // With 2⁹ numbers below 2⁻³⁴ are lost, with 2³⁴ those below 2⁻⁵⁹.
    let shares = gradients.lostShares(in: .half)
    #expect(shares.map(\.oneScale) == [0.5, 2.0 / 3] && shares.map(\.ownScale) == [0.5, 0])
  }

  @Test func `norms are those of the gradients at the output and of what is added to them`() {
    let probe = ResblockProbe()
    let arithmetic = Arithmetic(format: nil, probe: probe)
    let x = Tensor([1, 2]).requiringGradient()
    let y = arithmetic.adding(to: x, scale: Scale(value: 64, isFiltered: true)) {
      arithmetic.cast($0 * 2)
    }
    y.backward(upstream: Tensor([3, 4]))
    #expect(probe.gradients.norm == 5 && probe.gradients.addedNorm == 10)
    #expect(probe.gradients.lostAtOutput == 0)
    // At the output, before the cast and on the way out, times the scale: 192, 256; 192, 256; 384, 512
    let counts = [7, 8, 9].map { probe.gradients.histogram[exponent: $0] }
    #expect(counts == [2, 3, 1])
  }

  @Test func `looking at gradients leaves the model as it is`() {
    let model = smallExperiment.untrained()
    let before = bits(model)
    let gradients = smallExperiment.gradients(of: model, MixedSettings())
    #expect(bits(model) == before && gradients.count == 6)
  }
}
