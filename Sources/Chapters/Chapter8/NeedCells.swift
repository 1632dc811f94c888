// How much a thing needs.

import Checkpoints
import EmojiWorld
import Notebook

extension Chapter8 {
  /// The runs of the study, the fewest things first.
  static let lessons = [
    Lesson(things: 14, .small, steps: 1000), Lesson(things: 14, .usual, steps: 1000),
    Lesson(things: 50, .small, steps: 2500),
    Lesson(things: 100, .small, steps: 5000),
    Lesson(things: 300, .small, steps: 4000),
  ]
  /// The first of these, with changes.
  static let changes = Lesson.Change.allCases.filter { $0 != .none }.map {
    Lesson(things: 14, .small, steps: 1000, $0)
  }

  /// Trains what has not been trained yet.
  private static func run(
    _ lessons: [Lesson], _ state: State, _ out: Output
  ) throws -> [Lesson] {
    let whole = out.trainingFolder(ModelCard(kind: "study", config: [String: String]())).path
    return try lessons.map { lesson in
      var lesson = lesson
      let change = lesson.change == .none ? "" : "-\(lesson.change)"
      let folder = "\(whole)/\(lesson.things)-\(lesson.size)-\(lesson.steps)\(change)"
      try lesson.run(state.dvae, in: folder, seed: out.seed)
      return lesson
    }
  }

  static var needCells: [Cell<State>] {
    [
      Cell(
        "need", "How much does a thing need?",
        full: FullRun(
          "a transformer for each world, ten minutes to an hour each; needs the font (make emoji)"
        ) { state, out in try out.keep("need", run(lessons, state, out)) }
      ) { _, out in
        // ANCHOR: need
        let lessons = try out.recorded("need", as: [Lesson].self)
        out.table(
          "\(Lesson.captions) captions, one picture each",
          [
            "world and model", "numbers", "pairs", "% things", "% right", "±", "limit",
            "half the things after pairs", "pictures of each thing",
          ],
          lessons.map { lesson in
            [lesson.name, lesson.parameters, lesson.steps * Lesson.batch]
              + [lesson.last.share(.thing), lesson.last.share, lesson.last.error, lesson.limit]
              .map(percent)
              + [halfway(lesson)]
              + [lesson.stepsToHalf.map { "\(Int(lesson.views($0)))" } ?? ""]
          })
        // ANCHOR_END: need
        if let last = lessons.last { out.note("a", last.thingsOfPair, .fixed(2)) }
        out.figure(
          "need",
          Plot(
            "Right things", x: "pairs seen", y: Axis("%", range: 0...100),
            lessons.map { lesson in
              .line(
                lesson.name, x: lesson.points.map { $0.steps * Lesson.batch }.map(Double.init),
                lesson.points.map { 100 * $0.share(.thing) })
            }),
          "The share of pictures that show the things their caption names and no others, while transformers learn"
        )
        out.figure(
          "views",
          Plot(
            "Right things", x: Axis("pictures of each thing", isLogarithmic: true),
            y: Axis("%", range: 0...100),
            lessons.map { lesson in
              .line(
                lesson.name, x: lesson.points.map { lesson.views(Double($0.steps)) },
                lesson.points.map { 100 * $0.share(.thing) })
            }),
          "The same over the number of pictures that showed each thing")
      },
      Cell("aspects", "What is learnt first") { _, out in
        // ANCHOR: aspects
        let lessons = try out.recorded("need", as: [Lesson].self)
        let lesson = lessons.last { $0.things == 100 } ?? lessons[0]
        out.table(
          "% right, \(lesson.name)",
          ["pairs"] + EmojiAspect.allCases.map(\.rawValue) + ["everything"],
          lesson.points.map { point in
            ["\(point.steps * Lesson.batch)"]
              + EmojiAspect.allCases.map { percent(point.share($0)) } + [percent(point.share)]
          })
        out.table(
          "image loss, nats per token", ["pairs", "the ground's code", "others"],
          lesson.points.map { [$0.steps * Lesson.batch, $0.ground, $0.others] })
        // ANCHOR_END: aspects
      },
      Cell(
        "changes", "What changes it",
        full: FullRun("ten minutes for each change; needs the font (make emoji)") {
          state, out in try out.keep("changes", run(changes, state, out))
        }
      ) { _, out in
        // ANCHOR: changes
        let unchanged = try out.recorded("need", as: [Lesson].self)[0]
        let lessons = try [unchanged] + out.recorded("changes", as: [Lesson].self)
        out.table(
          "\(unchanged.things) things, \(unchanged.steps * Lesson.batch) pairs",
          [
            "change", "half the things after pairs", "% things in the end", "% right", "±", "limit",
          ],
          lessons.map { lesson in
            [lesson.change.rawValue, halfway(lesson)]
              + [lesson.last.share(.thing), lesson.last.share, lesson.last.error, lesson.limit]
              .map(percent)
          })
        // ANCHOR_END: changes
      },
    ]
  }

  static var paperCells: [Cell<State>] {
    [
      Cell("paper", "How many pairs a larger world would need") { _, out in
        let lessons = try out.recorded("need", as: [Lesson].self)
        // ANCHOR: paper
        // The largest world of which half was learnt.
        guard let lesson = lessons.last(where: { $0.stepsToHalf != nil }) else {
          return out.print("no run has half of its things right")
        }
        let views = lesson.views(lesson.stepsToHalf ?? 0)  // v
        out.value("views", Int(views))
        out.table(
          "pairs until the rarest thing has been seen so often, in thousands",
          ["things", "all equally frequent", "frequent as words are"],
          [100, 1000, 21_841].map { n in
            let pairs = views * Double(n) / lesson.thingsOfPair
            let harmonic = (1...n).map { 1 / Double($0) }.reduce(0, +)  // h_n
            return [n, Int(pairs / 1000), Int(harmonic * pairs / 1000)]
          })
        // ANCHOR_END: paper
      }
    ]
  }

  /// The pairs after which half of a model's pictures had all their things.
  private static func halfway(_ lesson: Lesson) -> String {
    lesson.stepsToHalf.map { "\(Int($0) * Lesson.batch)" } ?? "not reached"
  }

  /// "12.5", of a share; "–" of none.
  static func percent(_ share: Double) -> String {
    if share.isNaN { return "–" }
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
