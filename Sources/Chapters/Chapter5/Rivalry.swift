// The rival of the paper's vote.

import Checkpoints
import DFGAN
import Evaluation
import Foundation
import Notebook
import Pretrained
import TensorCore

extension Chapter5 {
  static var rivalCells: [Cell<State>] {
    [
      Cell("rival", "A rival that draws in one step") { state, out in
        // ANCHOR: rival
        let rival = state.rival
        let (real, scenes, captions) = state.studio.real(.validation, 0..<256, seed: out.seed)
        let sentences = try rival.sentences(captions)  // [256, D]
        out.show("sentences", sentences)
        let drawn = try rival.draw(oneForEach: captions, seed: out.seed)  // [256, C, H, W]
        out.show("drawn", drawn)

        let reports = try [real, drawn].map {
          CaptionMatchReport(try state.studio.judge.matches($0, scenes))
        }
        out.table("% right", ["", "captions", "real pictures", "the rival's"], rows(reports))

        // Captions without a background leave it to the noise. How much does other noise change?
        let open = captions.indices.filter { scenes[$0].background == nil }.map { captions[$0] }
        let dalle = state.studio.dalle
        let theirs = try change(open, out.seed) { try rival.draw(oneForEach: $0, seed: $1) }
        let ours = try change(open, out.seed) { try dalle.draw(oneForEach: $0, seed: $1, .usual) }
        out.value("open", open.count)
        out.value("change-rival", theirs, .fixed(1))
        out.value("change-dalle", ours, .fixed(1))
        // ANCHOR_END: rival
        out.note("right", reports[1].everything.estimate.value, .percent(0))
        out.note("parameters", rival.generator.parameterCount)
        let again = try rival.draw(
          oneForEach: Array(captions.prefix(6)), seed: out.seed + 1)  // [6, C, H, W]
        let first = try dalle.draw(
          oneForEach: Array(captions.prefix(6)), seed: out.seed, .usual)
        let shown = [real, drawn].map { $0.sliced(axis: 0, 0..<6) } + [again, first]
        let marks = try shown.flatMap { pictures in
          try state.studio.judge.matches(pictures, Array(scenes.prefix(6)))
            .map { PictureMark(isRight: $0.isRight) }
        }
        out.figure("gan", gan(), "DF-GAN: a generator and its discriminator")
        out.figure(
          "rivals",
          PictureGrid(
            concatenate(shown, axis: 0), columns: 6,
            labels: [String](repeating: "", count: 18) + captions.prefix(6),
            rows: ["real", "DF-GAN", "other noise", "DALL·E"], marks: marks, scale: 2),
          "The first six validation captions: the data set's picture, two by the rival, and the first "
            + "one that the book's DALL·E draws with the settings of `dalle`, with the judge's marks"
        )
        out.figure(
          "curve", try learningCurve(),
          "What the judge found right in the rival's pictures for 256 validation captions as it learnt"
        )
      }
    ]
  }

  /// How much two pictures for one caption, with two seeds, differ: the mean over all numbers, of 255.
  private static func change(
    _ captions: [String], _ seed: UInt64, _ draw: ([String], _ seed: UInt64) throws -> Tensor
  ) rethrows -> Float {
    let (one, other) = (try draw(captions, seed), try draw(captions, seed + 1))
    return 255 * (one - other).abs().mean().item
  }

  /// The shares of right pictures that the rival's checkpoint remembers of its training.
  private static func learningCurve() throws -> Plot {
    let note = try Checkpoint(Pretrained.path("rival")).note(CaptionedGAN.curveNote)
    // For each name pairs of a step and a share.
    let curve = try JSONDecoder().decode([String: [[Double]]].self, from: Data(note.utf8))
    return Plot(
      "A rival learns", x: "step", y: "% right",
      ["background", "colour", "thing", "right"].map { name in
        let line = curve[name] ?? []
        return .line(
          name == "right" ? "everything" : name, x: line.map { $0[0] }, line.map { 100 * $0[1] })
      })
  }

  /// Generator and discriminator, drawn.
  static func gan() -> Diagram {
    var d = Diagram(
      "One draws, the other doubts", width: 860, height: 232,
      description:
        "Noise goes through a linear layer to a picture of 4 by 4 pixels and through four blocks, each "
        + "of which doubles it, to 64 by 64. Noise and the sentence of CLIP's text tower reach every block "
        + "as a factor and an offset for each channel. The discriminator halves real and drawn pictures "
        + "to 4 by 4, puts the sentence beside them, and says one number.")
    d.box("noise\n[64]", x: 20, y: 70, width: 84, height: 48, 5)
    d.arrow((104, 94), (130, 94))
    for (i, side) in [4, 8, 16, 32, 64].enumerated() {
      let x = 130 + 76 * Double(i)
      d.box("\(side)×\(side)", x: x, y: 70, width: 58, height: 48, 0)
      if i > 0 {
        d.arrow((x - 18, 94), (x, 94))
        d.arrow((x + 14, 176), (x + 14, 118), i == 1 ? "γ, β" : "")
      }
    }
    d.box("noise [64]", x: 130, y: 176, width: 96, height: 36, 5)
    d.box("sentence [128] of CLIP’s text tower", x: 232, y: 176, width: 260, height: 36, 1)
    d.arrow((492, 94), (540, 94), "tanh")
    d.box("drawn", x: 540, y: 70, width: 80, height: 48, 0)
    d.box("real", x: 540, y: 140, width: 80, height: 36, 5)
    d.arrow((620, 94), (660, 118))
    d.arrow((620, 158), (660, 136))
    d.box("64 → 4\nfour stages", x: 660, y: 102, width: 96, height: 52, 3)
    d.arrow((492, 194), (668, 194))
    d.arrow((708, 154), (708, 176))
    d.box("both", x: 668, y: 176, width: 80, height: 36, 3)
    d.arrow((748, 194), (786, 194))
    d.box("score", x: 786, y: 176, width: 60, height: 36, 2)
    d.text("generator", x: 310, y: 60, size: 13, isCentred: true)
    d.text("discriminator", x: 708, y: 92, size: 13, isCentred: true)
    return d
  }
}
