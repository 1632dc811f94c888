import Checkpoints
import DiscreteVAE
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct LikelihoodTests {
  @Test(arguments: [(0, 0), (1.3, -1), (-2, 0.5), (0.4, -4)] as [(Float, Float)])
  func `the logit-Laplace density integrates to one`(mean: Float, logScale: Float) {
    // Integrated over y = logit x, with dx = x (1 - x) dy.
    let n = 400_000
    let y = Tensor((0..<n).map { mean + (Float($0) + 0.5) / Float(n) * 32 - 16 })
    let x = y.sigmoid().clamped(1e-7, 1 - 1e-7)
    let density = logitLaplace(
      x, mean: Tensor(repeating: mean, shape: [n]),
      logScale: Tensor(repeating: logScale, shape: [n])
    ).exp()
    let sum = (density * x * (1 - x)).scalars.reduce(0.0) { $0 + Double($1) } * 32 / Double(n)
    #expect(abs(sum - 1) < 2e-3)
  }

  @Test func `ln b is clamped from below, without gradient`() {
    let x = Tensor(repeating: 0.5, shape: [3])
    let logScale = Tensor([-7.5, -50, -6]).requiringGradient()
    let density = logitLaplace(x, mean: .zeros([3]), logScale: logScale)
    density.sum().backward()
    #expect(density[0] == density[1] && density[2] < density[0])
    #expect(logScale.gradient?.scalars == [0, 0, -1])
  }

  @Test func `divergence is 0 for a uniform posterior and ln K for certainty`() {
    let logits = Tensor([[0, 0, 0, 0], [200, 0, 0, 0], [1, 1, -200, -200]])
    let expected: [Float] = [0, log(4), log(2)]
    #expect(difference(divergenceFromUniform(logits).scalars, expected, atol: 1e-6) == nil)
  }

  @Test func `unmapping inverts mapping and stays in 0 to 1`() {
    let x = Tensor([0, 0.25, 1])
    #expect(difference(mapPixels(x).scalars, [0.1, 0.3, 0.9], atol: 1e-7) == nil)
    #expect(difference(unmapPixels(mapPixels(x)).scalars, x.scalars, atol: 1e-6) == nil)
    #expect(unmapPixels(Tensor([0, 1])).scalars == [0, 1])
  }

  @Test func `Gumbel-max draws each code as often as its probability says`() {
    var random = Random(seed: 1)
    let logits = Tensor([0, 1, 2, -1])
    let n = 20_000
    let noise = Tensor.gumbel([n, 4], &random)
    let counts = gumbelSoftmax(
      logits.expanded([n, 4]), noise: noise, temperature: 0.1, isHard: true
    )
    .sum(axis: 0).scalars
    let expected = (logits.softmax() * Float(n)).scalars
    // χ² with three degrees of freedom is above 16 once in a thousand.
    let chi = zip(counts, expected).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
    #expect(chi < 16.3)
  }
}

@Suite struct DiscreteVAETests {
  private let small = DVAEConfiguration(
    hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2, postGain: 0.5)

  @Test func `encoder and decoder have 53,786,240 and 43,829,766 parameters, like OpenAI's`() {
    var random = Random(seed: 1)
    let dvae = DiscreteVAE(DVAEConfiguration(), &random)
    #expect(dvae.encoder.parameterCount == 53_786_240)
    #expect(dvae.decoder.parameterCount == 43_829_766)
  }

  @Test func `a configuration knows how many parameters its model has`() {
    let three = DVAEConfiguration(
      hidden: 6, initial: 10, blocks: 2, decoderBlocks: 3, groups: 3, vocabulary: 12, stem: 1)
    for c in [small, three, .stickers, .emoji] {
      var random = Random(seed: 1)
      #expect(c.parameterCount == Double(DiscreteVAE(c, &random).parameterCount))
    }
    #expect(DVAEConfiguration().parameterCount == 53_786_240 + 43_829_766)
  }

  @Test func `an untrusted configuration is checked before memory is allocated`() throws {
    let folder = try TemporaryFolder()
    var random = Random(seed: 1)
    let path = folder.file("dvae")
    try Checkpoint.save(
      DiscreteVAE(small, &random), ModelCard(kind: DiscreteVAE.kind, config: small), to: path)
    let bytes = try folder.read("dvae")
    for (old, new) in [
      ("\\\"n_hid\\\":8", "\\\"n_hid\\\":1048576"), ("\\\"stem\\\":2", "\\\"stem\\\":256"),
      ("\\\"group_count\\\":2", "\\\"group_count\\\":16"),
      ("\\\"n_blk_per_group\\\":1", "\\\"n_blk_per_group\\\":1048576"),
    ] {
      let length = bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
      try #require(header.contains(old))
      // Without its checksum, as a stranger's file.
      let changed = Array(
        header.replacing(old, with: new).replacing("\"checksum\"", with: "\"other\"").utf8)
      let size = (0..<8).map { UInt8(changed.count >> (8 * $0) & 255) }
      let file = try folder.write(size + changed + bytes[(8 + length)...], to: "changed")
      let error = #expect(throws: CheckpointError.self) { try DiscreteVAE(Checkpoint(file)) }
      #expect(error?.description.contains("not in these") == true, "\(new)")
    }
  }

  @Test func `an empty configuration is refused`() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(DVAEConfiguration.self, from: Data("{}".utf8))
    }
  }

  @Test func `looking up codes equals multiplying by one-hot vectors`() {
    var random = Random(seed: 2)
    let dvae = DiscreteVAE(small, &random)
    let codes = IndexTensor(
      shape: [2, 3, 5], (0..<30).map { _ in Int32(random.integer(below: 16)) })
    let looked = dvae.decoder(codes)
    let multiplied = dvae.decoder(oneHot(codes, classes: 16))
    #expect(looked.shape == [2, 12, 20, 6])
    #expect(difference(looked.scalars, multiplied.scalars, atol: 1e-5, rtol: 1e-5) == nil)
  }

  @Test func `black, white and chequered pictures have finite reconstructions`() {
    var random = Random(seed: 3)
    let dvae = DiscreteVAE(small, &random)
    let chequered = Tensor(
      shape: [1, 3, 16, 16], (0..<768).map { Float(($0 + $0 / 16) % 2) })
    for image in [Tensor.zeros([1, 3, 16, 16]), Tensor.ones([1, 3, 16, 16]), chequered] {
      let codes = dvae.encode(image)
      let again = dvae.decode(codes)
      #expect(codes.shape == [1, 4, 4] && again.shape == [1, 3, 16, 16])
      #expect(again.firstNonFiniteIndex == nil)
      let x = mapPixels(image).channelsLast
      let bound = EvidenceBound(x, dvae.decoder(codes), logits: dvae.encoder(x))
      #expect(bound.loss(beta: 1).item.isFinite)
    }
  }

  @Test func `a picture of the wrong size violates a precondition`() async {
    await #expect(processExitsWith: .failure) {
      var random = Random(seed: 4)
      let c = DVAEConfiguration(hidden: 4, initial: 4, blocks: 1, groups: 2, vocabulary: 4)
      _ = DiscreteVAE(c, &random).encode(.zeros([1, 3, 9, 8]))
    }
  }
}
