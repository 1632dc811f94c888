// The yardsticks, and what the truth says of them.

import Chapter5
import Evaluation
import Notebook
import TensorCore

extension Chapter7 {
  static var yardstickCells: [Cell<State>] {
    [
      Cell("yardsticks", "Seven numbers for a set of pictures", isAside: true) { state, out in
        // ANCHOR: yardsticks
        let networks = try Networks(state.studio)
        let (samples, others) = (
          Samples(0..<256, seed: out.seed), Samples(1000..<1256, seed: out.seed)
        )
        let real = try Described(others.pictures, others.captions, others.scenes, networks)
        let shown = ["real pictures", "real, 30 % with another's caption", "real, blurred by 2"]
        let painters =
          Painter.spoilt(state.studio, seed: out.seed).filter { shown.contains($0.name) }
          + Painter.rival(state.rival, seed: out.seed).prefix(1)
        let sets = try painters.map {
          try Described($0.draw(samples), samples.captions, samples.scenes, networks)
        }
        out.table(
          "256 pictures, held against 256 other real ones", ["yardstick"] + painters.map(\.name),
          try Yardstick.blind.map { yardstick in
            [yardstick.rawValue]
              + (try sets.map { set in
                var random = out.random
                return try yardstick(set, against: real, using: &random)
              })
          } + [["% right"] + sets.map { Chapter5.percent($0.truth.value) }])
        // ANCHOR_END: yardsticks
      },
      Cell("blur", "Do they notice blur?", isAside: true) { state, out in
        // ANCHOR: blur
        let networks = try Networks(state.studio)
        let (samples, others) = (
          Samples(0..<256, seed: out.seed), Samples(1000..<2024, seed: out.seed)
        )
        let real = try Described(others.pictures, others.captions, others.scenes, networks)
        let shown: [Yardstick] = [.frechet, .cmmd, .slicedWasserstein, .inception, .right]
        out.table(
          "256 real pictures, blurred", ["radius"] + shown.map(\.rawValue),
          try [0, 0.5, 1, 1.5, 2, 3, 4, 8].map { radius in
            let blurred = gaussianBlur(samples.pictures, radius: radius)  // [256, C, H, W]
            let set = try Described(blurred, samples.captions, samples.scenes, networks)
            return [radius]
              + (try shown.map { yardstick in
                var random = out.random
                return try yardstick(set, against: real, using: &random)
              })
          })
        // ANCHOR_END: blur
      },
    ]
  }

  static var auditCells: [Cell<State>] {
    [
      Cell(
        "audit", "Many models, whose quality is known",
        full: FullRun("about half an hour on two cores") { state, out in
          let networks = try Networks(state.studio)
          let painters =
            Painter.spoilt(state.studio, seed: out.seed)
            + Painter.ours(state.studio.dalle, seed: out.seed)
            + Painter.rival(state.rival, seed: out.seed)
          try out.keep("audit", try Audit(networks, painters, seed: out.seed, out: out))
        }
      ) { state, out in
        // ANCHOR: audit
        let audit = try out.recorded("audit", as: Audit.self)
        let sorted = audit.rows.sorted { $0.truth.value > $1.truth.value }
        out.table(
          "\(audit.rows.count) models, \(audit.captions) captions, one picture each",
          ["model", "% right", "±"] + Yardstick.blind.map(\.short),
          sorted.map { row in
            [row.name, row.truth.percent, row.truth.errorPercent] + row.values
          } + [
            ["standard error, median of models", "", ""]
              + Yardstick.blind.indices.map { audit.error($0) }
          ])
        // ANCHOR_END: audit
      }
    ]
  }

  static var correlationCells: [Cell<State>] {
    [
      Cell("correlation", "Who orders as the truth does?") { state, out in
        // ANCHOR: correlation
        let audit = try out.recorded("audit", as: Audit.self)
        out.table(
          "rank correlation with the share of right pictures",
          ["yardstick", "all models", "±", "models that draw", "±"],
          Yardstick.blind.map { yardstick in
            let all = audit.correlation(yardstick)
            let drawn = audit.correlation(yardstick) { $0.kind.draws }
            return [yardstick.rawValue]
              + [all, drawn].flatMap { [$0.value, $0.standardError] }
              .map { String(format: "%.3f", $0) }
          })
        // ANCHOR_END: correlation
        let kinds = [Painter.Kind.real, .spoilt, .ours, .young, .rival]
        for yardstick in [Yardstick.frechet, .reranker] {
          out.figure(
            "truth-\(yardstick)",
            Plot(
              "\(yardstick.rawValue.prefix(1).uppercased() + yardstick.rawValue.dropFirst()) against the truth",
              x: "% right",
              y: Axis(yardstick.rawValue, isLogarithmic: yardstick.isDistance),
              kinds.map { kind in
                let rows = audit.rows.filter { $0.kind == kind }
                return .points(
                  kind.title, x: rows.map { 100 * $0.truth.value }, rows.map { $0.value(yardstick) }
                )
              }),
            "Each point is a model: the share of its pictures that the judge finds right, and what "
              + "the \(yardstick.rawValue) says of them")
        }
      }
    ]
  }

  static var neededCells: [Cell<State>] {
    [
      Cell("needed", "How many pictures?") { state, out in
        // ANCHOR: needed
        let audit = try out.recorded("audit", as: Audit.self)
        out.table(
          "\(audit.pairs.count) pairs of models that differ by 2 to 4.5 points; % of draws that prefer the "
            + "better one",
          ["yardstick", "from all \(audit.captions)"] + audit.counts.map { "\($0) pictures" },
          audit.orders.map { order in
            [order.yardstick.rawValue, percent(order.right)]
              + audit.counts.indices.map { k in Chapter5.percent(order.share(k)) }
          })
        let most = audit.counts.last ?? 0
        out.table(
          ["pair", "better", "worse", "points"],
          audit.pairs.enumerated().map { i, pair in
            [i + 1, pair.better, pair.worse, Chapter5.percent(pair.difference)]
          })
        out.table(
          "% of draws of \(most) pictures that prefer the better one",
          [""] + audit.pairs.indices.map { "pair \($0 + 1)" },
          audit.orders.map { order in
            [order.yardstick.rawValue]
              + (order.shares.last ?? []).map { Chapter5.percent($0) }
          })
        // ANCHOR_END: needed
        out.figure(
          "needed",
          Plot(
            "Which of two is better?", x: Axis("pictures", isLogarithmic: true),
            y: "% of draws that say so",
            audit.orders.map { order in
              .line(
                order.yardstick.rawValue, x: audit.counts.map(Double.init),
                audit.counts.indices.map { k in 100 * order.share(k) })
            } + [.level("a coin", 50)]),
          "How often a yardstick prefers the better of two models, from so many pictures of each")
      }
    ]
  }
}

/// The share of those that are true, as per cent.
private func percent(_ all: [Bool]) -> String {
  Estimate(right: all.count { $0 }, of: all.count).percent
}
