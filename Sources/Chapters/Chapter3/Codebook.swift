// Why codebooks collapse, and what cures it.

import CaptionedImages
import DVAETraining
import DiscreteVAE
import Notebook
import StickerTraining
import StickerWorld
import TensorCore
import Training

extension Chapter3 {
  static var codebookCells: [Cell<State>] {
    [
      Cell(
        "cold", "The paper's training, and a codebook from data",
        full: FullRun(
          "five runs of \(ColdRun.steps) steps and one of \(ColdRun.longSteps), more than an hour on two "
            + "cores"
        ) {
          _, out in
          try out.keep("cold", try coldRuns(out))
        }
      ) { _, out in
        // ANCHOR: cold
        let runs = try out.recorded("cold", as: [ColdRun].self)
        out.table(
          ["run", "at step", "PSNR", "codes used", "perplexity", "relaxed", "hard"],
          runs.map {
            [
              $0.name, $0.curve("psnr").steps.last ?? 0, $0.last("psnr"), Int($0.last("used")),
              $0.last("perplexity"), -$0.last("relaxed_bound"), -$0.last("hard_bound"),
            ]
          })
        // ANCHOR_END: cold
        for (name, run) in zip(["rising", "free", "one", "high", "data", "long"], runs) {
          out.note("\(name)-used", Int(run.last("used")))
          out.note("\(name)-psnr", Double(run.last("psnr")), .fixed(1))
        }
        let gaps = zip(runs[0].curve("hard_bound").values, runs[0].curve("relaxed_bound").values)
          .map { Double($0 - $1) }
        out.note("gap-early", gaps[1], .fixed(2))
        out.note("gap-late", gaps[gaps.count - 1], .fixed(2))
        out.figure(
          "codes-in-use",
          Plot(
            "Codes in use", x: "step", y: Axis("of 1,024 codes", isLogarithmic: true),
            runs.map { run in
              let curve = run.curve("used")
              return curve.values.count > 1
                ? .line(run.name, curve) : .level(run.name, Double(run.last("used")))
            }),
          "How many codes are the most probable one anywhere in 64 validation pictures")
        out.figure(
          "annealing",
          Plot(
            "β 0 → 6.6, τ 1 → 1/16", x: "step", y: "bound at β = 1 (nats per number)",
            .line("relaxed", runs[0].curve("relaxed_bound").negated),
            .line("hard", runs[0].curve("hard_bound").negated)),
          "The bound with relaxed codes and with hard ones while τ falls; higher is better")
      }
    ]
  }

  /// What a run of one stage has logged.
  struct ColdRun: Codable {
    static let steps = 1000
    /// The steps of one run that shows whether a cold start only needs patience.
    static let longSteps = 3000

    let name: String
    /// By the names of `DVAEReport`'s measures.
    let curves: [String: Curve]

    func curve(_ measure: String) -> Curve { curves[measure] ?? Curve(steps: [], values: []) }
    func last(_ measure: String) -> Float { curve(measure).values.last ?? 0 }
  }

  /// Four trainings from random weights, with τ and β as the paper has them, and one that begins
  /// with codes from data, all with the same number of steps; and one of the four with more.
  private static func coldRuns(_ out: Output) throws -> [ColdRun] {
    var paper = DVAERecipe()
    paper.seed = out.seed
    (paper.warmUpSteps, paper.steps, paper.rate) = (0, ColdRun.steps, 3e-3)
    paper.temperature = [1, 0.0625]
    var ours = DVAERecipe()
    ours.seed = out.seed
    (ours.warmUpSteps, ours.steps) = (ColdRun.steps - 200, 200)
    let betas: [(String, [Float])] = [
      ("cold, β 0 → 6.6", [0, 6.6]), ("cold, β 0", [0, 0]), ("cold, β 1", [1, 1]),
      ("cold, β 6.6", [6.6, 6.6]),
    ]
    var recipes = betas.map { name, beta in
      var recipe = paper
      recipe.beta = beta
      return (name, recipe)
    }
    recipes.append(("codes from data", ours))
    var long = paper
    (long.steps, long.beta) = (ColdRun.longSteps, [0, 6.6])
    recipes.append(("cold, β 0 → 6.6, longer", long))
    return try recipes.enumerated().map { index, run in
      let (name, recipe) = run
      var training = DVAETraining(.stickers, recipe)
      let folder = "\(out.trainingFolder(training.card).path)/\(index)"
      (training.folder, training.resume) = (folder, true)
      training.evaluation = (DVAETraining.stickers(.validation, count: 64), 150)
      let isCold = recipe.warmUpSteps == 0
      if !isCold {
        try training.makeCodes(training.warmUp(pictures(recipe)), pictures(recipe))
      }
      try training.trainBound(pictures(recipe))
      let measures = ["psnr", "used", "perplexity", "relaxed_bound", "hard_bound"]
      let curves = try measures.map { measure in
        let points = try TrainingFolder("\(folder)/bound", training.card, every: 200, resume: true)
          .logged(measure)
        let first = isCold ? 1 : recipe.warmUpSteps + 1
        return (measure, Curve(points, first: first))
      }
      return ColdRun(name: name, curves: Dictionary(uniqueKeysWithValues: curves))
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
