import DALLE
import TensorCore
import TestSupport
import Testing
import Text
import TokenizerTraining
import Training

@testable import DALLETraining

/// A terminal that shows no progress.
nonisolated(unsafe) private let silent = Terminal(
  redraws: false, colours: false, columns: { 80 }, write: { _ in })

@Suite struct CaptionerTrainingTests {
  /// Two things side by side, as codes 1 … 3 in a row of four, and what they are called.
  private func pair(_ i: Int) -> (codes: [Int32], caption: String, exchanged: String) {
    let names = ["cat", "dog", "sun"]
    let (a, b) = (i % 3, (i + 1 + i / 3 % 2) % 3)
    return (
      [Int32(a) + 1, 0, 0, Int32(b) + 1], "a \(names[a]) left of a \(names[b])",
      "a \(names[b]) left of a \(names[a])"
    )
  }

  private func set(_ path: String) throws -> TokenSet {
    try TokenSet.make(
      240, grid: (1, 4), called: "pairs", encoderHash: "abc", partsOf: 64, to: path
    ) { part in
      (part.flatMap { pair($0).codes }, part.map { pair($0).caption })
    }
    return try TokenSet(path)
  }

  private func scorer(_ recipe: CaptionerRecipe, _ set: TokenSet) -> CaptionScorer {
    CaptionScorer(
      recipe, set, vocabulary: 4, .streams((0..<6).map { pair($0).caption }, minimumCount: 1))
  }

  @Test func `it learns which thing is where`() throws {
    let folder = try TemporaryFolder()
    let set = try set(folder.file("tokens.safetensors"))
    var recipe = CaptionerRecipe()
    (recipe.steps, recipe.batch) = (150, 8)
    let scorer = scorer(recipe, set)
    try scorer.train(recipe, on: set, terminal: silent)
    for i in 0..<6 {
      let (codes, caption, exchanged) = pair(i)
      let picture = IndexTensor(shape: [1, 4], codes)
      let (right, wrong) = (
        try scorer.scores(picture, caption)[0], try scorer.scores(picture, exchanged)[0]
      )
      #expect(right > wrong + 2, "\(caption): \(right), exchanged \(wrong)")
    }
  }
}
