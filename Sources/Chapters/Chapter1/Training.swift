// Supervised training: thing, colour and background.

import Checkpoints
import ClassifierTraining
import NeuralNetwork
import Notebook
import Optimization
import Pretrained
import StickerWorld
import TensorCore
import Training
import VisionTransformer

extension Chapter1 {
  static var stepCells: [Cell<State>] {
    [
      Cell("step", "Four steps by hand") { _, out in
        // ANCHOR: step
        var random = out.random
        let model = AttributeClassifier(ClassifierRecipe(seed: out.seed))
        let adam = Adam(model, rate: 1e-3)
        for step in 0..<4 {
          let stickers = LabelledStickers(.train, count: 32, using: &random)  // fresh each time
          model.clearGradients()
          let loss = model.loss(stickers)  // [], the sum of three cross-entropies
          loss.backward()  // derivatives, one for each of 1.2 million parameters
          adam.step()
          out.value("step-\(step)", loss.item, .fixed(2))
        }
        // ANCHOR_END: step
      }
    ]
  }

  static var trainingCells: [Cell<State>] {
    [
      Cell(
        "training", "10,000 steps",
        full: FullRun("10,000 steps of 32 pictures, about 25 minutes on two cores") { _, out in
          let recipe = ClassifierRecipe(seed: out.seed)
          let model = AttributeClassifier(recipe)
          var random = out.random
          let validation = LabelledStickers(.validation, count: 512, using: &random)
          let folder = out.trainingFolder(model.card(recipe), every: 250)
          try out.keep("curve", model.train(recipe, validation: validation, folder: folder))
          let path = "\(folder.path)/vit.safetensors"
          try Checkpoint.save(model, model.card(recipe), as: .f16, to: path)
          out.print("the trained classifier is in \(path)")
        }
      ) { _, out in
        // ANCHOR: training
        let curve = try out.recorded("curve", as: TrainingCurve.self)
        let last = curve.accuracies.last ?? []
        out.table(
          ["attribute", "% right"],
          zip(StickerAttribute.allCases, last).map { [$0.rawValue, $1 * 100] })
        // ANCHOR_END: training
        out.note("thing", last[0], .percent(1))
        let hash = try SHA256.hex(ofFile: Pretrained.path("vit"))
        out.note("sha256", "\(hash.prefix(32))…")
        let steps = curve.accuracies.indices.map { Double(($0 + 1) * 500) }
        out.figure(
          "loss",
          Plot(
            "Training", x: "step", y: Axis("loss (nats)", isLogarithmic: true),
            .line("loss", x: curve.steps, curve.losses)),
          "The sum of the three cross-entropies, means over 50 steps")
        out.figure(
          "accuracy",
          Plot(
            "Validation", x: "step", y: Axis("% right", range: 0...100),
            StickerAttribute.allCases.enumerated().map { i, attribute in
              .line(attribute.rawValue, x: steps, curve.accuracies.map { $0[i] * 100 })
            }),
          "How often 512 validation pictures were read right")
      },
      Cell("splits", "Pictures unlike those of the training", isAside: true) { state, out in
        // ANCHOR: splits
        let splits: [StickerWorld.Split] = [
          .train, .validation, .unseenColours, .unseenAccessories,
        ]
        var confusion: [[Int]] = []
        let rows = splits.map { split -> [any TableValue] in
          var random = out.random.split(split.name)
          let report = state.classifier.evaluate(
            LabelledStickers(split, count: 1000, using: &random))
          if split == .unseenColours { confusion = report.confusion[.thing] ?? [] }
          return [split.name] + report.accuracies.map { $0 * 100 }
        }
        out.table(["1,000 pictures of", "% thing", "% colour", "% background"], rows)
        // ANCHOR_END: splits
        out.figure(
          "confusion",
          HeatMap.confusion(
            confusion, labels: StickerAttribute.thing.values, "Things in unseen colours"),
          "What each thing (row) was taken for (column), in colours that training never gave it. Numbers "
            + "count pictures; the shade is their share of the row")
      },
    ]
  }
}
