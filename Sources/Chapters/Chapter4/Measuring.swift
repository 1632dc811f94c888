// What each mask is good for, and how often the pictures are right.

import DALLE
import DALLETraining
import Notebook
import StickerWorld
import TensorCore

extension Chapter4 {
  static var measuringCells: [Cell<State>] {
    [
      Cell(
        "ablation", "One pattern in all layers",
        full: FullRun(
          "five models of four layers, 100 steps each, about three minutes on two cores"
        ) { state, out in
          try out.keep("ablation", try ablations(state, out))
        }
      ) { state, out in
        // ANCHOR: ablation
        let ablations = try out.recorded("ablation", as: [Ablation].self)
        out.table(
          ["plan", "image keys", "% reached", "text loss", "image loss"],
          ablations.map { ablation in
            let c = smallConfiguration(ablation.plan, state)
            let seen = c.patterns.map(\.meanImageKeys).reduce(0, +) / Double(c.layers)
            return [
              ablation.plan.rawValue, seen, reach(c) * 100, ablation.text, ablation.image,
            ]
          })
        // ANCHOR_END: ablation
        let codes = ablations.flatMap(\.codes)
        out.figure(
          "ablation",
          PictureGrid(
            state.painter.decode(
              IndexTensor(shape: [codes.count, codes[0].count], codes.flatMap { $0 })),
            columns: 6, rows: ablations.map(\.plan.rawValue), scale: 2),
          "What five small models draw after 100 steps, at temperature 0.7: "
            + ablationCaptions.joined(separator: "; "))
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
        let splits: [StickerWorld.Split] = [.unseenColours, .unseenPairs, .unseenAccessories]
        let captions = splits.flatMap { split in
          (0..<4).map { StickerWorld.sample(split, seed: out.seed, index: $0).caption }
        }
        let codes = try state.painter.draw(captions, seed: out.seed, usual)  // [12, N]
        let scores = try out.recorded("scores", as: [Score].self)
        out.table("256 captions each, temperature 0.7", Score.headers, scores.map(\.row))
        // ANCHOR_END: evaluate
        let seen = scores.first { $0.name == StickerWorld.Split.validation.name }
        out.note("right", seen?.right ?? 0, .percent(0))
        out.note("ceiling", scores.last?.right ?? 0, .percent(0))
        out.figure(
          "samples", PictureGrid(state.painter.decode(codes), columns: 6, labels: captions),
          "The first picture for each of twelve captions with something that training never "
            + "showed: four colours, four pairs, four accessories. None was picked")
      },
    ]
  }

  private static let usual = SamplingOptions(temperature: 0.7)

  /// The result of training with one plan.
  struct Ablation: Codable {
    let plan: DALLEConfiguration.AttentionPlan
    let text, image: Double
    /// Pictures for `ablationCaptions`.
    let codes: [[Int32]]
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

  private static let ablationCaptions = [
    "a big red heart in the snow", "a small yellow moon in the top left at night",
    "a blue fish above a green boat", "a pink flower to the left of a white house",
    "an orange cat wearing a purple hat", "a green rocket at sunset",
  ]

  private static func smallConfiguration(
    _ plan: DALLEConfiguration.AttentionPlan, _ state: State
  ) -> DALLEConfiguration {
    var c = state.model.configuration
    (c.width, c.layers, c.heads, c.plan) = (128, 4, 4, plan)
    return c
  }

  /// Trains a small model with each plan on the same pairs in the same order.
  private static func ablations(_ state: State, _ out: Output) throws -> [Ablation] {
    let train = try Pairs(.train, count: 1600, seed: out.seed, state.painter)
    let validation = try Pairs(.validation, count: 256, seed: out.seed, state.painter)
    let plans: [DALLEConfiguration.AttentionPlan] = [.paper, .row, .column, .convolution, .full]
    return try plans.map { plan in
      var random = out.random  // the same for all
      let model = DALLE(smallConfiguration(plan, state), &random)
      _ = try learn(model, train, steps: 100, batch: 16, rate: 4e-3, seed: out.seed)
      let losses = (0..<256).parts(of: 32).map { part in
        withoutGradient {
          model(text: validation.text.rows(part), image: validation.codes.rows(part))
        }
      }
      let transformer = CaptionedDALLE(model, state.painter.transformer.tokenizer)
      let codes = try Painter(transformer, state.painter.dvae)
        .draw(ablationCaptions, seed: out.seed, usual)  // [6, N]
      return Ablation(
        plan: plan, text: losses.reduce(0) { $0 + Double($1.text.item) } / Double(losses.count),
        image: losses.reduce(0) { $0 + Double($1.image.item) } / Double(losses.count),
        codes: (0..<codes.shape[0]).map { codes.rows([$0]).values })
    }
  }
}
