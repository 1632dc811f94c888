// The world, how well its pictures come through a dVAE, and who judges them.

import Checkpoints
import DiscreteVAE
import Notebook
import TensorCore

extension Chapter8 {
  static var worldCells: [Cell<State>] {
    [
      Cell(
        "world", "A hundred things, in eighteen of their scenes",
        full: FullRun("a minute or two; needs the font (make emoji)") { state, out in
          try out.keep("world", Seen(state.dvae, state.judge, seed: out.seed))
        }
      ) { state, out in
        // ANCHOR: world
        let seen = try out.recorded("world", as: Seen.self)
        let codes = IndexTensor(shape: [seen.captions.count, 8, 8], seen.codes)  // [B, h, w]
        let pictures = state.dvae.decode(codes)  // [B, C, H, W]
        out.value("psnr", seen.psnr, .fixed(1))  // dB, of 128 validation pictures
        // ANCHOR_END: world
        out.note("used", seen.used)
        out.figure(
          "world", PictureGrid(pictures, columns: 6, labels: seen.captions, scale: 2),
          "Eighteen scenes of the emoji world, as they come back from the discrete VAE's codes")
      },
      Cell("repeats", "How many codes of a thing stay the same") { _, out in
        // ANCHOR: repeats
        let seen = try out.recorded("world", as: Seen.self)
        out.table(
          "% of codes that stay the same", ["what changes", "see only the thing", "see its edge"],
          seen.repeats.map { [$0.change] + [$0.covered, $0.partly].map(percent) })
        // ANCHOR_END: repeats
      },
      Cell("exam", "Who judges") { _, out in
        // ANCHOR: exam
        let seen = try out.recorded("world", as: Seen.self)
        out.table(
          "% right", ["pictures", "caption", "drawings", "±", "network", "±"],
          zip(seen.drawings, seen.network).map { drawings, network in
            [drawings.kind, drawings.isTrue ? "found true" : "found wrong"]
              + [drawings.share, drawings.error, network.share, network.error].map(percent)
          })
        // ANCHOR_END: exam
        for row in seen.network { out.note("network-\(row.kind)", row.share, .percent(1)) }
      },
    ]
  }
}
