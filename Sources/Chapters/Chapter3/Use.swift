// What the dVAE does with pictures it has never seen, and what its codes mean.

import ClassifierTraining
import DVAETraining
import DiscreteVAE
import Images
import Notebook
import Pretrained
import StickerTraining
import StickerWorld
import TensorCore

extension Chapter3 {
  static var useCells: [Cell<State>] {
    [
      Cell("quality", "What comes back", isAside: true) { state, out in
        // ANCHOR: quality
        let rows = StickerWorld.Split.allCases.map { split -> [any TableValue] in
          let pictures = DVAETraining.stickers(split, count: 256)
          let report = state.dvae.report(pictures, using: &out.random)
          return [split.name, report.psnr, report.absoluteError * 255, report.perplexity]
        }
        out.table(["256 pictures of", "PSNR (dB)", "mean error (levels)", "perplexity"], rows)

        let report = state.dvae.report(state.pictures, using: &out.random)
        out.value("psnr", report.psnr, .fixed(1))
        // ANCHOR_END: quality
        let some = [0..<4, 4..<8].map { state.pictures.sliced(axis: 0, $0) }
        out.figure(
          "reconstructions",
          PictureGrid(
            concatenate(some.flatMap { [$0, state.dvae.decode(state.dvae.encode($0))] }, axis: 0),
            columns: 4, rows: ["picture", "256 tokens", "picture", "256 tokens"], scale: 3),
          "Eight validation pictures, and below each what the decoder draws from its tokens")
      },
      Cell("classes", "Is a star still a star?", isAside: true) { state, out in
        // ANCHOR: classes
        let classifier = try Pretrained.classifier()
        var rows: [[any TableValue]] = []
        for split in [StickerWorld.Split.validation, .unseenColours, .unseenAccessories] {
          var random = out.random.split(split.name)
          let stickers = LabelledStickers(split, count: 500, using: &random)
          let again = stickers.withImages(state.dvae.reconstructed(stickers.images))
          for (name, set) in [("originals", stickers), ("reconstructions", again)] {
            let report = classifier.evaluate(set)
            rows.append(["\(split.name), \(name)"] + report.accuracies.map { $0 * 100 })
          }
        }
        out.table(["500 pictures of", "% thing", "% colour", "% background"], rows)
        // ANCHOR_END: classes
      },
      Cell("usage", "What each code draws") { state, out in
        // ANCHOR: usage
        var counts = [Int](repeating: 0, count: 1024)
        for start in stride(from: 0, to: 256, by: 16) {
          let part = state.pictures.sliced(axis: 0, start..<start + 16)
          for code in state.dvae.encode(part).values { counts[Int(code)] += 1 }
        }
        out.value("perplexity", perplexity(of: counts), .fixed(0))
        out.value("dead", counts.count { $0 == 0 })
        let ranked = counts.indices.sorted { (-counts[$0], $0) < (-counts[$1], $1) }
        // A code alone, 4 × 4 times the same one.
        let chosen = stride(from: 0, to: 1024, by: 8).map { Int32(ranked[$0]) }
        let ids = chosen.flatMap { [Int32](repeating: $0, count: 16) }
        let drawn = state.dvae.decode(IndexTensor(shape: [128, 4, 4], ids))  // [128, 3, 16, 16]
        // ANCHOR_END: usage
        let total = Double(counts.reduce(0, +))
        out.figure(
          "usage",
          Plot(
            "How often codes are used", x: "code, by rank",
            y: Axis("share (%)", isLogarithmic: true),
            .line(
              "share", x: (1...1024).map(Double.init).filter { counts[ranked[Int($0) - 1]] > 0 },
              ranked.filter { counts[$0] > 0 }.map { 100 * Double(counts[$0]) / total })),
          "All codes on 256 validation pictures, most frequent first")
        out.figure(
          "codes", PictureGrid(drawn, columns: 16, scale: 3, gutter: 4),
          "Every eighth code by rank, drawn 4 × 4 times: flat backgrounds first, edges later")
      },
      Cell("tokens", "A picture as a grid of tokens") { state, out in
        // ANCHOR: tokens
        let tokens = state.dvae.encode(state.picture)  // [1, 16, 16]
        let sky = tokens.values[16 * 8 + 1]  // at the left edge
        let star = tokens.values[16 * 4 + 8]  // in the middle of the star
        var swapped = tokens
        swapped.values = tokens.values.map { $0 == sky ? star : $0 == star ? sky : $0 }
        var moved = tokens
        for row in 1..<8 {
          let start = 16 * row
          moved.values.replaceSubrange(
            start..<start + 13, with: tokens.values[start + 3..<start + 16])
        }
        out.value("sky", Int(sky))
        out.value("star", Int(star))
        let edited = concatenate(
          [tokens, swapped, moved].map { state.dvae.decode($0) }, axis: 0)  // [3, 3, 64, 64]
        // ANCHOR_END: tokens
        out.figure(
          "grid", PictureGrid(patches(of: tokens, state.dvae), columns: 16, scale: 9, gutter: 3),
          "The 256 tokens of a red star above a blue house at night, each as its code paints a place "
            + "among its like")
        out.figure(
          "edited",
          PictureGrid(
            concatenate([state.picture, edited], axis: 0), columns: 4,
            labels: ["picture", "decoded", "two codes exchanged", "upper half moved"]),
          "Tokens can be edited by hand")
      },
    ]
  }
}

extension Chapter3 {
  /// For each token what its code draws alone: a place inside 4 × 4 of the same code.
  private static func patches(of tokens: IndexTensor, _ dvae: DiscreteVAE) -> [Image] {
    let ids = tokens.values.flatMap { [Int32](repeating: $0, count: 16) }
    let drawn = dvae.decode(IndexTensor(shape: [tokens.values.count, 4, 4], ids))  // [N, 3, 16, 16]
    return Image.pictures(of: drawn).map { $0.cropped(x: 4, y: 4, width: 4, height: 4) }
  }
}

extension DiscreteVAE {
  /// Pictures [n, C, H, W] encoded and decoded, 50 at a time.
  fileprivate func reconstructed(_ images: Tensor) -> Tensor {
    inParts(of: 50, count: images.shape[0]) { part in
      decode(encode(images.sliced(axis: 0, part)))
    }
  }
}
