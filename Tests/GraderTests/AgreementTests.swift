// The solutions agree with the models of the book and with values from public packages.

import CLIP
import CaptionedImages
import Chapter1
import Chapter3
import ClassifierTraining
import Collectives
import CourseKit
import DALLE
import DiscreteVAE
import Evaluation
import Foundation
import GradientCompression
import MixedPrecision
import NeuralNetwork
import NumberFormats
import Optimization
import Solutions
import TensorCore
import TestSupport
import Testing
import VisionTransformer

@Suite struct AgreementTests {
  private func same(_ a: Tensor, _ b: Tensor, tolerance: Float = 0) -> Bool {
    a.shape == b.shape && difference(a.scalars, b.scalars, atol: tolerance, rtol: tolerance) == nil
  }

  @Test func `chapter 1 is the vision transformer`() throws {
    var random = Random(seed: 1)
    let images = Tensor.normal([2, 3, 8, 12], &random)
    let patches = try Reference1.patchify(images, patch: 4)
    #expect(same(patches, VisionTransformer.patchify(images, patch: 4)))
    #expect(same(try Reference1.unpatchify(patches, patch: 4, rows: 2, columns: 3), images))
    let embedding = PatchEmbedding(channels: 3, patch: 4, width: 10, &random)
    let bias = try #require(embedding.bias)
    let tokens = try Reference1.embed(images, weight: embedding.weight, bias: bias)
    #expect(same(tokens, embedding(images), tolerance: 1e-5))
    let positions = Tensor.normal([1, 13, 5], &random)
    #expect(
      same(
        try Reference1.interpolate(positions, from: (3, 4), to: (5, 7)),
        interpolated(positions, from: (3, 4), to: (5, 7)), tolerance: 1e-6))
    let (q, k, v) = (
      Tensor.normal([2, 5, 8], &random), Tensor.normal([2, 7, 8], &random),
      Tensor.normal([2, 7, 8], &random)
    )
    #expect(
      same(
        try Reference1.attention(q, k, v), TensorCore.attention(q, k, v, heads: 1),
        tolerance: 1e-5))
    let layers = (0..<3).map { _ in Tensor.normal([2, 4, 6, 6], &random).softmax() }
    #expect(same(try Reference1.rollout(layers), attentionRollout(layers), tolerance: 1e-5))
  }

  @Test func `1.7 is a block of the encoder`() throws {
    var random = Random(seed: 11)
    let block = DenseBlock(width: 12, heads: 3, layers: 1, &random)
    // A fresh block changes hardly anything. The biases of its matrices stay zeros.
    for (name, tensor) in block.parameters where tensor.rank == 2 || name.contains("norm") {
      tensor.assign(.normal(tensor.shape, deviation: 0.4, &random))
    }
    let (attention, mlp) = (block.attention, block.feedForward)
    let weights = BlockWeights(
      norm1: (block.norm1.weight, block.norm1.bias), query: attention.query.weight,
      key: attention.key.weight, value: attention.value.weight, output: attention.output.weight,
      norm2: (block.norm2.weight, block.norm2.bias), first: mlp.first.weight,
      second: mlp.second.weight)
    let x = Tensor.normal([2, 7, 12], &random)
    #expect(same(try Reference1.block(x, weights, heads: 3), block(x), tolerance: 1e-5))
  }

  @Test func `1.10 is the loss of masked patches`() throws {
    var random = Random(seed: 12)
    let sizes = ViTConfiguration(imageSize: 16, patch: 4, width: 8, layers: 1, heads: 2)
    let model = MaskedPatchPrediction(encoder: ViTEncoder(sizes, &random), &random)
    let images = Tensor.uniform([3, 3, 16, 16], 0, 1, &random)
    let corruption = PatchCorruption(pictures: 3, patches: 16, using: &random)
    let loss = try Reference1.maskedLoss(
      model(images, corruption), colours: MaskedPatchPrediction.meanColours(images, patch: 4),
      sources: corruption.sources)
    #expect(same(loss, model.loss(images, corruption)))
  }

  @Test func `chapter 2 is CLIP`() throws {
    var random = Random(seed: 2)
    let pictures = Tensor.normal([5, 6], &random).normalized()
    let captions = Tensor.normal([5, 6], &random).normalized()
    let logits = try Reference2.similarities(pictures, captions, logitScale: 2.6)
    #expect(
      same(
        logits, similarityLogits(pictures, captions, logitScale: Tensor(2.6)), tolerance: 1e-5))
    let leaf = logits.detached.requiringGradient()
    let loss = contrastiveLoss(leaf)
    #expect(same(try Reference2.contrastiveLoss(logits), loss, tolerance: 1e-6))
    loss.backward()
    #expect(
      same(
        try Reference2.contrastiveGradient(logits), try #require(leaf.gradient), tolerance: 1e-6))
  }

  @Test func `chapter 3 is the discrete VAE`() throws {
    var random = Random(seed: 3)
    let model = EnumerableModel(captions: 2, codes: 5, pictures: 4, using: &random)
    for x in 0..<4 {
      for beta in [0.5, 1, 6.6] {
        let bound = try Reference3.bound(
          prior: model.prior(), likelihood: model.likelihood.map { $0[x] }, guess: model.guess[x],
          beta: beta)
        #expect(abs(bound - model.bound(x, beta: beta)) < 1e-12)
      }
    }
    let logits = Tensor.normal([3, 4, 6], &random)
    #expect(same(try Reference3.divergence(logits), divergenceFromUniform(logits), tolerance: 1e-6))
    let rows = Tensor.normal([4, 6], &random)
    let uniform = Tensor.uniform([4, 6], 0.01, 0.99, &random)
    let noise = -(-uniform.log()).log()
    #expect(
      same(
        try Reference3.gumbelSoftmax(rows, uniform: uniform, temperature: 0.3),
        gumbelSoftmax(rows, noise: noise, temperature: 0.3), tolerance: 1e-6))
    let hard = gumbelSoftmax(rows, noise: noise, temperature: 0.3, isHard: true)
    #expect(try Reference3.gumbelMax(rows, uniform: uniform) == hard.argmax(axis: 1))
    let schedule = Schedule.cosine(from: 1, to: 0.0625, steps: 150)
    for step in [0, 10, 75, 150, 400] {
      let temperature = try Reference3.temperature(at: step, of: 150, from: 1, to: 0.0625)
      #expect(abs(temperature - schedule(step)) < 1e-12)
    }
    let x = Tensor.uniform([3, 7], 0.1, 0.9, &random)
    let (mean, logScale) = (Tensor.normal([3, 7], &random), Tensor.normal([3, 7], &random))
    #expect(
      same(
        try Reference3.logitLaplace(x, mean: mean, logScale: logScale),
        logitLaplace(x, mean: mean, logScale: logScale), tolerance: 1e-5))
    #expect(same(try Reference3.mapPixels(x), mapPixels(x), tolerance: 1e-6))
    let wide = Tensor.uniform([20], 0, 1, &random)
    #expect(same(try Reference3.unmapPixels(wide), unmapPixels(wide), tolerance: 1e-6))
  }

  @Test func `chapter 4 is DALL·E`() throws {
    for (text, grid) in [(3, 4), (1, 2), (5, 6)] {
      func pattern(_ kind: AttentionKind) -> Mask {
        AttentionPattern(kind, text: text, rows: grid, columns: grid).mask
      }
      #expect(try Reference4.rowMask(text: text, grid: grid) == pattern(.row))
      #expect(try Reference4.columnMask(text: text, grid: grid) == pattern(.column))
      for kernel in [3, 5] where kernel < 2 * grid {
        #expect(
          try Reference4.convolutionMask(text: text, grid: grid, kernel: kernel)
            == pattern(.convolution(kernel: kernel, .raster)))
      }
    }
    var random = Random(seed: 4)
    let (told, free) = (Tensor.normal([2, 9], &random), Tensor.normal([2, 9], &random))
    #expect(
      same(
        try Reference4.guide(conditioned: told, unconditioned: free, scale: 3),
        guided(told, free, 3), tolerance: 1e-6))
    for p in [0.1, 0.5, 0.9] {
      var row = told.at(0, axis: 0).scalars
      SamplingOptions(topP: p).filter(&row)
      #expect(try Reference4.topP(told, p: p).at(0, axis: 0).scalars == row)
    }
  }

  @Test func `masks, filters and guidance are those of public packages`() throws {
    let masks = try ReferenceFile("masks")
    for (name, text, grid) in [("t6g4", 6, 4), ("t16g8", 16, 8)] {
      func bytes(_ kind: String) throws -> [UInt8] {
        try masks.integers("\(name).\(kind)").values.map { UInt8($0) }
      }
      #expect(try Reference4.rowMask(text: text, grid: grid).bytes == bytes("row"))
      #expect(try Reference4.columnMask(text: text, grid: grid).bytes == bytes("col"))
      // That package cuts windows off at the edge of the picture; the paper lets them wrap around.
      let ours = try Reference4.convolutionMask(text: text, grid: grid, kernel: 3).bytes
      #expect(zip(ours, try bytes("conv3_v3")).allSatisfy { $0 >= $1 })
    }
    let sampling = try ReferenceFile("sampling")
    func tensor(_ name: String) throws -> Tensor {
      let (shape, values) = try sampling.floats(name)
      return Tensor(shape: shape, values)
    }
    let logits = try tensor("logits")
    for threshold in [0.5, 0.9] {
      let expected = try tensor("lucid_top_k_\(threshold).logits")
      #expect(same(try Reference4.topK(logits, threshold: threshold), expected))
    }
    for p in [0.1, 0.5, 0.9] {
      #expect(same(try Reference4.topP(logits, p: p), try tensor("top_p_\(p).logits")))
    }
    for scale in [0.5, 1, 2.5, 3] as [Float] {
      let guided = try Reference4.guide(
        conditioned: tensor("cfg.cond"), unconditioned: tensor("cfg.null"), scale: scale)
      #expect(same(guided, try tensor("cfg.out_\(scale)"), tolerance: 1e-5))
    }
  }

  @Test func `measures are those of public packages and of the book`() throws {
    let metrics = try ReferenceFile("metrics")
    func tensor(_ name: String) throws -> Tensor {
      let (shape, values) = try metrics.floats(name)
      return Tensor(shape: shape, values)
    }
    for name in ["full", "same"] {
      let distance = try Reference5.frechetDistance(
        tensor("fid.\(name).a"), tensor("fid.\(name).b"))
      let expected = Double(try tensor("fid.\(name).value").item)
      #expect(abs(distance - expected) < 1e-4 * (1 + expected))
    }
    let probabilities = try tensor("is.probs")
    for splits in [1, 5, 10] {
      let score = try Reference5.inceptionScore(probabilities, splits: splits)
      #expect(abs(score - Double(try tensor("is.mean_\(splits)").item)) < 1e-5)
      #expect(abs(score - (try InceptionScore(probabilities, splits: splits).mean)) < 1e-9)
    }
    for (votes, winners, options) in [
      ("votes.multi", "votes.multi_mode", 10), ("votes.binary", "votes.binary_majority", 2),
    ] {
      let (shape, values) = try metrics.integers(votes)
      let ballots = (0..<shape[0]).map { Array(values[$0 * 5..<($0 + 1) * 5]) }
      #expect(
        try Reference5.majority(ballots, options: options) == metrics.integers(winners).values)
    }
    var random = Random(seed: 5)
    let scores = (0..<30).map { _ in random.normal() }
    let qualities = (0..<30).map { _ in Double(random.normal()) }
    for n in [1, 4, 30] {
      let ours = try Reference5.bestOf(n, scores: scores.map(Double.init), qualities: qualities)
      #expect(abs(ours - Ranking(scores).expected(qualities, bestOf: n)) < 1e-9)
    }
  }

  @Test(
    arguments: [
      .half, .bfloat16, .adamMean, FloatFormat(exponentBits: 4, significandBits: 3, bias: 7),
    ] as [FloatFormat])
  func `6.2 rounds as the package does`(format: FloatFormat) throws {
    var wrong: [Float] = []
    // Every number, what lies halfway to the next one, and the neighbours of that.
    for code in 1..<format.encoded(.infinity) {
      let (below, low) = (format.decoded(code - 1), format.decoded(code))
      let high = format.decoded(code + 1)
      let half = low + (high.isFinite ? high - low : low - below) / 2
      for x in [low, half, half.nextUp, -half, -half.nextDown] {
        let ours = try Reference6.rounded(
          Double(x), exponentBits: format.exponentBits, significandBits: format.significandBits,
          bias: format.bias)
        let package = format.rounded(x)
        if ours != Double(package) || ours.sign != package.sign { wrong.append(x) }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: [1, 3, 64]) func `6.3 is the rule of the package`(machines: Int) throws {
    var random = Random(seed: 6)
    let shares: [Float] = [0, 0.004, 0.1, 1]
    let overflows = (0..<600).map { _ in shares.map { random.uniform() < $0 } }
    var package = GradientScales(.paper, resblocks: 4, replicas: machines)
    for (update, scales) in try Reference6.scales(overflows, machines: machines).enumerated() {
      _ = package.update(isFinite: overflows[update].map { !$0 })
      // The package multiplies in 32 bits: half an ulp in each of 600 updates.
      for (ours, theirs) in zip(scales, package.values) {
        #expect(abs(ours - log2(Double(theirs))) < 1e-4, "update \(update)")
      }
    }
  }

  @Test func `6.5 is a step of the package's compressor`() throws {
    var random = Random(seed: 7)
    let gradients = (0..<3).map { _ in Tensor.normal([9, 6], &random) }
    @Sendable func start() -> GradientCompressor {
      GradientCompressor([("w", .zeros([9, 6]))], rank: 2, seed: 8)
    }
    let (mean, query) = try Reference6.powerSGD(gradients, query: start().queries[0])
    let package = Lockstep.run(3) { ranks in
      let compressor = start()
      let means = compressor.average([gradients[ranks.rank]], over: ranks)
      return (mean: means?[0], query: compressor.queries[0])
    }
    for one in package {
      #expect(same(mean, try #require(one.mean), tolerance: 1e-5))
      #expect(same(query, one.query, tolerance: 1e-5))
    }
  }

  @Test func `6.6 sends everything in the end`() throws {
    var random = Random(seed: 9)
    let gradients = Tensor.normal([10, 7], &random)
    // Four steps without gradients send what is left of seven numbers.
    let sent = try Reference6.sent(concatenate([gradients, .zeros([4, 7])], axis: 0), keeping: 2)
    #expect(same(sent.sum(axis: 0), gradients.sum(axis: 0), tolerance: 1e-5))
    #expect(!same(try Reference6.sent(gradients, keeping: 2).sum(axis: 0), sent.sum(axis: 0)))
  }

  @Test func `6.1 keeps what the package keeps`() throws {
    for caption in [
      "", "dog", "two dogs", "two brown dogs", "abc 123 456", "abcd 123 ef", "海边 的 红色灯塔",
      "Photographed on 12 May", "A heron TAKEN on 3rd June", "taken on a beach", "taken 12 on May",
      "a photo captured on 2009", "captured on",
    ] {
      #expect(
        try Reference6.isKept(caption, width: 1, height: 1) == (objection(to: caption) == nil),
        "\(caption)")
    }
    for width in 1...20 {
      for height in 1...20 {
        #expect(
          try Reference6.isKept("a brown dog", width: width, height: height)
            == !isTooLong(width: width, height: height))
      }
    }
  }
}
