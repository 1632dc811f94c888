// What the long measurement shows about the number of candidates.

import Evaluation
import Notebook
import StickerWorld
import TensorCore

extension Chapter5 {
  static var sweepCells: [Cell<State>] {
    [
      Cell(
        "sweep", "From 1 to 32 candidates",
        full: FullRun(
          "\(Effort.captions) captions with \(Effort.candidates) candidates each, "
            + Effort.time(streams: Effort.captions * Effort.candidates)
        ) { state, out in
          try out.keep("sweep", Sweep(state.studio, seed: out.seed) { out.print($0) })
        }
      ) { state, out in
        // ANCHOR: sweep
        let sweep = try out.recorded("sweep", as: Sweep.self)
        let captions = sweep.captions
        out.table(
          "\(captions.count) validation captions; the gain over any one candidate",
          ["best of", "% right", "±", "gain", "±", "oracle", "Fréchet", "Inception"],
          zip(sweep.bestOf, sweep.chosen).map { n, looks in
            let right = captions.right(bestOf: n)
            let gain = captions.mean { $0.right(bestOf: n) - $0.right(bestOf: 1) }
            return [
              n, right.percent, right.errorPercent, gain.percent, gain.errorPercent,
              captions.oracle(of: n).percent, looks.frechet, looks.inception,
            ]
          })
        // ANCHOR_END: sweep
        let numbers = sweep.bestOf
        let right = numbers.map { captions.right(bestOf: $0) }
        let oracle = numbers.map { captions.oracle(of: $0) }
        let last = numbers.count - 1
        out.note("captions", captions.count)
        out.note("most", numbers[last])
        out.note("real", sweep.real.frechet, .fixed(2))
        out.note("real-inception", sweep.real.inception, .fixed(2))
        out.note("one", right[0].value, .percent(0))
        out.note("chosen", right[last].value, .percent(0))
        out.note("oracle", oracle[last].value, .percent(0))
        let x = numbers.map(Double.init)
        func band(_ estimates: [Estimate]) -> Mark {
          .band(
            x: x, from: estimates.map { 100 * ($0.value - $0.standardError) },
            to: estimates.map { 100 * ($0.value + $0.standardError) })
        }
        out.figure(
          "match",
          Plot(
            "All right", x: Axis("candidates", isLogarithmic: true), y: "% of captions",
            [
              band(right), .line("CLIP chooses", x: x, right.map { 100 * $0.value }),
              band(oracle), .line("oracle chooses", x: x, oracle.map { 100 * $0.value }),
            ]),
          "Captions whose chosen picture shows all they say, with standard errors; the oracle takes "
            + "a right picture whenever there is one")
      }
    ]
  }
}
