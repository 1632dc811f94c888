import CLIP
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import Foundation
import StickerTraining
import StickerWorld
import TensorCore
import TestSupport
import Testing
import Text
import Training

@testable import CLIPTraining

/// A terminal that shows no progress.
nonisolated(unsafe) private let silent = Terminal(
  redraws: false, colours: false, columns: { 80 }, write: { _ in })

@Suite struct DrawingsTests {
  private let dvae: DiscreteVAE
  private let transformer: CaptionedDALLE

  init() {
    var random = Random(seed: 1)
    dvae = DiscreteVAE(
      DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2),
      &random)
    let tokenizer = Tokenizer.streams(of: Stickers())
    let c = DALLEConfiguration(
      textVocabulary: tokenizer.vocabularySize, textLength: 20, imageVocabulary: 16, rows: 4,
      columns: 4, width: 16, layers: 2, heads: 2, kernel: 3)
    transformer = CaptionedDALLE(DALLE(c, &random), tokenizer)
  }

  private func made(_ count: Int, in folder: TemporaryFolder) throws -> String {
    let path = folder.file("drawings.safetensors")
    try Drawings.make(count, transformer, dvae, seed: 5, to: path)
    return path
  }

  @Test func `a drawing is what the transformer draws for its caption`() throws {
    let folder = try TemporaryFolder()
    let tokens = try TokenSet(made(11, in: folder))
    #expect(tokens.count == 11)
    for index in [0, 10] {
      let caption = StickerWorld.sample(.train, seed: 5, index: index / 8).caption
      #expect(try tokens.caption(at: index) == caption)
    }
    // The first caption has eight drawings, not all of them equal.
    #expect(try Set((0..<8).map { try tokens.codes(at: $0) }).count > 1)
  }

  @Test func `scenes and pictures are chosen together`() throws {
    let folder = try TemporaryFolder()
    let path = try made(11, in: folder)
    let (drawings, tokens) = (try Drawings(path, dvae), try TokenSet(path))
    var random = Random(seed: 2)
    let (scenes, pictures) = try drawings.choose(6, using: &random)
    let all = (0..<11).map { index in
      let codes = IndexTensor(shape: [1, 4, 4], (try? tokens.codes(at: index)) ?? [])
      return (try? tokens.caption(at: index), dvae.decode(codes).scalars)
    }
    for (i, scene) in scenes.enumerated() {
      let picture = pictures.at(i, axis: 0).scalars
      let index = try #require(
        all.firstIndex { difference(picture, $0.1, atol: 1e-6, rtol: 1e-5) == nil })
      #expect(try Scene(caption: all[index].0 ?? "") == scene)
    }
  }

  @Test(arguments: [false, true])
  func `a run learns from drawings, and the seed determines every weight`(isRedrawn: Bool) throws {
    let folder = try TemporaryFolder()
    var random = Random(seed: 4)
    // 64×64 pixels, as a CLIP for stickers sees them.
    let large = DiscreteVAE(
      DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 3, vocabulary: 16, stem: 4),
      &random)
    let path = folder.file("drawings.safetensors")
    try Drawings.make(5, transformer, large, seed: 5, to: path)
    let drawings = try Drawings(path, large)
    let weights = try (0..<2).map { _ in
      let matcher = CaptionMatcher(CLIPRecipe())
      let before = matcher.tensors.map(\.tensor.scalars)
      try matcher.train(
        CLIPRecipe(steps: 1, batch: 5), redrawing: isRedrawn ? Redrawing(large) : nil,
        drawings: drawings, terminal: silent)
      let after = matcher.tensors.map(\.tensor.scalars)
      #expect(after != before)
      return after
    }
    #expect(weights[0] == weights[1])
    let pictures = Tensor.uniform([2, 3, 64, 64], 0, 1, &random)
    #expect(
      drawings.reconstructed(pictures).scalars == large.decode(large.encode(pictures)).scalars)
  }

  @Test func `codes of another dVAE are refused`() throws {
    let folder = try TemporaryFolder()
    let path = try made(2, in: folder)
    var random = Random(seed: 9)
    let other = DiscreteVAE(dvae.configuration, &random)
    #expect(throws: CheckpointError.self) { try Drawings(path, other) }
  }

  @Test func `drawings come after the pictures, wrong for their own captions`() throws {
    var random = Random(seed: 3)
    let drawn = try ["a red star above a blue house at night", "a pink cat"].map {
      try Scene(caption: $0)
    }
    let batch = StickerBatch(.train, count: 6, drawn: drawn, using: &random)
    #expect(batch.pictures.shape == [6, 3, 64, 64])
    #expect(Array(batch.scenes[4...]) == drawn)
    #expect(try Scene(caption: batch.captions[4]) == drawn[0])
    #expect(batch.isExcluded.shape == [8, batch.captions.count])
    let m = batch.captions.count
    for k in 0..<2 {
      // Row 6 + k is the drawing for caption 4 + k. If the caption leaves the background open, more
      // captions may be true of the drawing than of the real picture.
      let real = batch.isExcluded.bytes[(4 + k) * m..<(5 + k) * m]
      let drawing = batch.isExcluded.bytes[(6 + k) * m..<(7 + k) * m]
      #expect(zip(real, drawing).allSatisfy { $0 <= $1 })
      #expect(batch.isExcluded.bytes[(6 + k) * m + 4 + k] == 0)
    }
    let cat = try Scene(caption: "a pink cat at night")
    let open = try StickerBatch(
      .train, count: 2, drawn: [cat, Scene(caption: "a pink cat")], using: &random)
    let columns = open.captions.count
    #expect(open.isExcluded.bytes[3 * columns] == 1)  // the drawing may show night
    #expect(open.isExcluded.bytes[2 * columns + 1] == 1)  // a pink cat at night is a pink cat
  }
}
