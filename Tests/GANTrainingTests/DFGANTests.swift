import CLIP
import CLIPTraining
import Checkpoints
import DFGAN
import Foundation
import NeuralNetwork
import StickerTraining
import TensorCore
import TestSupport
import Testing
import Text
import Training
import VisionTransformer

@testable import GANTraining

/// A terminal that shows no progress.
nonisolated(unsafe) private let silent = Terminal(
  redraws: false, colours: false, columns: { 80 }, write: { _ in })

private let small = DFGANConfiguration(base: 2, noise: 3, sentence: 8, size: 16)

/// A tiny CLIP, whose sentences have 8 numbers.
private func matcher(seed: UInt64 = 1) -> CaptionMatcher {
  let tokenizer = Tokenizer.stickers()
  let c = CLIPConfiguration(
    text: .init(vocabulary: tokenizer.vocabularySize, context: 20, width: 8, layers: 1, heads: 2),
    vision: ViTConfiguration(imageSize: 16, patch: 8, width: 8, layers: 1, heads: 2),
    projection: 8)
  var random = Random(seed: seed)
  return CaptionMatcher(CLIP(c, &random), tokenizer)
}

@Suite("DF-GAN") struct DFGANTests {
  @Test(arguments: [8, 16, 32])
  func `pictures have their size and range, and scores are one a pair`(_ size: Int) {
    var random = Random(seed: 2)
    let c = DFGANConfiguration(base: 2, noise: 3, sentence: 5, size: size)
    let (generator, judge) = (DFGANGenerator(c, &random), DFGANDiscriminator(c, &random))
    #expect(Double(generator.parameterCount) == c.parameterCount)
    let (noise, sentences) = (generator.noise(2, using: &random), Tensor.normal([2, 5], &random))
    let pictures = generator(noise, sentences)  // [B, H, W, 3]
    #expect(pictures.shape == [2, size, size, 3])
    #expect(pictures.scalars.allSatisfy { abs($0) <= 1 })
    #expect(judge.features(pictures).shape == [2, 4, 4, c.base * min(size / 4, 8)])
    #expect(judge(pictures, sentences).shape == [2])
  }

  @Test func `noise with a scale is cut at two deviations`() {
    var random = Random(seed: 3)
    let generator = DFGANGenerator(small, &random)
    let cut = generator.noise(2000, scale: 0.88, using: &random).scalars
    #expect(cut.allSatisfy { abs($0) <= 1.76 })
    #expect(cut.contains { abs($0) > 1.7 })
    // A normal distribution cut at two deviations has the variance 0.7737.
    let variance = cut.reduce(0) { $0 + $1 * $1 } / Float(cut.count)
    #expect(abs(variance - 0.88 * 0.88 * 0.7737) < 0.03)
    #expect(generator.noise(400, using: &random).scalars.contains { abs($0) > 2 })
  }

  @Test func `untrained blocks ignore the sentence, trained ones do not`() {
    var random = Random(seed: 4)
    let generator = DFGANGenerator(small, &random)
    let noise = generator.noise(1, using: &random)
    let (a, b) = (Tensor.normal([1, 8], &random), Tensor.normal([1, 8], &random))
    #expect(generator(noise, a).scalars == generator(noise, b).scalars)
    for (name, tensor) in generator.parameters where name.contains("gamma.1.weight") {
      tensor.assign(.normal(tensor.shape, deviation: 0.1, &random))
    }
    #expect(generator(noise, a).scalars != generator(noise, b).scalars)
  }

  @Test func `a frozen pass reaches the picture and no weight`() {
    var random = Random(seed: 5)
    let judge = DFGANDiscriminator(small, &random)
    let picture = Tensor.normal([1, 16, 16, 3], &random).requiringGradient()
    judge(picture, .normal([1, 8], &random), .frozen()).sum().backward()
    #expect(picture.gradient?.scalars.contains { $0 != 0 } ?? false)
    #expect(judge.parameters.allSatisfy { $0.tensor.gradient == nil })
  }

  @Test func `the hinge loss is 0 beyond the margins and grows linearly within them`() {
    func loss(_ real: Float, _ drawn: Float, _ mismatched: Float) -> Float {
      matchingLoss(
        real: Tensor([real, 5]), drawn: Tensor([drawn, -5]), mismatched: Tensor([mismatched, -5])
      ).item
    }
    #expect(loss(1, -1, -1) == 0)
    #expect(loss(0, -1, -1) == 0.5)
    #expect(loss(1, 1, -1) == 0.5)
    #expect(loss(1, -1, 3) == 1)
  }

  @Test func `a picture depends on its number and seed only`() throws {
    var random = Random(seed: 6)
    let gan = CaptionedGAN(small, sentencesOf: matcher(), &random)
    let many = try gan.draw("a red star", count: 35, seed: 7)
    #expect(many.shape == [35, 3, 16, 16])
    #expect(many.scalars.allSatisfy { (0...1).contains($0) })
    let few = try gan.draw("a red star", count: 3, seed: 7)
    #expect(few.scalars == Array(many.scalars.prefix(few.count)))
    #expect(try gan.draw("a red star", count: 3, seed: 8).scalars != few.scalars)
    #expect(try gan.draw("a red star", count: 3, seed: 7, scale: nil).scalars != few.scalars)
  }

  @Test func `a checkpoint holds all that drawing needs`() throws {
    let folder = try TemporaryFolder()
    var random = Random(seed: 8)
    let gan = CaptionedGAN(small, sentencesOf: matcher(), &random)
    let path = folder.file("rival.safetensors")
    try Checkpoint.save(gan, gan.card(), to: path)
    let again = try CaptionedGAN(Checkpoint(path, kind: CaptionedGAN.kind))
    #expect(
      try again.draw("a red star", count: 2, seed: 1).scalars
        == gan.draw("a red star", count: 2, seed: 1).scalars)
    /// Sizes of a checkpoint.
    struct Sizes: Codable {
      var generator = DFGANConfiguration(base: 2, noise: 3, sentence: 9, size: 16)
      var text = matcher().clip.configuration.text
    }
    let other = ModelCard(kind: CaptionedGAN.kind, config: Sizes(), notes: gan.card().notes)
    try Checkpoint.save(gan, other, to: path)
    #expect {
      _ = try CaptionedGAN(Checkpoint(path, kind: CaptionedGAN.kind))
    } throws: {
      "\($0)".contains("sentences of 9 numbers, the text tower writes 8")
    }
  }

  @Test func `impossible sizes are refused`() {
    for json in [
      #"{"nf":2,"nz":3,"cond_dim":8,"imsize":24}"#, #"{"nf":0,"nz":3,"cond_dim":8,"imsize":16}"#,
      #"{"nf":2,"nz":3,"cond_dim":8,"imsize":4}"#, #"{"nf":2,"nz":3,"imsize":16}"#,
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(DFGANConfiguration.self, from: Data(json.utf8))
      }
    }
  }
}

@Suite("GAN training") struct GANTrainingTests {
  private func recipe(_ steps: Int) -> GANRecipe {
    var recipe = GANRecipe()
    (recipe.steps, recipe.batch, recipe.rate) = (steps, 4, 1e-3)
    return recipe
  }

  @Test func `both networks move, and a stopped run ends with the same bits`() throws {
    let folder = try TemporaryFolder()
    let source = StickerPairs(.train, size: 16, seed: 1)
    func training(_ place: String, resume: Bool = false) -> GANTraining {
      var training = GANTraining(small, recipe(6), sentencesOf: matcher())
      training.terminal = silent
      training.folder = TrainingFolder(
        folder.file(place), training.gan.card(), every: 3, resume: resume)
      return training
    }
    let whole = training("whole")
    let before = GANTraining(small, recipe(6), sentencesOf: matcher())
    try whole.run(on: source)
    #expect(numbers(whole.discriminator) != numbers(before.discriminator))
    #expect(numbers(whole.gan.generator) != numbers(before.gan.generator))

    // Stopped after step 3, as by a fault in step 5.
    var broken = training("broken")
    broken.evaluation = (5, { _ in throw Stop() })
    #expect(throws: Stop.self) { try broken.run(on: source) }
    let resumed = training("broken", resume: true)
    try resumed.run(on: source)
    #expect(numbers(resumed.discriminator) == numbers(whole.discriminator))
    #expect(numbers(resumed.gan.generator) == numbers(whole.gan.generator))
  }

  @Test func `a mismatched pair has the caption of the next picture`() {
    let sentences = Tensor([[1, 2], [3, 4], [5, 6]])
    #expect(GANTraining.moved(sentences).scalars == [3, 4, 5, 6, 1, 2])
  }

  @Test func `the log has both losses, and the penalty where it was computed`() throws {
    let folder = try TemporaryFolder()
    var training = GANTraining(small, recipe(8), sentencesOf: matcher())
    training.terminal = silent
    let place = TrainingFolder(folder.file("run"), training.gan.card(), every: 8, resume: false)
    training.folder = place
    training.evaluation = (4, { _ in [("right", 0.5)] })
    try training.run(on: StickerPairs(.train, size: 16, seed: 1))
    #expect(try place.logged("generator").count == 8)
    #expect(try place.logged("penalty").map(\.step) == [0, 4])
    #expect(try place.logged("right").map(\.step) == [3, 7])
  }
}

private struct Stop: Error {}

private func numbers(_ module: some Module) -> [Float] {
  module.tensors.flatMap { $0.tensor.scalars }
}
