// What CLIP must learn before it can rank drawn pictures.

import CLIP
import CLIPTraining
import Chapter5
import Notebook
import Pretrained
import TensorCore

extension Chapter7 {
  static var teachingCells: [Cell<State>] {
    [
      Cell("reranker", "A CLIP for drawn pictures") { state, out in
        // ANCHOR: reranker
        let matchers = [try Pretrained.clip(), state.studio.dalle.matcher]
        let kinds: [HardNegative] = [.thing, .colour, .accessory, .colourSwap, .orderSwap]
        out.table(
          "% told apart, after the dVAE", ["", "chapter 2's CLIP", "reranker"],
          try kinds.map { kind in
            let shares = try matchers.map { matcher in
              var random = out.random.split(kind.rawValue)  // the same pictures for both
              return try matcher.accuracy(
                kind, .validation, through: state.studio.dalle.dvae, using: &random) ?? 0
            }
            return [kind.rawValue] + shares.map { Chapter5.percent($0) }
          })
        // ANCHOR_END: reranker
      }
    ]
  }
}
