// What looks at pictures here.

import CLIP
import Chapter5
import Checkpoints
import DALLE
import DALLETraining
import Foundation
import Notebook
import Pretrained
import StickerTraining
import TensorCore
import TextToImage

/// The networks of the yardsticks.
struct Networks {
  let studio: Studio
  /// Chapter 2's.
  let clip: CaptionMatcher

  init(_ studio: Studio) throws {
    self.studio = studio
    clip = try Pretrained.clip()
  }

  /// Trains a transformer from nothing, and has it draw a picture for each caption while it is young:
  /// [n, 3, 64, 64] after each of some numbers of steps.
  func young(
    _ captions: [String], seed: UInt64, _ out: Output
  ) throws -> [(steps: Int, pictures: Tensor)] {
    let steps = Chapter7.Effort.youngSteps
    var recipe = DALLERecipe()
    recipe.steps = steps.last ?? 1
    (recipe.pictures, recipe.seed) = (recipe.steps * recipe.batch, seed)
    let (dvae, matcher) = (studio.dalle.dvae, studio.dalle.matcher)
    // What a stopped run has drawn is lost, so it begins anew.
    let folder = out.trainingFolder(ModelCard(kind: DALLE.kind, config: recipe)).path
    try? FileManager.default.removeItem(atPath: folder)
    var run = DALLERun(recipe, dvae, folder: folder)
    var drawn: [(steps: Int, pictures: Tensor)] = []
    run.hook = DALLETrainingHook(every: steps.first ?? 1) { done, transformer in
      if !steps.contains(done) { return }
      let dalle = TextToImage(transformer, dvae, matcher)
      drawn.append((done, try dalle.draw(oneForEach: captions, seed: seed, .usual)))
    }
    _ = try run.run(in: Stickers())
    return drawn
  }
}
