// Few pictures.

import Checkpoints
import Notebook
import TensorCore

extension Chapter8 {
  static var fewCells: [Cell<State>] {
    [
      Cell(
        "few", "Three hundred pictures of things that the bundled model never saw",
        full: FullRun("half an hour; needs the font (make emoji)") { state, out in
          let whole = out.trainingFolder(ModelCard(kind: "few", config: [String: String]())).path
          try out.keep(
            "few",
            Few.Start.allCases.map { start in
              var few = Few(start, pictures: 300, steps: 800)
              try few.run(state.dvae, in: "\(whole)/\(start)", seed: out.seed)
              return few
            })
        }
      ) { state, out in
        // ANCHOR: few
        let all = try out.recorded("few", as: [Few].self)
        for few in all {
          out.table(
            "image loss from \(few.start.rawValue)", ["steps", "learnt pictures", "others"],
            few.points.map { [$0.steps, $0.learnt, $0.others] })
        }
        out.table(
          "% of 64 drawings", ["start", "captions", "right", "copies of a learnt picture"],
          all.flatMap { few in
            [("learnt", few.learnt), ("others", few.others)].map { captions, drawn in
              [few.start.rawValue, captions, percent(Few.right(drawn)), percent(Few.copies(drawn))]
            }
          })
        // ANCHOR_END: few
        out.figure(
          "few",
          Plot(
            x: "steps", y: "nats per token",
            all.flatMap { few -> [Mark] in
              let x = few.points.map { Double($0.steps) }
              return [
                .line("\(few.start.rawValue), learnt", x: x, few.points.map(\.learnt)),
                .line("\(few.start.rawValue), others", x: x, few.points.map(\.others)),
              ]
            }),
          "The image loss on three hundred pictures that are learnt, and on others of the same things"
        )
        let shown = Array(all[0].others.prefix(6))
        let codes = shown.flatMap(\.codes) + shown.flatMap(\.nearest)
        let pictures = state.dvae.decode(
          IndexTensor(shape: [2 * shown.count, 8, 8], codes))  // [B, C, H, W]
        out.figure(
          "copies",
          PictureGrid(pictures, columns: shown.count, rows: ["drawn", "nearest of the learnt"]),
          "What the model that began with nothing draws, and the pictures of its training set that are most like it"
        )
      }
    ]
  }
}
