import CLIP
import CaptionedImages
import Checkpoints
import StickerWorld
import TensorCore
import TestSupport
import Testing
import Text
import Training
import VisionTransformer

@testable import CLIPTraining

/// A terminal that shows no progress.
nonisolated(unsafe) private let silent = Terminal(
  redraws: false, colours: false, columns: { 80 }, write: { _ in })

@Suite struct CaptionMatcherTests {
  /// An untrained matcher, small enough for a test.
  private func small(_ seed: UInt64) -> CaptionMatcher {
    let tokenizer = Tokenizer.stickers()
    let c = CLIPConfiguration(
      text: .init(
        vocabulary: tokenizer.vocabularySize, context: 20, width: 32, layers: 1, heads: 2),
      vision: ViTConfiguration(
        imageSize: 64, patch: 16, width: 32, layers: 1, heads: 2, activation: .quickGelu),
      projection: 16)
    var random = Random(seed: seed)
    return CaptionMatcher(CLIP(c, &random), tokenizer)
  }

  @Test func `a few steps tell backgrounds apart, with the same weights each time`() throws {
    let recipe = CLIPRecipe(steps: 150, batch: 16, rate: 3e-3, seed: 1)
    let matcher = small(1)
    try matcher.train(recipe, terminal: silent)
    var random = Random(seed: 2)
    let accuracy = try matcher.accuracy(.background, .validation, count: 200, using: &random)
    #expect(accuracy ?? 0 > 0.75)  // guessing gives 0.5 ± 0.04

    // Where no split may give wrong captions, there are none.
    #expect(try matcher.accuracy(.thing, .validation, count: 4, wrongIn: [], using: &random) == nil)
    let within = try matcher.accuracy(
      .background, .validation, count: 200, wrongIn: [.train, .validation], using: &random)
    #expect(within ?? 0 > 0.75)

    let (a, b) = (small(3), small(3))
    let short = CLIPRecipe(steps: 3, batch: 8, seed: 3)
    try a.train(short, terminal: silent)
    try b.train(short, terminal: silent)
    #expect(a.tensors.map(\.tensor.scalars) == b.tensors.map(\.tensor.scalars))
  }

  @Test func `a checkpoint restores the matcher with its tokenizer`() throws {
    let folder = try TemporaryFolder()
    let matcher = small(4)
    try Checkpoint.save(matcher, matcher.card([:]), to: folder.file("clip"))
    let loaded = try CaptionMatcher(Checkpoint(folder.file("clip"), kind: "clip"))
    #expect(loaded.tokenizer == matcher.tokenizer)
    let captions = ["a red star", "a blue house at night"]
    #expect(try loaded.embed(captions).scalars == matcher.embed(captions).scalars)
  }

  @Test func `similarities are cosines`() throws {
    let matcher = small(5)
    let pictures = StickerWorld.render(
      (0..<3).map { i in
        let sample = StickerWorld.sample(.train, seed: 5, index: i)
        return (sample.scene, sample.layout)
      })
    let scores = try matcher.similarities(pictures, ["a red star", "a moon"])
    #expect(scores.shape == [3, 2] && scores.scalars.allSatisfy { abs($0) <= 1.0001 })
    let lengths = matcher.embed(pictures).square().sum(axis: 1).scalars
    #expect(difference(lengths, [1, 1, 1], atol: 1e-5) == nil)
  }

  @Test func `a zero-shot classifier is the normalised mean of its prompts`() throws {
    let matcher = small(6)
    let rows = try matcher.zeroShotClassifier(
      ["star", "orange star"], prompts: ["a {}", "a {} at night"])
    let star = try matcher.embed(["a star", "a star at night"]).mean(axis: 0)
    #expect(difference(rows.at(0, axis: 0).scalars, star.normalized().scalars, atol: 1e-6) == nil)
    let orange = try matcher.embed(["an orange star", "an orange star at night"]).mean(axis: 0)
    #expect(
      difference(rows.at(1, axis: 0).scalars, orange.normalized().scalars, atol: 1e-6) == nil)
  }

  @Test func `an untrained matcher finds no more than guessing would`() throws {
    var random = Random(seed: 7)
    let retrieval = try small(7).retrieval(.validation, count: 64, using: &random)
    #expect(retrieval.imageToText < 0.15 && retrieval.textToImage < 0.15)
  }

  @Test func `captions that are too long are errors, unless they may be cut`() throws {
    let long = String(repeating: "star ", count: 40)
    #expect(throws: TextError.self) { try small(8).ids([long]) }
    #expect(try small(8).ids([long], truncate: true).shape == [1, 20])
  }

  @Test func `every sticker caption fits`() {
    let tokenizer = Tokenizer.stickers()
    for i in 0..<5000 {
      let caption = StickerWorld.sample(.validation, seed: 9, index: i).caption
      #expect(tokenizer.encode(caption).count + 2 <= 20)
    }
  }
}
