// The loss, and how the model learns.

import Checkpoints
import DALLE
import DALLETraining
import Foundation
import NeuralNetwork
import Notebook
import Optimization
import Pretrained
import StickerTraining
import StickerWorld
import TensorCore
import Training

extension Chapter4 {
  static var lossCells: [Cell<State>] {
    [
      Cell("loss", "Two losses in one") { state, out in
        // ANCHOR: loss
        let c = state.model.configuration
        let (v, k, t) = (c.textIDs, c.imageVocabulary, c.textLength)
        func losses(_ model: DALLE, _ pairs: Pairs) -> DALLELoss {
          withoutGradient { model(text: pairs.text, image: pairs.codes) }
        }
        let untrained = DALLE(c, &out.random)
        let validation = try Pairs(.validation, count: 48, seed: out.seed, state.painter)
        let before = losses(untrained, validation)
        let loss = losses(state.model, validation)
        out.table(
          ["loss", "ln of its vocabulary", "untrained", "trained"],
          [
            ["text", log(Double(v)), before.text.item, loss.text.item],
            ["image", log(Double(k)), before.image.item, loss.image.item],
          ])

        // The image loss by hand: the logits of the codes, at the positions that predict one.
        let hidden = withoutGradient {
          state.model.hidden(text: validation.text, image: validation.codes)
        }
        let logits = withoutGradient { state.model.logits(hidden) }  // [B, S, V + K]
          .sliced(axis: 1, t..<t + c.imageTokens).sliced(axis: 2, v..<v + k)  // [B, N, K]
        let byHand = crossEntropy(
          logits.reshaped(-1, k), IndexTensor(validation.codes.values))
        out.compare("image loss by hand vs. the model's", byHand, loss.image)
        out.compare("total", loss.total, loss.text * (1 / 8) + loss.image * (7 / 8))
        // ANCHOR_END: loss
        out.note("text", Double(loss.text.item), .fixed(2))
        let ids = validation.text.values
        out.note("paddings", Double(ids.count { $0 == 0 }) / Double(ids.count), .percent(0))
        out.note("image", Double(loss.image.item), .fixed(2))
        out.note("choices", exp(Double(loss.image.item)), .fixed(1))
        // The loss of guessing by how often each code occurs, for comparison.
        var counts = [Double](repeating: 1, count: k)
        for code in try Pairs(.train, count: 128, seed: out.seed, state.painter).codes.values {
          counts[Int(code)] += 1
        }
        let all = counts.reduce(0, +)
        let nats = validation.codes.values.reduce(0) { $0 - log(counts[Int($1)] / all) }
        out.note("frequencies", nats / Double(validation.codes.values.count), .fixed(2))
      }
    ]
  }

  static var trainingCells: [Cell<State>] {
    [
      Cell(
        "training", "All of it",
        full: FullRun(
          "176,000 pictures become tokens, then 10,000 steps of 16 pairs, about two hours on two "
            + "cores"
        ) { state, out in
          var recipe = DALLERecipe()
          recipe.seed = out.seed
          let folder = out.trainingFolder(ModelCard(kind: DALLE.kind, config: recipe))
          var run = DALLERun(recipe, state.painter.dvae, folder: folder.path)
          run.resume = true
          _ = try run.run(in: Stickers())
          out.print("the trained transformer is in \(run.checkpoint)")
          try out.keep("curves", Curves(folder))
        }
      ) { state, out in
        let curves = try out.recorded("curves", as: Curves.self)
        let recipe = DALLERecipe()
        out.note("parameters", state.model.parameterCount)
        out.note("pairs", recipe.steps * recipe.batch)
        out.note("text", curves.validationText.values.last ?? 0, .fixed(3))
        out.note("image", curves.validationImage.values.last ?? 0, .fixed(3))
        out.figure(
          "losses",
          Plot(
            "Training", x: "step", y: Axis("nats per token", isLogarithmic: true),
            .line("image, training", curves.image),
            .line("image, validation", curves.validationImage),
            .line("text, training", curves.text), .line("text, validation", curves.validationText)),
          "Losses in training, means over 50 steps, and on 256 validation pairs with averaged "
            + "weights")
      }
    ]
  }

  /// Trains a model on pairs. Returns its text losses and its image losses at all steps.
  static func learn(
    _ model: some Module, _ pairs: Pairs, steps: Int, batch: Int, rate: Float, seed: UInt64,
    loss: ([Int]) -> DALLELoss
  ) throws -> [[Float]] {
    let trainer = Trainer(
      "transformer", model,
      Adam(ParameterGroup.decayingMatrices(model, decay: 0.045), rate: 0, betas: (0.9, 0.96)),
      steps: steps, seed: seed, rate: .riseAndFall(to: rate, steps: steps, rise: steps / 10))
    trainer.gradientLimit = 4
    var curves: [[Float]] = [[], []]
    try trainer.run { _, random in
      let some = (0..<batch).map { _ in random.integer(below: pairs.samples.count) }
      let loss = loss(some)
      loss.total.backward()
      curves[0].append(loss.text.item)
      curves[1].append(loss.image.item)
      return Metrics(loss: loss.total.item)
    }
    return curves
  }

  /// Trains DALL·E's transformer; see the general form.
  static func learn(
    _ model: DALLE, _ pairs: Pairs, steps: Int, batch: Int, rate: Float, seed: UInt64
  ) throws -> [[Float]] {
    try learn(model, pairs, steps: steps, batch: batch, rate: rate, seed: seed) { some in
      model(text: pairs.text.rows(some), image: pairs.codes.rows(some))
    }
  }

  /// The losses that a run has logged.
  struct Curves: Codable {
    let text, image, validationText, validationImage: Curve

    /// Means over 50 steps of training; on validation pairs, every measurement.
    init(_ folder: TrainingFolder) throws {
      func training(_ name: String) throws -> Curve {
        let values = means(of: try folder.logged(name).map(\.value), over: 50)
        return Curve(steps: values.indices.map { 50 * ($0 + 1) }, values: values)
      }
      func validation(_ name: String) throws -> Curve {
        Curve(try folder.logged("validation_\(name)"))
      }
      (text, image) = (try training("text"), try training("image"))
      (validationText, validationImage) = (try validation("text"), try validation("image"))
    }
  }

  /// The means of consecutive groups of `count` values.
  static func means(of values: [Float], over count: Int) -> [Float] {
    values.indices.parts(of: count).map { part in
      values[part].reduce(0, +) / Float(part.count)
    }
  }
}
