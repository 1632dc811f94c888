// Is it better to draw more, or to draw otherwise?

import DALLE
import Evaluation
import Foundation
import Notebook
import StickerWorld
import TensorCore

extension Chapter5 {
  static var sameTimeCells: [Cell<State>] {
    [
      Cell(
        "same-time", "Drawing more, or otherwise",
        full: FullRun(
          "\(Effort.wayCaptions) captions with \(Effort.wayCandidates) candidates in each of "
            + "\(ways.count) ways, "
            + Effort.time(
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
        let numbers = [1, 8, n]
        out.table(
          "% all right, \(ways[0].captions.count) validation captions",
          ["way", "streams"] + numbers.flatMap { ["best of \($0)", "±"] } + ["oracle"],
          ways.map { way in
            let right = numbers.map { way.captions.right(bestOf: $0) }
            return [way.name, way.streams] + right.flatMap { [$0.percent, $0.errorPercent] }
              + [way.captions.oracle(of: n).percent] as [any TableValue]
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
        let best = ways.max {
          $0.captions.right(bestOf: numbers[2]).value < $1.captions.right(bestOf: numbers[2]).value
        }
        out.value("best", best?.name ?? "none")
      }
    ]
  }

  /// Streams of tokens for each picture: guidance needs two.
  private static func streams(_ options: SamplingOptions) -> Int { options.guidance == 1 ? 1 : 2 }

  /// One way of drawing, and what came of it.
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
