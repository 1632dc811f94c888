import CLIP
import CLIPTraining
import CourseKit
import DALLE
import DALLETraining
import DiscreteVAE
import Exercises
import Images
import Mutants
import Solutions
import StickerTraining
import TensorCore
import Testing
import Text
import TextToImage

@testable import my_dalle

@Suite struct MyDALLETests {
  /// A small untrained DALL·E: 16×16 pixels of 4×4 tokens, and layers of all kinds.
  private static func dalle() -> TextToImage {
    var random = Random(seed: 1)
    let dvae = DiscreteVAE(
      DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2),
      &random)
    let tokenizer = Tokenizer.streams(of: Stickers())
    var c = DALLEConfiguration.stickers(vocabulary: tokenizer.vocabularySize)
    (c.imageVocabulary, c.rows, c.columns, c.width, c.layers, c.heads) = (16, 4, 4, 16, 4, 2)
    c.kernel = 3
    let transformer = CaptionedDALLE(DALLERecipe(), c, tokenizer)
    // Fresh weights are so small that attention hardly matters.
    for (_, tensor) in transformer.model.tensors where tensor.rank == 2 {
      tensor.assign(tensor * 10)
    }
    return TextToImage(transformer, dvae, CaptionMatcher(CLIPRecipe()))
  }

  private static let caption = "a red star above a blue house"
  /// Every step is needed with these.
  private static let options = SamplingOptions(
    temperature: 0.9, topP: 0.9, threshold: 0.2, guidance: 2)

  private static func draw(_ dalle: TextToImage, _ steps: Steps) throws -> [RankedPicture] {
    try Pipeline(dalle, steps).best(4, of: 6, for: caption, seed: 3, options)
  }

  /// What the package itself draws.
  private static func expected(_ dalle: TextToImage) throws -> [RankedPicture] {
    let drawn = try dalle.draw(caption, count: 6, seed: 3, options)
    return Array(try dalle.ranked(drawn, caption).prefix(4))
  }

  @Test func `with right answers the pictures are those of the package`() throws {
    let dalle = Self.dalle()
    let steps = Steps(reference)
    let (mine, expected) = (try Self.draw(dalle, steps), try Self.expected(dalle))
    #expect(mine.map(\.codes) == expected.map(\.codes))
    #expect(mine.map(\.candidate) == expected.map(\.candidate))
    for (a, b) in zip(mine, expected) {
      // Rounding may tip a pixel over to the next of 256 steps.
      #expect(abs(a.score - b.score) < 1e-4)
      #expect((Tensor([a.picture]) - Tensor([b.picture])).abs().maximum().item < 1.5 / 255)
    }
    for (exercise, _) in Steps.parts { #expect(steps[exercise] == .yours, "\(exercise)") }
    #expect(steps.table.split(separator: "\n").count { $0.hasSuffix("yours") } == 16)
  }

  @Test(.enabled(if: exercisesArePristine, "exercises have been answered"))
  func `without answers the pictures are those of the package`() throws {
    let dalle = Self.dalle()
    let steps = Steps(yours)
    let (mine, expected) = (try Self.draw(dalle, steps), try Self.expected(dalle))
    #expect(mine.map(\.codes) == expected.map(\.codes))
    #expect(mine.map(\.score) == expected.map(\.score))
    #expect(mine.map(\.picture) == expected.map(\.picture))
    for (exercise, _) in Steps.parts { #expect(steps[exercise] == .open, "\(exercise)") }
  }

  @Test func `a wrong answer changes the picture or is named, and stops nothing`() throws {
    let dalle = Self.dalle()
    let expected = try Self.expected(dalle)
    var (changed, named): (Set<String>, Set<String>) = ([], [])
    for mutant in mutants where Steps.parts.contains(where: { $0.0 == mutant.exercise }) {
      let steps = Steps(mutant.implementation)
      let best = try Self.draw(dalle, steps)
      #expect(best.count == 4)
      switch steps[mutant.exercise] {
      case .unfit(let reason):
        named.insert(mutant.exercise)
        #expect(!reason.isEmpty && steps.table.contains(reason))
        #expect(best.map(\.codes) == expected.map(\.codes), "\(mutant.name)")
      case .yours:
        let isEqual =
          best.map(\.codes) == expected.map(\.codes)
          && zip(best, expected).allSatisfy { abs($0.score - $1.score) < 1e-4 }
        if !isEqual { changed.insert(mutant.exercise) }
      default: Issue.record("\(mutant.name) was not asked")
      }
    }
    #expect(changed.count > 8 && named.count > 3, "\(changed.sorted()) \(named.sorted())")
  }

  @Test func `an answer that is used but wrong is called so`() throws {
    let key = try storedKey.get()
    // One that is blind to the text draws, and is wrong; others of its mistakes do not fit.
    var used: Steps?
    for mutant in mutants where mutant.exercise == "4.3" && used == nil {
      let steps = Steps(mutant.implementation) { $0.grade(mutant.implementation, key).points }
      _ = try Self.draw(Self.dalle(), steps)
      if steps["4.3"] == .yours { used = steps }
    }
    let steps = try #require(used)
    let rows = steps.table.split(separator: "\n")
    let row = try #require(rows.first { $0.hasPrefix("4.3") })
    #expect(row.contains("yours, but wrong ✗ ("))
    #expect(row.contains(" of 5 points: make grade EX=4.3)"))
    #expect(rows.count { $0.hasSuffix("yours, right ✓") } == 15)
  }

  @Test func `steps that are not needed say why`() throws {
    let steps = Steps(reference)
    _ = try Pipeline(Self.dalle(), steps).best(1, of: 1, for: "a red star", seed: 1, .init())
    #expect(steps["4.7"] == .resting("no --threshold"))
    #expect(steps["4.8"] == .resting("--top-p is 1"))
    #expect(steps["4.9"] == .resting("--guidance is 1"))
    #expect(steps.table.contains("not needed (no --threshold)"))
  }

  @Test func `a caption that is too long is refused`() {
    let caption = String(repeating: "zebra quagga ", count: 20)
    #expect(throws: TextError.self) {
      try Pipeline(Self.dalle(), Steps(reference)).best(1, of: 1, for: caption, seed: 1, .init())
    }
  }
}
