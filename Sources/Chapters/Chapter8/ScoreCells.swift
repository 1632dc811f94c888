// What the bundled models draw.

import Checkpoints
import DALLE
import EmojiJudge
import EmojiWorld
import Evaluation
import Foundation
import Images
import Notebook
import Pretrained
import TensorCore
import TextToImage

extension Chapter8 {
  static var scoreCells: [Cell<State>] {
    [
      Cell("draw", "A caption that no picture in training had") { state, out in
        // ANCHOR: draw
        let caption = "a fox above a pizza at night"
        let dalle = try Pretrained.emoji()
        let drawn = try dalle.draw(caption, count: 8, seed: out.seed, .varied)
        let ranked = try dalle.ranked(drawn, caption)
        // ANCHOR_END: draw
        out.value("likelihood", ranked[0].score, .fixed(1))  // log p(caption | picture), nats
        let names = ["fox", "pizza"]
        let things = EmojiThing.all.filter { names.contains($0.name) }
        let scene = EmojiScene(.pair(first: things[0], .above, second: things[1]), ground: .night)
        precondition(
          scene.description == caption, "the scene is not that of “\(caption)”: \(scene)")
        let isRight = state.judge.read(ranked.map(\.picture)).map { $0.shows(scene).isRight }
        out.note("right-drawn", isRight.count { $0 })
        out.figure(
          "draw",
          PictureGrid(
            ranked.map(\.picture), labels: ranked.map { String(format: "%.1f", $0.score) },
            marks: isRight.map { $0 ? .right : .wrong },
            title: caption),
          "Eight pictures for one caption in the order in which the captioner likes them")
      },
      Cell(
        "chooser", "What the captioner tells apart",
        full: FullRun("half an hour; needs the font (make emoji)") { _, out in
          try out.keep("score", Score(seed: out.seed))
        }
      ) { _, out in
        // ANCHOR: chooser
        let score = try out.recorded("score", as: Score.self)
        out.table(
          "% in which the right picture is preferred", ["the other is wrong in", "%", "±"],
          score.choices.map { [$0.mistake, percent($0.share), percent($0.error)] })
        // ANCHOR_END: chooser
      },
      Cell("score", "How often is it right?") { _, out in
        // ANCHOR: score
        let score = try out.recorded("score", as: Score.self)
        let parts = score.report.parts
        let rows: [(String, (EmojiReport.Part) -> [Double])] = [
          ("any one picture", { $0.one }), ("best of \(Score.candidates)", { $0.best }),
          ("one of them is right", { $0.oracle }), ("real pictures", { $0.real }),
        ]
        out.table(
          "% right of \(Score.captions) captions a split",
          ["pictures"] + parts.flatMap { [$0.split.rawValue, "±"] },
          rows.map { name, shares in [name] + parts.flatMap { estimate(shares($0)) } })
        out.table(
          "% right, best of \(Score.candidates)",
          ["aspect"] + parts.flatMap { [$0.split.rawValue, "±"] },
          EmojiAspect.allCases.map { aspect in
            [aspect.rawValue] + parts.flatMap { estimate($0.aspects[aspect.rawValue] ?? []) }
          })
        // ANCHOR_END: score
        // Of a thing that was asked for once or twice little is known.
        let worst = score.things.filter { $0.asked > 2 }.prefix(10).map {
          "\($0.name) \($0.right) of \($0.asked)"
        }
        out.print("hardest: \(worst.joined(separator: ", "))")
        let shares = score.things.map { 100 * Double($0.right) / Double($0.asked) }
        out.figure(
          "things",
          Plot(
            x: "things, the hardest first", y: Axis("% of pictures that show it", range: 0...100),
            [.points("a thing", x: shares.indices.map { Double($0 + 1) }, shares)]),
          "How often each thing is on the chosen picture when the caption asks for it")
      },
    ]
  }

  /// A mean and its standard error in per cent; nothing, of no values.
  private static func estimate(_ values: [Double]) -> [String] {
    guard let mean = Tally(values).estimate else { return ["", ""] }
    return [percent(mean.value), percent(mean.standardError)]
  }
}
