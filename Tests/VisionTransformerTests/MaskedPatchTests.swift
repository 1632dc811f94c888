import ClassifierTraining
import TensorCore
import TestSupport
import Testing
import VisionTransformer

@Suite struct MaskedPatchTests {
  @Test func `half of the patches are corrupted, 80, 10 and 10 per cent in three ways`() {
    var random = Random(seed: 1)
    let corruption = PatchCorruption(pictures: 500, patches: 64, using: &random)
    var (hidden, exchanged, kept) = (0, 0, 0)
    for picture in 0..<500 {
      let sources = corruption.sources[picture * 64..<(picture + 1) * 64]
      #expect(sources.count { $0 != nil } == 32)
    }
    for (place, source) in corruption.sources.enumerated() {
      switch source {
      case nil: break
      case 64: hidden += 1
      case place % 64: kept += 1
      default: exchanged += 1
      }
    }
    // 16,000 draws: three standard deviations are 0.01 and 0.007.
    #expect(abs(Double(hidden) / 16000 - 0.8) < 0.01)
    #expect(abs(Double(exchanged) / 16000 - 0.1) < 0.0075)
    #expect(abs(Double(kept) / 16000 - 0.1) < 0.0075)
  }

  @Test func `embeddings are replaced as drawn`() {
    var random = Random(seed: 2)
    let corruption = PatchCorruption(pictures: 2, patches: 16, using: &random)
    let tokens = Tensor(shape: [2, 16, 1], (0..<32).map(Float.init))
    let result = corruption(tokens, mask: Tensor([[-1]])).scalars
    for (place, source) in corruption.sources.enumerated() {
      let expected = source.map { $0 == 16 ? -1 : Float(place / 16 * 16 + $0) } ?? Float(place)
      #expect(result[place] == expected)
    }
  }

  @Test func `mean colours have three bits per channel`() {
    // Two patches of 2×2: black with one white pixel of red, and white.
    var pixels = [Float](repeating: 0, count: 3 * 2 * 4)
    pixels[0] = 1
    for channel in 0..<3 {
      for y in 0..<2 {
        for x in 2..<4 { pixels[channel * 8 + y * 4 + x] = 1 }
      }
    }
    let colours = MaskedPatchPrediction.meanColours(
      Tensor(shape: [1, 3, 2, 4], pixels), patch: 2)
    // Red 0.25 is level 2 of 0 … 7.
    #expect(colours.values == [2 * 64, 511])
  }

  @Test func `only corrupted patches count in the loss`() {
    var random = Random(seed: 3)
    let c = ViTConfiguration(imageSize: 16, patch: 4, width: 8, layers: 0, heads: 2)
    let model = MaskedPatchPrediction(encoder: ViTEncoder(c, &random), &random)
    let images = Tensor.uniform([1, 3, 16, 16], 0, 1, &random)
    let corruption = PatchCorruption(pictures: 1, patches: 16, using: &random)
    let logProbabilities = model(images, corruption).logSoftmax().scalars
    let colours = MaskedPatchPrediction.meanColours(images, patch: 4).values
    let terms = corruption.sources.indices.filter { corruption.sources[$0] != nil }
      .map { -logProbabilities[$0 * 512 + Int(colours[$0])] }
    let expected = terms.reduce(0, +) / Float(terms.count)
    #expect(difference([model.loss(images, corruption).item], [expected], rtol: 1e-5) == nil)
  }

  @Test func `gradients reach the mask token and the encoder`() {
    var random = Random(seed: 4)
    let c = ViTConfiguration(imageSize: 16, patch: 4, width: 8, layers: 1, heads: 2)
    let model = MaskedPatchPrediction(encoder: ViTEncoder(c, &random), &random)
    let images = Tensor.uniform([2, 3, 16, 16], 0, 1, &random)
    model.loss(images, PatchCorruption(pictures: 2, patches: 16, using: &random)).backward()
    for (name, parameter) in model.parameters {
      let gradient = parameter.gradient?.scalars ?? []
      #expect(gradient.contains { $0 != 0 }, "\(name)")
    }
  }
}
