// Where CLIP and the judge disagree.

import Evaluation
import Notebook
import StickerWorld
import TensorCore

extension Chapter5 {
  static var fooledCells: [Cell<State>] {
    [
      Cell("agreement", "Does CLIP agree with the judge?") { state, out in
        // ANCHOR: agreement
        let captions = try out.recorded("sweep", as: Sweep.self).captions
        // Take a right and a wrong candidate of one caption: does CLIP prefer the right one?
        let preferred = captions.mean { judged -> Double? in
          let (right, wrong) = (judged.scores(ofRight: true), judged.scores(ofRight: false))
          if right.isEmpty || wrong.isEmpty { return nil }
          let pairs = right.flatMap { r in wrong.map { r > $0 ? 1.0 : r == $0 ? 0.5 : 0 } }
          return pairs.reduce(0, +) / Double(pairs.count)
        }
        out.value("preferred", preferred.value, .percent(1))
        out.value("error", preferred.standardError, .percent(1))

        let n = captions.candidates
        let rows = Aspect.allCases.map { aspect in
          (
            aspect: aspect, any: captions.mean { $0.right(aspect, bestOf: 1) },
            chosen: captions.mean { $0.right(aspect, bestOf: n) }
          )
        }.filter { $0.any.count > 0 }
        out.table(
          "% wrong", ["aspect", "captions", "any candidate", "best of \(n)", "±"],
          rows.map { aspect, any, chosen in
            [
              aspect.rawValue, any.count, percent(1 - any.value), percent(1 - chosen.value),
              chosen.errorPercent,
            ]
          })
        // ANCHOR_END: agreement
        let worst = rows.min { $0.chosen.value < $1.chosen.value }
        out.note("worst", worst?.aspect.rawValue ?? "none")
        let fooled = try out.recorded("sweep", as: Sweep.self).fooled
        let chosen = state.studio.decode(fooled.map(\.chosen))  // [k, C, H, W]
        let right = state.studio.decode(fooled.map(\.right))  // [k, C, H, W]
        out.figure(
          "fooled",
          PictureGrid(
            concatenate([chosen, right], axis: 0), columns: fooled.count,
            labels: fooled.map(\.complaint) + fooled.map(\.caption),
            rows: ["chosen", "a right one"], scale: 2),
          "For these captions CLIP chose the upper picture, although the lower one was among the "
            + "candidates")
      }
    ]
  }
}

extension JudgedCaption {
  /// CLIP's cosines of all right candidates, or of all wrong ones.
  func scores(ofRight right: Bool) -> [Float] {
    scores.indices.filter { isRight[$0] == right }.map { scores[$0] }
  }
}
