// The rest of a picture, and combinations that training never showed.

import DALLE
import Evaluation
import Foundation
import Images
import Notebook
import Pretrained
import StickerWorld
import TensorCore

extension Chapter5 {
  static var compositionCells: [Cell<State>] {
    [
      Cell("completion", "The rest of a picture, reranked") { state, out in
        // ANCHOR: completion
        let (studio, dalle) = (state.studio, state.studio.dalle)
        let columns = dalle.transformer.model.configuration.columns
        let known = try Scene(caption: "a red star above a blue house at night")
        let picture = Tensor([known.render(Layout(for: known, seed: out.seed), size: 64)])
        let codes = dalle.dvae.encode(picture).values  // [N]
        let given = Array(codes.prefix(7 * columns))  // the upper 7 rows of tokens

        let captions = [known.description, "a red star above a yellow boat at night"]
        let completed = try captions.map { caption in
          try dalle.draw(caption, count: 16, seed: out.seed, .usual, given: given)
        }  // each [16, C, H, W]
        let judged = try zip(captions, completed).map { caption, drawn in
          try studio.judged(drawn.pictures, caption, Scene(caption: caption))
        }
        for one in judged {
          out.table(
            one.caption, ["place", "candidate", "cosine", "the judge says"],
            [0, 1, 2, 15].map { place in
              let i = one.ranking.order[place]
              return [place + 1, i, one.scores[i], one.complaint(i)]
            })
        }
        // ANCHOR_END: completion
        let start = [Image(picture.at(0, axis: 0)), dalle.beginning(given)]
        out.figure(
          "completion",
          PictureGrid(
            zip(judged, completed).flatMap { one, drawn in
              let order = one.ranking.order
              return start
                + [0, 1, 2, 15].map { Image(drawn.pictures.at(order[$0], axis: 0)) }
            },
            columns: 6,
            labels: ["picture", "given", "1st", "2nd", "3rd", "last"]
              + ["picture", "given", "1st", "2nd", "3rd", "last"],
            rows: ["blue house", "yellow boat"],
            marks: judged.flatMap { one -> [PictureMark?] in
              [nil, nil]
                + [0, 1, 2, 15].map { PictureMark(isRight: one.isRight[one.ranking.order[$0]]) }
            }, scale: 2),
          "The upper seven rows of tokens are given. Of sixteen completions for each of two captions "
            + "the first three and the last in CLIP's order")
      },
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
        func row(_ name: String, _ captions: [JudgedCaption]) -> [any TableValue] {
          let (one, best) = (captions.right(bestOf: 1), captions.right(bestOf: n))
          let aspects = [Aspect.thing, .colour, .relation, .accessory].map { aspect in
            let share = captions.mean { $0.right(aspect, bestOf: n) }
            return share.count > 0 ? share.percent : ""
          }
          return [
            name, captions.count, one.percent, one.errorPercent, best.percent, best.errorPercent,
            captions.oracle(of: n).percent,
          ] + aspects
        }
        out.table(
          "% right; single aspects of the best of \(n)",
          [
            "captions of", "", "best of 1", "±", "best of \(n)", "±", "oracle", "thing", "colour",
            "relation", "accessory",
          ], parts.map { row($0.split, $0.captions) })
        // ANCHOR_END: unseen
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
      },
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
