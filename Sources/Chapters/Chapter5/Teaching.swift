// What CLIP must learn before it can rank drawn pictures.

import CLIP
import CLIPTraining
import Notebook
import Pretrained
import TensorCore

extension Chapter5 {
  static var teachingCells: [Cell<State>] {
    [
      Cell("reranker", "A CLIP for drawn pictures") { state, out in
        // ANCHOR: reranker
        let (before, after) = (try Pretrained.clip(), state.studio.dalle.matcher)
        let dvae = state.studio.dalle.dvae
        func share(_ matcher: CaptionMatcher, _ kind: HardNegative, isDecoded: Bool) throws
          -> String
        {
          var random = out.random.split(kind.rawValue)  // the same pictures for all
          let share = try matcher.accuracy(
            kind, .validation, through: isDecoded ? dvae : nil, using: &random)
          return percent(share ?? 0)
        }
        let kinds: [HardNegative] = [.thing, .colour, .accessory, .colourSwap, .orderSwap]
        out.table(
          "% told apart", ["", "CLIP, real", "CLIP, through dVAE", "reranker, through dVAE"],
          try kinds.map { kind in
            [
              kind.rawValue, try share(before, kind, isDecoded: false),
              try share(before, kind, isDecoded: true), try share(after, kind, isDecoded: true),
            ]
          })
        // ANCHOR_END: reranker
      }
    ]
  }
}
