// Combinations that training never showed.

import Evaluation
import Notebook
import StickerWorld
import TensorCore

extension Chapter5 {
  static var compositionCells: [Cell<State>] {
    [
      Cell(
        "unseen", "What was never shown",
        full: FullRun(
          "\(Effort.splitCaptions) captions of each of four splits with "
            + "\(Effort.splitCandidates) candidates each, "
            + Effort.time(
              streams: 2 * splits.count * Effort.splitCaptions * Effort.splitCandidates)
        ) { state, out in
          try out.keep(
            "unseen", try splits.map { try SplitMeasure($0, state.studio, seed: out.seed) })
        }
      ) { state, out in
        // ANCHOR: unseen
        let parts = try out.recorded("unseen", as: [SplitMeasure].self)
        let n = parts[0].captions.candidates
        out.table(
          "% right; single aspects of the best of \(n)", SplitMeasure.headers(n), parts.map(\.row))
        // ANCHOR_END: unseen
        let dressed = parts[0].captions.filter { $0.spoken.contains(.accessory) }
        out.note("dressed", dressed.count)
        out.note("dressed-right", dressed.right(bestOf: 1).value, .percent(1))
        let unseen = parts.dropFirst()
        out.figure(
          "unseen",
          PictureGrid(
            state.studio.decode(unseen.flatMap(\.codes)), columns: 4,
            labels: unseen.flatMap { $0.captions.prefix($0.codes.count).map(\.caption) },
            rows: ["unseen colours", "unseen pairs", "unseen hats"],
            marks: unseen.flatMap { part in
              part.captions.prefix(part.codes.count).map {
                PictureMark(isRight: $0.isRight[$0.choice])
              }
            }, scale: 2),
          "The best of \(n), in CLIP's eyes, for the first four captions with a colour, a pair, and "
            + "an accessory that training never showed")
      }
    ]
  }

  private static let splits: [StickerWorld.Split] = [
    .validation, .unseenColours, .unseenPairs, .unseenAccessories,
  ]

  /// The results for captions of a split, drawn with the default options of `dalle`.
  struct SplitMeasure: Codable {
    let split: String
    let captions: [JudgedCaption]
    /// CLIP's choices for the first four captions, N codes each.
    let codes: [[Int32]]

    static func headers(_ n: Int) -> [String] {
      [
        "captions of", "", "best of 1", "±", "best of \(n)", "±", "oracle", "thing", "colour",
        "relation", "accessory",
      ]
    }

    var row: [any TableValue] {
      let n = captions.candidates
      let (one, best) = (captions.right(bestOf: 1), captions.right(bestOf: n))
      let aspects = [Aspect.thing, .colour, .relation, .accessory].map { aspect in
        let share = captions.mean { $0.right(aspect, bestOf: n) }
        return share.count > 0 ? share.percent : ""
      }
      return [
        split, captions.count, one.percent, one.errorPercent, best.percent, best.errorPercent,
        captions.oracle(of: n).percent,
      ] + aspects
    }

    init(_ split: StickerWorld.Split, _ studio: Studio, seed: UInt64) throws {
      let all = try (0..<Effort.splitCaptions).map {
        try studio.draw(split, $0, count: Effort.splitCandidates, seed: seed)
      }
      self.split = split.name
      captions = all.map(\.judged)
      codes = all.prefix(4).map { $0.drawn.codes(of: $0.judged.choice) }
    }
  }
}
