// How gradients fall from block to block, and what a scale does about it.

import Chapter4
import DALLE
import Foundation
import MixedPrecision
import Notebook
import NumberFormats
import TensorCore

extension Chapter6 {
  static var gradientCells: [Cell<State>] {
    [
      Cell("exponents", "The exponents of real gradients") { state, out in
        // ANCHOR: exponents
        let pairs = try Pairs(.train, count: 4, seed: out.seed, state.painter)
        let trained = state.painter.transformer.model
        let experiment = experiment(on: pairs, trained.configuration)
        let gradients = experiment.gradients(of: trained)  // of each of the 2 L resblocks
        out.table(
          ["resblock", "", "log₂ norm", "% lost in 1-5-10", "% below 2⁻¹⁴", "% lost in bf16"],
          gradients.enumerated().map { i, g -> [any TableValue] in
            [
              i + 1, i % 2 == 0 ? "attention" : "MLP", String(format: "%.1f", log2(g.norm)),
              percent(g.histogram.share(lostIn: .half)),
              percent(g.histogram.share(belowNormalOf: .half)),
              percent(g.histogram.share(lostIn: .bfloat16)),
            ]
          })
        // ANCHOR_END: exponents
        state.resblocks = gradients
        out.figure(
          "exponents", exponentFigure([(1, gradients[0]), (6, gradients[5]), (12, gradients[11])]),
          "How many gradients of activations have which power of two, in three resblocks")
      },
      Cell(
        "fall", "How the norm falls with depth",
        full: FullRun("about 5 minutes on two cores") { state, out in
          var experiment = try deepExperiment(state, out, layers: 128)
          experiment.steps = 200
          let untrained = experiment.gradients(of: experiment.untrained())
          var settings = MixedSettings.float
          settings.rate = 2e-3
          let (model, _) = experiment.run(settings)
          let trained = experiment.gradients(of: model)
          try out.keep("fall", Fall(untrained: untrained, trained: trained))
        }
      ) { state, out in
        // ANCHOR: fall
        let fall = try out.recorded("fall", as: Fall.self)
        out.table(
          ["resblock", "log₂ norm, untrained", "after 200 steps", "% lost in 1-5-10"],
          [0, 1, 16, 32, 64, 128, 192, 255].map { i -> [any TableValue] in
            [
              i + 1, String(format: "%.1f", fall.untrained[i]),
              String(format: "%.1f", fall.trained[i]), percent(fall.lost[i]),
            ]
          })
        // ANCHOR_END: fall
        func line(_ name: String, _ norms: [Double]) -> Mark {
          .line(name, x: norms.indices.map { Double($0 + 1) }, norms)
        }
        out.figure(
          "fall",
          Plot(
            "Norms of gradients, resblock by resblock", x: Axis("resblock", isLogarithmic: true),
            y: "log₂ of the gradient's norm",
            line("128 blocks, untrained", fall.untrained), line("after 200 steps", fall.trained),
            line("chapter 4's transformer", state.resblocks.map { log2($0.norm) })),
          "Norms of the gradients that arrive at the outputs of resblocks; the backward pass "
            + "goes from right to left")
      },
      Cell("rule", "The rule for a scale") { _, out in
        // ANCHOR: rule
        var scales = GradientScales(.paper, resblocks: 2)
        var rows: [[any TableValue]] = []
        for update in 1...300 {
          let isFinite = [true, ![50, 60, 200].contains(update)]  // the second overflows at times
          let isApplied = scales.update(isFinite: isFinite)
          if [1, 49, 50, 60, 61, 200, 300].contains(update) {
            rows.append(
              [update, isApplied ? "" : "skipped"]
                + scales.values.map { String(format: "%.3f", log2($0)) })
          }
        }
        out.table(["update", "", "log₂ of the first scale", "of the second"], rows)
        // ANCHOR_END: rule
      },
      Cell("spread", "When one scale is not enough") { state, out in
        // ANCHOR: spread
        let narrow = [(5, 10), (4, 11), (3, 12)].map { e, s in
          FloatFormat(exponentBits: e, significandBits: s, bias: (1 << (e - 1)) - 1)
        }
        out.table(
          ["% of the gradients lost", "binades", "no scale", "the best one", "the best for each"],
          narrow.map { format -> [any TableValue] in
            let shares = state.resblocks.lostShares(in: format)
            let none = state.resblocks.map { $0.histogram.share(lostIn: format) }
            func mean(_ all: [Double]) -> String {
              String(format: "%.2f", 100 * all.reduce(0, +) / Double(all.count))
            }
            return [
              "\(format)", format.binades, mean(none), mean(shares.map(\.oneScale)),
              mean(shares.map(\.ownScale)),
            ]
          })
        // ANCHOR_END: spread
      },
      Cell(
        "scaling", "Without scales, with one, with one for each",
        full: FullRun("about 5 minutes on two cores") { state, out in
          try out.keep("scaling", try scalingRuns(state, out))
        }
      ) { _, out in
        // ANCHOR: scaling
        let runs = try out.recorded("scaling", as: [ScalingRun].self)
        out.table(
          ["loss of the last 20 of 200 steps", "M = 1", "M = 128", "M = 4,096"],
          runs.prefix(4).map { first -> [any TableValue] in
            [first.way]
              + runs.filter { $0.way == first.way }.map { String(format: "%.4f", $0.last) }
          })
        // ANCHOR_END: scaling
        out.figure(
          "scaling",
          Plot(
            "Training with M = 4,096", x: "step", y: "nats per token",
            runs.filter { $0.replicas == 4096 }.map {
              .line($0.way, Plot.smoothed($0.losses, over: 10))
            }),
          "Means over 10 steps. All curves but the one without scales lie on one another")
      },
      Cell(
        "scales", "The scales of 64 resblocks",
        full: FullRun("about 15 minutes on two cores") { state, out in
          try out.keep("scales", try scaleHistory(state, out))
        }
      ) { _, out in
        // ANCHOR: scales
        let history = try out.recorded("scales", as: ScaleHistory.self)
        let last = history.scales.compactMap(\.last)
        out.value("steps", history.steps)
        out.value("skipped", Double(history.skipped) / Double(history.steps), .percent(1))
        out.value("lowest", last.min() ?? 0, .fixed(1))
        out.value("highest", last.max() ?? 0, .fixed(1))
        // ANCHOR_END: scales
        let shown = [0, 1, 2, 3, 15, 31, 63]
        out.figure(
          "scales",
          Plot(
            "A scale for each resblock", x: "step", y: "log₂ of the scale",
            history.scales.enumerated().filter { !shown.contains($0.offset) }.map {
              .line("", x: history.at, $0.element, isFaint: true)
            }
              + shown.map { .line("resblock \($0 + 1)", x: history.at, history.scales[$0]) }),
          "All begin at 13 and grow by 1 in 1,000 steps, until a gradient overflows")
      },
    ]
  }

  /// Some pairs, and a transformer of some sizes.
  private static func experiment(
    on pairs: Pairs, _ configuration: DALLEConfiguration
  ) -> ScalingExperiment {
    var experiment = ScalingExperiment(
      TokenPairs(text: pairs.text, image: pairs.codes), vocabulary: configuration.textVocabulary,
      side: configuration.rows)
    experiment.configuration = configuration
    return experiment
  }

  /// A deep transformer of width 64 on the middle of pictures, 8×8 codes, and 12 text ids.
  static func deepExperiment(
    _ state: State, _ out: Output, layers: Int
  ) throws -> ScalingExperiment {
    let pairs = try Pairs(.train, count: 512, seed: out.seed, state.painter)
    let c = state.painter.transformer.model.configuration
    let tokens = TokenPairs(text: pairs.text, image: pairs.codes)
      .cropped(length: 12, columns: c.columns, side: 8)
    return ScalingExperiment(tokens, vocabulary: c.textVocabulary, side: 8, layers: layers)
  }

  private static func exponentFigure(_ shown: [(number: Int, gradients: ResblockGradients)]) -> Plot
  {
    let exponents = Array(-45 ... -4)
    let lines = shown.map { number, gradients -> Mark in
      let h = gradients.histogram
      let shares = exponents.map { 100 * Double(h[exponent: $0]) / Double(h.nonzero) }
      return .line("resblock \(number)", x: exponents.map(Double.init), shares)
    }
    return Plot(
      "Gradients of activations", x: "power of two", y: "% of the gradients",
      lines + [
        .moment("1-5-10 ends", -25.0), .moment("full precision", -14.0),
      ])
  }
}

/// What the cell `fall` keeps, of each of 256 resblocks.
struct Fall: Codable {
  /// log₂ of the gradient's norm.
  let untrained, trained: [Double]
  /// The share of the gradients of the trained model that 1-5-10 rounds to 0.
  let lost: [Double]

  init(untrained: [ResblockGradients], trained: [ResblockGradients]) {
    self.untrained = untrained.map { log2($0.norm) }
    self.trained = trained.map { log2($0.norm) }
    lost = trained.map { $0.histogram.share(lostIn: .half) }
  }
}
