// A folder of strangers' pictures.

import Checkpoints
import Images
import Notebook
import PictureFiles
import TensorCore

extension Chapter8 {
  static var clipArtCells: [Cell<State>] {
    [
      Cell(
        "folder", "What is read of a folder",
        full: FullRun("a quarter of an hour; needs clip art (apt-get install openclipart-png)") {
          _, out in
          let folder = out.trainingFolder(ModelCard(kind: "clip art", config: [String: String]()))
          try out.keep("clip-art", ClipArt(in: folder.path, seed: out.seed))
        }
      ) { _, out in
        // ANCHOR: folder
        let art = try out.recorded("clip-art", as: ClipArt.self)
        out.print(art.report)
        // ANCHOR_END: folder
      },
      Cell("clip-art", "What three hundred drawings teach") { _, out in
        // ANCHOR: clip-art
        let art = try out.recorded("clip-art", as: ClipArt.self)
        out.value("psnr", art.quality, .fixed(1))  // dB, of the learnt pictures
        out.table(
          "image loss, nats per token",
          ["steps", "\(art.learnt) learnt pictures", "\(art.heldOut) others"],
          art.points.map { [$0.steps, $0.learnt, $0.others] })
        // ANCHOR_END: clip-art
        let columns = art.shown.map { [$0.picture, $0.reconstructed, $0.drawn, $0.nearest] }
        let pictures = try (0..<4).flatMap { row in
          try columns.map { try Image(data: Array($0[row]), name: "the record") }
        }
        let labels =
          art.shown.map(\.caption) + [String](repeating: "", count: pictures.count - columns.count)
        out.figure(
          "clip-art",
          PictureGrid(
            pictures, columns: columns.count, labels: labels,
            rows: ["learnt", "from its codes", "drawn", "nearest"]),
          "Six drawings of the set, what the dVAE makes of them, what is drawn for their captions, and what in the set is most like that"
        )
      },
    ]
  }
}
