// Which name goes where.

import Checkpoints
import Notebook

extension Chapter8 {
  /// With and without noise, at three rates.
  private static let bindings = [Float](arrayLiteral: 0, 0.5).flatMap { noise in
    [1.5e-3, 2.5e-3, 4e-3].map { Binding(noise: noise, rate: $0) }
  }

  static var bindingCells: [Cell<State>] {
    [
      Cell(
        "binding", "Which name goes where?",
        full: FullRun("five minutes for each of six runs") { _, out in
          let whole = out.trainingFolder(ModelCard(kind: "binding", config: [String: String]()))
            .path
          try out.keep(
            "binding",
            bindings.map { binding in
              var binding = binding
              try binding.run(in: whole, seed: out.seed)
              return binding
            })
        }
      ) { _, out in
        // ANCHOR: binding
        let all = try out.recorded("binding", as: [Binding].self)
        out.table(
          "% of \(Binding.pairs) pairs that their own caption makes more probable than one with names exchanged",
          ["steps"] + all.map { "noise \($0.noise), rate \($0.rate)" },
          stride(from: 1, to: all[0].points.count, by: 2).map { i in
            ["\(all[0].points[i].steps)"] + all.map { percent($0.points[i].prefersOwn) }
          })
        // ANCHOR_END: binding
        out.figure(
          "binding",
          Plot(
            x: "steps", y: Axis("%", range: 0...100),
            all.map { binding in
              .line(
                "noise \(binding.noise), rate \(binding.rate)",
                x: binding.points.map { Double($0.steps) },
                binding.points.map { 100 * $0.prefersOwn })
            }),
          "How often a picture of two things is more probable with its caption than with the names exchanged"
        )
      }
    ]
  }
}
