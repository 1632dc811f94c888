// What CLIP must learn before it can rank drawn pictures.

import CLIP
import CLIPTraining
import Chapter5
import Evaluation
import Notebook
import Pretrained
import TensorCore

extension Chapter7 {
  static var teachingCells: [Cell<State>] {
    [
      Cell("reranker", "A CLIP for drawn pictures", isAside: true) { state, out in
        // ANCHOR: reranker
        let matchers = [try Pretrained.clip(), state.studio.dalle.matcher]
        let n = 256  // pictures
        let kinds: [HardNegative] = [.thing, .colour, .accessory, .colourSwap, .orderSwap]
        out.table(
          "% of \(n) told apart, after the dVAE", ["", "chapter 2's CLIP", "±", "reranker", "±"],
          try kinds.map { kind in
            let shares = try matchers.map { matcher in
              var random = out.random.split(kind.rawValue)  // the same pictures for both
              let share = try matcher.accuracy(
                kind, .validation, count: n, through: state.studio.dalle.dvae, using: &random)
              return Estimate(right: Int((Double(n) * (share ?? 0)).rounded()), of: n)
            }
            return [kind.rawValue] + shares.flatMap { [$0.percent, $0.errorPercent] }
          })
        // ANCHOR_END: reranker
      }
    ]
  }
}
