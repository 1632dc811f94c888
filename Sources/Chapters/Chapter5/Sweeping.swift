// What the long measurement shows about the number of candidates.

import Evaluation
import Foundation
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
        let (numbers, captions) = (sweep.bestOf, sweep.captions)
        let right = numbers.map { captions.right(bestOf: $0) }
        let gain = numbers.map { n in captions.mean { $0.right(bestOf: n) - $0.right(bestOf: 1) } }
        let oracle = numbers.map { captions.oracle(of: $0) }
        func row(_ name: any TableValue, _ shares: [String], _ looks: Sweep.Looks)
          -> [any TableValue]
        { [name] + shares + [looks.frechet, looks.kernel, looks.inception] }
        out.table(
          "\(captions.count) validation captions; the gain over any one candidate",
          ["best of", "% right", "±", "gain", "±", "oracle", "Fréchet", "kernel", "Inception"],
          numbers.indices.map { i in
            row(
              numbers[i],
              [
                right[i].percent, right[i].errorPercent, gain[i].percent, gain[i].errorPercent,
                oracle[i].percent,
              ], sweep.chosen[i])
          } + [
            row("reconstructions", Array(repeating: "", count: 5), sweep.reconstructed),
            row("real pictures", Array(repeating: "", count: 5), sweep.real),
          ])
        // ANCHOR_END: sweep
        let last = numbers.count - 1
        out.note("captions", captions.count)
        out.note("most", numbers[last])
        out.note("real", sweep.real.frechet, .fixed(2))
        out.note("one", right[0].value, .percent(0))
        out.note("chosen", right[last].value, .percent(0))
        out.note("oracle", oracle[last].value, .percent(0))
        func plot(_ title: String, _ y: Axis, _ marks: [Mark]) -> Plot {
          Plot(title, x: Axis("candidates", isLogarithmic: true), y: y, marks)
        }
        let x = numbers.map(Double.init)
        func band(_ estimates: [Estimate]) -> Mark {
          .band(
            x: x, from: estimates.map { 100 * ($0.value - $0.standardError) },
            to: estimates.map { 100 * ($0.value + $0.standardError) })
        }
        out.figure(
          "match",
          plot(
            "All right", "% of captions",
            [
              band(right), .line("CLIP chooses", x: x, right.map { 100 * $0.value }),
              band(oracle), .line("oracle chooses", x: x, oracle.map { 100 * $0.value }),
            ]),
          "Captions whose chosen picture shows all they say, with standard errors; the oracle takes "
            + "a right picture whenever there is one")
      },
      Cell("votes", "Five votes") { state, out in
        // ANCHOR: votes
        let sweep = try out.recorded("sweep", as: Sweep.self)
        let votes = sweep.votes  // five for each task
        let n = sweep.captions.candidates
        let vote = PairedVote(votes)
        out.table(
          ["votes for the best of \(n)", "tasks", "%"],
          vote.histogram.enumerated().map { count, tasks in
            ["\(count) of 5", tasks, percent(Double(tasks) / Double(vote.tasks))]
          })
        let winners = votes.map { majority($0) }  // one for each task
        let won = Estimate(right: winners.reduce(0, +), of: winners.count)
        out.value("majority", won.value, .percent(1))
        out.value("error", won.standardError, .percent(1))
        // Tasks in which the judge, without glasses, finds both pictures right.
        let trifles = sweep.captions.count {
          $0.choice != 0 && $0.isRight[0] && $0.isRight[$0.choice]
        }
        out.value("trifles", trifles)
        // ANCHOR_END: votes
        out.note("tasks", vote.tasks)
        let serious = sweep.captions.filter {
          $0.choice != 0 && $0.isRight[0] != $0.isRight[$0.choice]
        }
        out.note("serious", serious.count)
        out.note("chosen", serious.count { $0.isRight[$0.choice] })
        let shares = vote.histogram.map { 100 * Double($0) / Double(vote.tasks) }
        out.figure(
          "votes",
          BarChart(
            "Which of the two shows what the caption says?", "% of tasks",
            (0...5).map { "\($0) of 5" }, shares),
          "Votes for the best of \(n), against the first candidate of the same "
            + "caption")
      },
    ]
  }
}
