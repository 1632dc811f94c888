// Whether the judge can be trusted, and what choosing among n is worth.

import Evaluation
import Foundation
import Notebook
import StickerWorld
import TensorCore

extension Chapter5 {
  static var judgeCells: [Cell<State>] {
    [
      Cell("judge", "Can the judge be trusted?") { state, out in
        // ANCHOR: judge
        let studio = state.studio
        let (real, scenes, _) = studio.real(.validation, 0..<256, seed: out.seed)
        let again = studio.reconstructed(real)  // [256, C, H, W]
        // Of another caption's picture the judge must not say that it is right.
        let others = Array(scenes.dropFirst() + scenes.prefix(1))

        let reports = try [(real, scenes), (again, scenes), (again, others)].map {
          CaptionMatchReport(try studio.judge.matches($0, $1))
        }
        out.table(
          "% right", ["", "captions", "real pictures", "reconstructions", "another's picture"],
          rows(reports))
        // ANCHOR_END: judge
        let shares = reports.map(\.everything.estimate.value)
        out.note("real", shares[0], .percent(1))
        out.note("reconstructions", shares[1], .percent(1))
        out.note("others", shares[2], .percent(1))
      }
    ]
  }

  /// Everything and each aspect, and in per cent how often it is right, by reports on the same captions.
  static func rows(_ reports: [CaptionMatchReport]) -> [[any TableValue]] {
    func row(_ name: String, _ share: (CaptionMatchReport) -> CaptionMatchReport.Share)
      -> [any TableValue]
    {
      [name, share(reports[0]).count] + reports.map { share($0).estimate.percent }
    }
    return [row("everything") { $0.everything }]
      + Aspect.allCases.map { aspect in row(aspect.rawValue) { $0[aspect] } }
  }

  static var worthCells: [Cell<State>] {
    [
      Cell("worth", "What the best of n is worth") { state, out in
        // ANCHOR: worth
        let judged = state.judged
        let (ranking, isRight) = (judged.ranking, judged.isRight)
        let quality = isRight.map { $0 ? 1.0 : 0 }  // [32]
        // n different candidates by chance, and the best of them: 4,000 times.
        func tried(_ n: Int) -> Double {
          let places = ranking.order.indices.sorted {
            ranking.order[$0] < ranking.order[$1]
          }  // of each candidate, its place
          let wins = (0..<4000).reduce(0.0) { sum, _ in
            var all = Array(places.indices)
            out.random.shuffle(&all)
            let best = all.prefix(n).min { places[$0] < places[$1] } ?? 0
            return sum + quality[best]
          }
          return wins / 4000
        }
        let right = isRight.count(where: { $0 })
        out.value("right", right)
        out.table(
          "% right", ["n", "4,000 tries", "formula", "a right one is there"],
          [1, 2, 4, 8, 16, 32].map { n in
            [
              n, percent(tried(n)), percent(ranking.expected(quality, bestOf: n)),
              percent(Ranking.chanceOfAny(right: right, among: 32, drawn: n)),
            ]
          })
        // ANCHOR_END: worth
      }
    ]
  }
}
