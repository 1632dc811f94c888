// Many pictures for one caption, of which one is kept.

import DALLE
import Evaluation
import Foundation
import Images
import Notebook
import Pretrained
import StickerWorld
import TensorCore
import TextToImage

extension Chapter5 {
  static var choosingCells: [Cell<State>] {
    [
      Cell("candidates", "Thirty-two, and an order") { state, out in
        // ANCHOR: candidates
        let (dalle, caption) = (state.studio.dalle, state.caption)
        let pictures = try dalle.draw(caption, count: 32, seed: out.seed, SamplingOptions())
          .pictures  // [n, C, H, W]
        let images = dalle.matcher.embed(pictures)  // [n, E], of length 1
        let text = try dalle.matcher.embed([caption])  // [1, E], of length 1
        let cosines = matmul(images, text, transposeB: true).flattened  // [n]
        let order = Ranking(cosines.scalars).order

        state.judged = try state.studio.judged(pictures, caption, state.scene)
        out.show("pictures", pictures)
        out.show("images", images)
        out.show("cosines", cosines)
        let wrong = order.indices.filter { !state.judged.isRight[order[$0]] }
        out.table(
          ["place", "candidate", "cosine", "the judge says"],
          ([0, 1, 2] + wrong.filter { $0 > 2 }).map { place in
            let i = order[place]
            return [place + 1, i, state.judged.scores[i], state.judged.complaint(i)]
          })
        out.value("wrong", wrong.count)
        // ANCHOR_END: candidates
        let shown = Array(order[..<6] + order[13..<19] + order[26...])
        out.figure(
          "architecture", architecture(),
          "Reranking: 32 candidates for a caption, in the order of CLIP's cosines. The judge takes no "
            + "part in it")
        out.figure(
          "candidates",
          PictureGrid(
            shown.map { Image(pictures.at($0, axis: 0)) }, columns: 6,
            labels: shown.map { String(format: "%.3f", state.judged.scores[$0]) },
            rows: ["best", "middle", "last"],
            marks: shown.map { PictureMark(isRight: state.judged.isRight[$0]) }, scale: 2),
          "Eighteen of 32 candidates for “\(caption)”: the first six in CLIP's order, six from the "
            + "middle, and the last six, each with its cosine and the judge's mark")
      },
      Cell(
        "best-of", "Best of 1, 8, 64, 512",
        full: FullRun(
          "\(Effort.shownCaptions) captions with \(Effort.shown) candidates each, "
            + Effort.time(streams: Effort.shownCaptions * Effort.shown)
        ) { state, out in
          try out.keep(
            "best-of",
            try Shown.captions.prefix(Effort.shownCaptions).map {
              try Shown($0, state, seed: out.seed)
            })
        }
      ) { state, out in
        let shown = try out.recorded("best-of", as: [Shown].self)
        let shares = shown.map { $0.judged.right(bestOf: 1) }
        out.note("hardest", shares.min() ?? 0, .percent(0))
        out.note("easiest", shares.max() ?? 0, .percent(0))
        let grid = Shown.numbers.indices.flatMap { row in shown.map { $0.codes[row] } }
        let isLast = { (i: Int) in i >= grid.count - shown.count }
        out.figure(
          "best-of",
          PictureGrid(
            Image.pictures(of: state.studio.decode(grid)), columns: shown.count,
            labels: grid.indices.map { isLast($0) ? shown[$0 % shown.count].judged.caption : "" },
            rows: Shown.numbers.map { "best of \($0)" },
            marks: Shown.numbers.flatMap { n in
              shown.map { PictureMark(isRight: $0.judged.isRight[$0.judged.choice(ofFirst: n)]) }
            }, scale: 3),
          "The picture that CLIP likes best among the first 1, 8, 64 and 512 candidates for a "
            + "caption; the judge has marked which are right")
      },
    ]
  }

  /// A caption of the figure with the best of 1, 8, 64 and 512.
  struct Shown: Codable {
    let judged: JudgedCaption
    /// The best of the first n candidates, for each n of `numbers`; N codes each.
    let codes: [[Int32]]

    static let numbers = [1, 8, 64, Effort.shown]
    static let captions = [
      "an orange cat wearing a green hat at sunset", "a small blue fish in the top left at night",
      "a small green penguin wearing a yellow bow on the beach",
      "a white rocket to the left of an orange tree at night",
    ]

    init(_ caption: String, _ state: State, seed: UInt64) throws {
      let drawn = try state.studio.dalle.draw(
        caption, count: Effort.shown, seed: seed, SamplingOptions())
      let judged = try state.studio.judged(
        drawn.pictures, caption, Scene(caption: caption))
      self.judged = judged
      codes = Self.numbers.map { drawn.codes(of: judged.choice(ofFirst: $0)) }
    }
  }

  /// A share as per cent with one digit.
  package static func percent(_ share: Double) -> String { String(format: "%.1f", share * 100) }
}
