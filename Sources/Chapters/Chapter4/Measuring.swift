// What each mask is good for, and how often the pictures are right.

import DALLE
import DALLETraining
import Evaluation
import Foundation
import Notebook
import StickerWorld
import TensorCore

extension Chapter4 {
  static var measuringCells: [Cell<State>] {
    [
      Cell(
        "ablation", "One pattern in all layers",
        full: FullRun(
          "five plans, three seeds, \(Ablation.steps) steps each, more than an hour on two cores"
        ) { state, out in
          try out.keep("ablation", try ablations(state, out))
        }
      ) { state, out in
        // ANCHOR: ablation
        let ablations = try out.recorded("ablation", as: [Ablation].self)
        out.table(
          ["plan", "image keys", "% reached", "text loss", "image loss", "±"],
          ablations.map { ablation in
            let c = smallConfiguration(ablation.plan, state)
            let seen = c.patterns.map(\.meanImageKeys).reduce(0, +) / Double(c.layers)
            let (text, image) = (Tally(ablation.text).estimate, Tally(ablation.image).estimate)
            return [
              ablation.plan.rawValue, seen, reach(c) * 100, text?.value ?? 0, image?.value ?? 0,
              String(format: "%.3f", image?.standardError ?? 0),
            ]
          })
        // ANCHOR_END: ablation
        let interval = Ablation.interval
        /// How far behind the paper's plan, in each interval of the training.
        func gaps(_ ablation: Ablation) -> [Double] {
          zip(ablation.curve, ablations[0].curve).map { Double($0 - $1) }
        }
        for behind in ablations where [.column, .full].contains(behind.plan) {
          let all = gaps(behind)
          out.note("\(behind.plan.rawValue)-early", all[400 / interval - 1], .fixed(2))
          out.note("\(behind.plan.rawValue)-late", all[all.count - 1], .fixed(2))
        }
        out.figure(
          "ablation-losses",
          Plot(
            "How far behind the paper's plan", x: "step", y: "image loss above it (nats)",
            ablations.dropFirst().map { ablation in
              let later = gaps(ablation).enumerated().dropFirst(3)  // from step 200 on
              return .line(
                ablation.plan.rawValue, x: later.map { Double(($0.offset + 1) * interval) },
                later.map(\.element))
            }),
          "Image losses in training above those of the paper's plan, means over \(interval) steps and "
            + "three seeds")
      },
      Cell(
        "evaluate", "Is it what was asked for?",
        full: FullRun("256 captions of each split, about two minutes on two cores") { state, out in
          let judges = try Judges()
          var scores = try StickerWorld.Split.allCases.map { split in
            try judges.score(split.name, split, 256, usual, seed: out.seed, state.painter)
          }
          let real = try Pairs(.validation, count: 256, seed: out.seed, state.painter)
          scores.append(judges.score("real pictures", real.pictures, real.samples.map(\.scene)))
          scores.append(
            judges.score(
              "their reconstructions", state.painter.decode(real.codes), real.samples.map(\.scene)))
          try out.keep("scores", scores)
        }
      ) { state, out in
        // ANCHOR: evaluate
        let scores = try out.recorded("scores", as: [Score].self)
        out.table("256 captions each, temperature 0.7", Score.headers, scores.map(\.row))
        // ANCHOR_END: evaluate
        let seen = scores.first { $0.name == StickerWorld.Split.validation.name }
        out.note("right", seen?.right ?? 0, .percent(0))
        out.note("ceiling", scores.last?.right ?? 0, .percent(1))
        let splits: [StickerWorld.Split] = [.unseenColours, .unseenPairs, .unseenAccessories]
        let captions = splits.flatMap { split in
          (0..<4).map { StickerWorld.sample(split, seed: out.seed, index: $0).caption }
        }
        let pictures = state.painter.decode(
          try state.painter.draw(captions, seed: out.seed, usual))  // [12, 3, 64, 64]
        out.figure(
          "samples",
          PictureGrid(
            pictures, columns: 6, labels: captions, marks: try Judges().marks(pictures, captions)),
          "The first picture for each of twelve captions with something that training never "
            + "showed: four colours, four pairs, four accessories. None was picked; the judge has marked "
            + "which are right")
      },
    ]
  }

  static let usual = SamplingOptions(temperature: 0.7)

  /// The results of training with one plan.
  struct Ablation: Codable {
    static let steps = 3000
    static let interval = 50

    let plan: DALLEConfiguration.AttentionPlan
    /// Losses on validation pairs, of each seed.
    let text, image: [Double]
    /// Image losses in training, means over `interval` steps and the seeds.
    let curve: [Float]
  }

  // ANCHOR: reach
  /// The share of earlier image tokens that have reached a position after the last layer.
  static func reach(_ c: DALLEConfiguration) -> Double {
    let n = c.imageTokens
    var reached = Tensor.zeros([n, n])  // 1 where a query (row) knows of a token (column)
    for i in 0..<n { reached.update { $0[i * n + i] = 1 } }
    for layer in 0..<c.layers {
      let pattern = AttentionPattern(c.kind(of: layer), text: 0, rows: c.rows, columns: c.columns)
      let mask = Tensor(shape: [n, n], pattern.mask.bytes.map { Float($0) })
      reached = matmul(mask, reached).clamped(0, 1)
    }
    return Double(reached.sum().item) / (Double(n) * Double(n + 1) / 2)
  }
  // ANCHOR_END: reach

  private static func smallConfiguration(
    _ plan: DALLEConfiguration.AttentionPlan, _ state: State
  ) -> DALLEConfiguration {
    var c = state.model.configuration
    (c.width, c.layers, c.heads, c.plan) = (64, 4, 4, plan)
    return c
  }

  /// Trains small models with each plan, three seeds each, on the same pairs.
  private static func ablations(_ state: State, _ out: Output) throws -> [Ablation] {
    let train = try Pairs(.train, count: 16_000, seed: out.seed, state.painter)
    let validation = try Pairs(.validation, count: 256, seed: out.seed, state.painter)
    let plans: [DALLEConfiguration.AttentionPlan] = [.paper, .row, .column, .convolution, .full]
    return try plans.map { plan in
      var (losses, curves) = ([DALLELoss](), [[Float]]())
      for seed in out.seed..<out.seed + 3 {
        var random = Random(seed: seed)  // the same for all plans
        let model = DALLE(smallConfiguration(plan, state), &random)
        let curve = try learn(
          model, train, steps: Ablation.steps, batch: 8, rate: 4e-3, seed: seed)[1]
        curves.append(means(of: curve, over: Ablation.interval))
        losses.append(
          validationLoss(validation) { some in
            model(text: validation.text.rows(some), image: validation.codes.rows(some))
          })
        out.print("\(plan.rawValue), seed \(seed): \(losses.last?.image.item ?? 0)")
      }
      return Ablation(
        plan: plan, text: losses.map { Double($0.text.item) },
        image: losses.map { Double($0.image.item) },
        curve: curves[0].indices.map { i in curves.reduce(0) { $0 + $1[i] } / Float(curves.count) })
    }
  }

  /// The mean losses on pairs, of which `loss` gives those of some.
  static func validationLoss(_ pairs: Pairs, _ loss: ([Int]) -> DALLELoss) -> DALLELoss {
    let parts = pairs.samples.indices.parts(of: 32).map { part in
      withoutGradient { loss(Array(part)) }
    }
    return DALLELoss(
      text: stack(parts.map(\.text), axis: 0).mean(),
      image: stack(parts.map(\.image), axis: 0).mean(), imageWeight: parts[0].imageWeight)
  }
}
