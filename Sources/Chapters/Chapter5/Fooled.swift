// Where CLIP and the judge disagree.

import CLIPTraining
import Evaluation
import Foundation
import Images
import Notebook
import StickerWorld
import TensorCore

extension Chapter5 {
  /// Mistakes of captions about pairs.
  static let mistakes: [HardNegative] = [
    .colourSwap, .orderSwap, .relation, .thing, .colour, .background,
  ]

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
        let solvable = captions.filter { $0.bestRight != nil }
        let found = Estimate(right: solvable.count { $0.isRight[$0.choice] }, of: solvable.count)
        let byChance = solvable.right(bestOf: 1)
        out.table(
          ["", "%", "±", "captions"],
          [
            ("a right one preferred to a wrong one", preferred),
            ("a right one chosen, where there is one", found),
            ("the same by chance", byChance),
          ].map { name, estimate in
            [name, estimate.percent, estimate.errorPercent, estimate.count]
          })

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
        out.note("preferred", preferred.value, .percent(0))
        out.note("found", found.value, .percent(0))
        out.note("chance", byChance.value, .percent(0))
        let worst = rows.min { $0.chosen.value < $1.chosen.value }
        out.note("worst", worst?.aspect.rawValue ?? "none")
      },
      Cell("fooled", "Pictures that fool it") { state, out in
        // ANCHOR: fooled
        let fooled = try out.recorded("sweep", as: Sweep.self).fooled
        for one in fooled { out.print("\(one.caption): \(one.complaint)") }
        let chosen = state.studio.decode(fooled.map(\.chosen))  // [k, C, H, W]
        let right = state.studio.decode(fooled.map(\.right))  // [k, C, H, W]
        // ANCHOR_END: fooled
        out.figure(
          "fooled",
          PictureGrid(
            concatenate([chosen, right], axis: 0), columns: fooled.count,
            labels: fooled.map(\.complaint) + fooled.map(\.caption),
            rows: ["chosen", "a right one"], scale: 2),
          "For these captions CLIP chose the upper picture, although the lower one was among the "
            + "candidates")
      },
      Cell("swaps", "One mistake in the caption") { state, out in
        // ANCHOR: swaps
        let drawings = try out.recorded("sweep", as: Sweep.self).toldApart
        let (pictures, scenes, captions) = state.studio.real(.validation, 0..<320, seed: out.seed)
        let pairs = scenes.indices.filter { scenes[$0].stickers.count == 2 }
        let real = stack(pairs.map { pictures.at($0, axis: 0) }, axis: 0)  // [p, C, H, W]
        let again = state.studio.reconstructed(real)  // [p, C, H, W]
        out.value("pairs", pairs.count)
        func share(_ all: Tensor, _ mistake: HardNegative) throws -> String {
          let nearer = try pairs.enumerated().compactMap { row, i in
            try state.studio.nearer(
              all.sliced(axis: 0, row..<row + 1), captions[i], scenes[i], mistake, seed: out.seed)
          }
          return percent(Double(nearer.reduce(0, +)) / Double(nearer.count))
        }
        out.table(
          "% nearer to the true caption",
          ["mistake", "real pictures", "reconstructions", "right drawings", "of them there are"],
          try mistakes.map { mistake in
            let counts = drawings[mistake.rawValue] ?? [0, 0]
            return [
              mistake.rawValue, try share(real, mistake), try share(again, mistake),
              counts[1] > 0 ? percent(Double(counts[0]) / Double(counts[1])) : "–", counts[1],
            ]
          })
        // ANCHOR_END: swaps
      },
    ]
  }
}

extension JudgedCaption {
  /// CLIP's cosines of all right candidates, or of all wrong ones.
  func scores(ofRight right: Bool) -> [Float] {
    scores.indices.filter { isRight[$0] == right }.map { scores[$0] }
  }
}

extension Studio {
  /// How many of some pictures [n, 3, 64, 64] CLIP finds nearer to their caption than to one
  /// with a mistake; nil if that mistake cannot be made in this scene.
  func nearer(
    _ pictures: Tensor, _ caption: String, _ scene: Scene, _ mistake: HardNegative, seed: UInt64
  ) throws -> Int? {
    var random = Random(seed: seed).split("mistake/\(mistake)").split(caption)
    guard let wrong = mistake.corrupt(scene, using: &random) else { return nil }
    let texts = try dalle.matcher.embed([caption, wrong.caption(using: &random)])  // [2, E]
    let scores = matmul(dalle.matcher.embed(pictures), texts, transposeB: true)  // [n, 2]
    return (0..<pictures.shape[0]).count { scores[$0, 0] > scores[$0, 1] }
  }
}
