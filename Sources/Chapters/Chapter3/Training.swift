// Training: four stages, three schedules, and what the choices cost.

import CaptionedImages
import Checkpoints
import DVAETraining
import DiscreteVAE
import NeuralNetwork
import Notebook
import Optimization
import StickerTraining
import StickerWorld
import TensorCore
import Training

extension Chapter3 {
  static var trainingCells: [Cell<State>] {
    [
      Cell("weights", "Training") { state, out in
        // ANCHOR: weights
        let mapped = mapPixels(state.picture).channelsLast  // [1, 64, 64, 3]
        let logits = withoutGradient { state.dvae.encoder(mapped) }  // [1, 16, 16, K]
        let statistics = withoutGradient {
          state.dvae.decoder(oneHot(state.tokens, classes: 1024))
        }  // [1, 64, 64, 6]
        let bound = EvidenceBound(mapped, statistics, logits: logits)
        let numbers = bound.reconstruction.mean() / 12_288  // -ln p(x | z), nats per number
        let places = bound.divergence.mean()  // KL, nats per place
        let loss = bound.loss(beta: 6.6)
        out.compare("two means with β/48 vs. the loss", numbers + places * (6.6 / 48), loss)
        out.value("loss", loss.item, .fixed(2))
        out.value("undivided", (numbers + places * 6.6).item, .fixed(2))
        // ANCHOR_END: weights
      },
      Cell("live", "Four short stages", isAside: true) { _, out in
        // ANCHOR: live
        var recipe = DVAERecipe()
        recipe.seed = out.seed
        (recipe.warmUpSteps, recipe.steps, recipe.decoderSteps) = (150, 10, 30)
        recipe.clusterPictures = 64
        let dvae = try DVAETraining(.stickers, recipe).run(pictures(recipe))
        let report = dvae.report(
          DVAETraining.stickers(.validation, count: 64), using: &out.random)
        out.value("psnr", report.psnr, .fixed(1))
        out.value("perplexity", report.perplexity, .fixed(0))
        // ANCHOR_END: live
        out.figure(
          "architecture", architecture(),
          "The discrete VAE, and what learns in each of the four stages of its training")
      },
      Cell("schedules", "Three schedules") { _, out in
        // ANCHOR: schedules
        let cosine = Schedule.cosine(from: 1, to: 1 / 16, steps: 150_000)
        let steps = stride(from: 0, through: 200_000, by: 25_000)
        out.table(
          ["update", "τ of the paper", "β of the paper"],
          steps.map { step in
            [step, cosine(step), Schedule.cosine(from: 0, to: 6.6, steps: 5000)(step)]
          })
        // ANCHOR_END: schedules
      },
      Cell(
        "training", "All of it",
        full: FullRun(
          "12,000, 1,500 and 10,000 steps of 16 pictures, about forty minutes on two cores"
        ) {
          _, out in
          var recipe = DVAERecipe()
          recipe.seed = out.seed
          var training = DVAETraining(.stickers, recipe)
          let folder = out.trainingFolder(training.card)
          (training.folder, training.resume) = (folder.path, true)
          training.evaluation = (DVAETraining.stickers(.validation, count: 128), 500)
          let dvae = try training.run(on: StickerPairs(.train, size: 64, seed: out.seed))
          let path = "\(folder.path)/dvae.safetensors"
          try Checkpoint.save(dvae, training.card, as: .f16, to: path)
          out.print("the trained dVAE is in \(path)")
          func curve(_ stage: String, _ name: String) throws -> Curve {
            let stage = TrainingFolder(
              "\(folder.path)/\(stage)", training.card, every: 200, resume: true)
            return Curve(try stage.logged(name))
          }
          for stage in ["warm-up", "decoder"] { try out.keep(stage, curve(stage, "psnr")) }
          try out.keep(
            "bound",
            ["psnr", "perplexity", "relaxed_bound", "hard_bound"].map { try curve("bound", $0) })
        }
      ) { _, out in
        // ANCHOR: training
        let warmUp = try out.recorded("warm-up", as: Curve.self)
        let bound = try out.recorded("bound", as: [Curve].self)
        let decoder = try out.recorded("decoder", as: Curve.self)
        let (psnr, perplexity) = (bound[0], bound[1])
        out.value("continuous", warmUp.values.last ?? 0, .fixed(1))
        out.value("discrete", psnr.values.last ?? 0, .fixed(1))
        out.value("bound", -(bound[3].values.last ?? 0), .fixed(3))
        out.value("decoded", decoder.values.last ?? 0, .fixed(1))
        out.value("perplexity", perplexity.values.last ?? 0, .fixed(0))
        // ANCHOR_END: training
        let begin = Double(DVAERecipe().warmUpSteps)
        let last = begin + Double(DVAERecipe().steps)
        out.figure(
          "psnr",
          Plot(
            "From continuous to discrete", x: "step", y: "PSNR (dB)",
            .line("continuous latents", x: warmUp.steps.map(Double.init), warmUp.values),
            .line("hard codes", x: psnr.steps.map { begin + Double($0) }, psnr.values),
            .line(
              "the decoder alone", x: decoder.steps.map { last + Double($0) }, decoder.values)),
          "128 validation pictures and what comes back of them during training")
      },
      Cell("gap", "The relaxed bound and the hard one") { state, out in
        // ANCHOR: gap
        state.pictures = DVAETraining.stickers(.validation, count: 256)  // [256, 3, 64, 64]
        let temperatures: [Float] = [1, 0.5, 0.25, 0.125, 0.0625]
        let reports = temperatures.map { temperature in
          var random = out.random  // the same noise for all
          return state.dvae.report(
            state.pictures.sliced(axis: 0, 0..<64), temperature: temperature, using: &random)
        }
        out.table(
          ["τ", "relaxed bound", "hard bound"],
          zip(temperatures, reports).map { ["\($0)", -$1.relaxedBound, -$1.hardBound] })
        let last = reports[4]
        out.value(
          "gap", abs(last.relaxedBound - last.hardBound) / abs(last.hardBound), .percent(2))
        // ANCHOR_END: gap
      },
      Cell(
        "layouts", "What a coarser grid costs",
        full: FullRun("three runs of 300 steps, about five minutes on two cores") { _, out in
          var recipe = DVAERecipe()
          recipe.seed = out.seed
          (recipe.warmUpSteps, recipe.steps, recipe.decoderSteps) = (220, 80, 0)
          var coarse = DVAEConfiguration.stickers
          (coarse.groups, coarse.blocks, coarse.hidden) = (2, 2, 96)
          var open = DVAEConfiguration(
            hidden: 32, initial: 128, blocks: 2, groups: 3, vocabulary: 1024)
          open.logScaleFloor = -1.5
          let rows = try [
            ("f = 4, ours", DVAEConfiguration.stickers), ("f = 8, ours", coarse),
            ("f = 4, OpenAI's layout", open),
          ].map { name, configuration -> Outcome in
            let training = DVAETraining(configuration, recipe)
            return Outcome(name, try training.run(pictures(recipe)))
          }
          try out.keep("layouts", rows)
        }
      ) { _, out in
        // ANCHOR: layouts
        let rows = try out.recorded("layouts", as: [Outcome].self)
        out.table(
          ["after 300 steps", "PSNR (dB)", "codes used", "perplexity"],
          rows.map { [$0.name, $0.report.psnr, $0.report.used, $0.report.perplexity] })
        // ANCHOR_END: layouts
      },
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
}
