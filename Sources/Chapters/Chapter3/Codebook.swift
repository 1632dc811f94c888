// Why codebooks collapse, and what cures it.

import CaptionedImages
import DVAETraining
import DiscreteVAE
import Notebook
import StickerTraining
import StickerWorld
import TensorCore

extension Chapter3 {
  static var codebookCells: [Cell<State>] {
    [
      Cell(
        "collapse", "Cold starts and a codebook from data",
        full: FullRun("three runs of 300 steps, about five minutes on two cores") { _, out in
          var recipe = DVAERecipe()
          recipe.seed = out.seed
          recipe.steps = 300
          recipe.temperature = [1, 0.0625]
          var rows: [Outcome] = []
          for (name, beta) in [("cold, β 0 → 6.6", [0, 6.6]), ("cold, β 6.6", [6.6, 6.6])] {
            recipe.beta = beta.map { Float($0) }
            let training = DVAETraining(.stickers, recipe)
            try training.trainBound(pictures(recipe))
            rows.append(Outcome(name, training.dvae))
          }
          recipe = DVAERecipe()
          recipe.seed = out.seed
          (recipe.warmUpSteps, recipe.steps, recipe.decoderSteps) = (220, 80, 0)
          let training = DVAETraining(.stickers, recipe)
          rows.append(Outcome("codes from data", try training.run(pictures(recipe))))
          try out.keep("collapse", rows)
        }
      ) { _, out in
        // ANCHOR: collapse
        let rows = try out.recorded("collapse", as: [Outcome].self)
        out.table(
          ["after 300 steps", "PSNR (dB)", "codes used", "perplexity"],
          rows.map { [$0.name, $0.report.psnr, $0.report.used, $0.report.perplexity] })
        // ANCHOR_END: collapse
      }
    ]
  }

  /// The result of a run.
  struct Outcome: Codable {
    let name: String
    let report: DVAEReport

    /// Measures a dVAE on 256 validation pictures.
    init(_ name: String, _ dvae: DiscreteVAE) {
      var random = Random(seed: 1)
      self.name = name
      report = dvae.report(DVAETraining.stickers(.validation, count: 256), using: &random)
    }
  }

  /// Pictures of the train split for a recipe.
  static func pictures(_ recipe: DVAERecipe) -> PictureBatches {
    let batches = Batches(
      StickerPairs(.train, size: 64, seed: recipe.seed), batchSize: recipe.batch,
      seed: recipe.seed)
    return { try batches.batch($0).pictures }
  }
}
