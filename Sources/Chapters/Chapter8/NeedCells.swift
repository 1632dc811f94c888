// How much a thing needs.

import Checkpoints
import EmojiWorld
import Notebook

extension Chapter8 {
  /// The runs of the study, the fewest things first.
  static let lessons = [
    Lesson(things: 14, .small, steps: 3000), Lesson(things: 14, .usual, steps: 3000),
    Lesson(things: 50, .small, steps: 6000), Lesson(things: 100, .small, steps: 9000), Lesson(things: 300, .small, steps: 9000),
  ]

  static var needCells: [Cell<State>] {
    [
      Cell(
        "need", "How much does a thing need?",
        full: FullRun(
          "a transformer for each world, 20 minutes to an hour each; needs the font (make emoji)"
        ) { state, out in
          let whole = out.trainingFolder(ModelCard(kind: "study", config: [String: String]())).path
          try out.keep(
            "need",
            lessons.map { lesson in
              var lesson = lesson
              let folder = "\(whole)/\(lesson.things)-\(lesson.size)-\(lesson.steps)"
              try lesson.run(state.dvae, state.judge, in: folder, seed: out.seed)
              return lesson
            })
        }
      ) { _, out in
        // ANCHOR: need
        let lessons = try out.recorded("need", as: [Lesson].self)
        out.table(
          "\(Lesson.captions) captions, one picture each",
          [
            "world and model", "numbers", "pairs", "% right", "±", "half after pairs",
            "pictures of each thing",
          ],
          lessons.map { lesson in
            let half = lesson.stepsToHalf
            return [lesson.name, lesson.parameters, lesson.steps * Lesson.batch]
              + [percent(lesson.last.share), percent(lesson.last.error)]
              + [half.map { "\(Int($0) * Lesson.batch)" } ?? "not reached"]
              + [half.map { "\(Int(lesson.exposures($0)))" } ?? ""]
          })
        // ANCHOR_END: need
        out.figure(
          "need",
          Plot(
            "Right pictures", x: "pairs seen", y: Axis("% right", range: 0...100),
            lessons.map { lesson in
              .line(
                lesson.name, x: lesson.points.map { $0.steps * Lesson.batch }.map(Double.init),
                lesson.points.map { 100 * $0.share })
            }),
          "The share of pictures that show everything their caption says, while transformers learn")
        out.figure(
          "exposures",
          Plot(
            "Right pictures", x: Axis("pictures of each thing", isLogarithmic: true),
            y: Axis("% right", range: 0...100),
            lessons.map { lesson in
              .line(
                lesson.name, x: lesson.points.map { lesson.exposures(Double($0.steps)) },
                lesson.points.map { 100 * $0.share })
            }),
          "The same over the number of pictures that showed each thing")
      },
      Cell("aspects", "What is learnt first") { _, out in
        // ANCHOR: aspects
        for lesson in try out.recorded("need", as: [Lesson].self) {
          out.table(
            "% right, \(lesson.name)",
            ["pairs seen"] + EmojiAspect.allCases.map(\.rawValue) + ["everything"],
            lesson.points.map { point in
              ["\(point.steps * Lesson.batch)"]
                + EmojiAspect.allCases.map { percent(point.share($0)) } + [percent(point.share)]
            })
        }
        // ANCHOR_END: aspects
      },
    ]
  }

  /// "12.5", of a share.
  static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
