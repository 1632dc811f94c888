// Is it better to draw more, or to draw differently?

import Chapter5
import DALLE
import Evaluation
import Foundation
import Notebook
import StickerWorld
import TensorCore

extension Chapter7 {
  static var sameTimeCells: [Cell<State>] {
    [
      Cell(
        "same-time", "Draw more, or draw differently?",
        full: FullRun(
          "\(Effort.wayCaptions) captions with \(Effort.wayCandidates) candidates in each of "
            + "\(ways.count) ways, "
            + Chapter5.Effort.time(
              streams: Effort.wayCaptions * Effort.wayCandidates
                * ways.reduce(0) { $0 + streams($1.value) })
        ) { state, out in
          try out.keep(
            "ways",
            try ways.map { name, options in
              let captions = try (0..<Effort.wayCaptions).map { i in
                try state.studio.draw(
                  .validation, i, count: Effort.wayCandidates, seed: out.seed, options
                ).judged
              }
              out.print("\(name) is done")
              return Way(name: name, streams: streams(options), captions: captions)
            })
        }
      ) { state, out in
        // ANCHOR: same-time
        let ways = try out.recorded("ways", as: [Way].self)
        let n = ways[0].captions.candidates
        // For s streams there are s candidates, or half as many guided ones.
        func right(_ way: Way, streams s: Int) -> Estimate {
          way.captions.right(bestOf: s / way.streams)
        }
        let costs = [2, 8, n]
        out.table(
          "% all right, \(ways[0].captions.count) validation captions; the best for so many streams",
          ["way", "one picture", "±"] + costs.flatMap { ["\($0) streams", "±"] } + [
            "oracle of \(n)"
          ],
          ways.map { way in
            let shares = [way.captions.right(bestOf: 1)] + costs.map { right(way, streams: $0) }
            return [way.name] + shares.flatMap { [$0.percent, $0.errorPercent] }
              + [way.captions.oracle(of: n).percent]
          })
        // ANCHOR_END: same-time
        let x = (1...n).map(Double.init)
        out.figure(
          "same-time",
          Plot(
            "The same time, spent otherwise",
            x: Axis("streams that were drawn", isLogarithmic: true),
            y: "% of captions all right",
            ways.map { way in
              .line(
                way.name, x: x.map { $0 * Double(way.streams) },
                x.map { 100 * way.captions.right(bestOf: Int($0)).value })
            }),
          "The best of n by what it costs: a guided picture needs two streams of tokens")
        // Of wrong pictures, the share in which two aspects or more are wrong.
        func manifold(_ way: Way) -> Double {
          let wrong = way.captions.flatMap { one in
            one.isRight.indices.filter { !one.isRight[$0] }.map { one.wrong[$0].count }
          }
          return Double(wrong.count { $0 > 1 }) / Double(wrong.count)
        }
        out.note("hot", manifold(ways[0]), .percent(0))
        out.note("cold", manifold(ways[2]), .percent(0))
        let most = costs.map { s in ways.map { right($0, streams: s).value }.max() ?? 0 }
        for (i, s) in costs.enumerated() {
          let best = ways.filter { right($0, streams: s).value > most[i] - 1e-9 }.map(\.name)
          out.note("best\(s)", best.joined(separator: "; "))
        }
      }
    ]
  }

  /// Streams of tokens for each picture: guidance needs two.
  private static func streams(_ options: SamplingOptions) -> Int { options.guidance == 1 ? 1 : 2 }

  /// One way of drawing, and its results.
  struct Way: Codable {
    let name: String
    /// Streams of tokens for each picture.
    let streams: Int
    let captions: [JudgedCaption]
  }

  /// From the paper's way to the most obedient one.
  private static let ways: KeyValuePairs<String, SamplingOptions> = [
    "temperature 1": SamplingOptions(),
    "temperature 0.7": SamplingOptions(temperature: 0.7),
    "temperature 0.4": SamplingOptions(temperature: 0.4),
    "temperature 1, guidance 2": SamplingOptions(guidance: 2),
    "temperature 0.7, guidance 2": SamplingOptions(temperature: 0.7, guidance: 2),
    "temperature 0.7, guidance 4": SamplingOptions(temperature: 0.7, guidance: 4),
  ]
}
