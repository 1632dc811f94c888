// The same model, sampled in different ways.

import DALLE
import Foundation
import Images
import Notebook
import StickerWorld
import TensorCore

extension Chapter4 {
  static var drawingCells: [Cell<State>] {
    [
      Cell(
        "sampling", "From likely to surprising",
        full: FullRun("256 pictures in each of seven ways, about two minutes on two cores") {
          state, out in
          let judges = try Judges()
          try out.keep(
            "sampling",
            ways.map { name, options in
              try judges.score(name, .validation, 256, options, seed: out.seed, state.painter)
            })
        }
      ) { state, out in
        // ANCHOR: sampling
        // A place in the middle of the picture that the model drew above.
        var streams = state.decoder.read(state.text)
        let before = IndexTensor(shape: [1, 168], Array(state.drawn.values.prefix(168)))
        state.decoder.add(before, to: &streams)
        out.table(
          "the codes that may come next",
          ["way", "how many", "% the likeliest", "entropy (nats)"],
          ways.map { name, options in
            var logits = streams.logits.scalars  // [K]
            options.filter(&logits)
            let isGreedy = options.temperature == 0
            let p = isGreedy ? [1] : Tensor(logits).softmax().scalars.filter { $0 > 0 }
            let entropy = p.reduce(0) { $0 - $1 * log($1) }
            return [name, p.count, (p.max() ?? 0) * 100, entropy]
          })
        let scores = try out.recorded("sampling", as: [Score].self)
        out.table("256 validation captions, judged", Score.headers, scores.map(\.row))
        // ANCHOR_END: sampling
        let pictures = ways.map { six($1, state, seed: out.seed) }
        let all = concatenate(pictures, axis: 0)
        out.figure(
          "temperatures",
          PictureGrid(
            all, columns: 6, rows: ways.map(\.key), marks: try state.marks(all), scale: 2),
          "Six candidates of one caption, drawn in seven ways with the same random numbers; the judge "
            + "has marked which are right")
      },
      Cell(
        "guidance", "How much the caption counts",
        full: FullRun("256 pictures at each of three strengths, about two minutes on two cores") {
          state, out in
          let judges = try Judges()
          try out.keep(
            "guidance",
            [1, 2, 4].map { strength in
              try judges.score(
                "guidance \(strength)", .validation, 256,
                SamplingOptions(guidance: Float(strength)), seed: out.seed, state.painter)
            })
        }
      ) { state, out in
        // ANCHOR: guidance
        let told = state.decoder.read(state.text).logits  // [1, K]
        let free = state.decoder.read(IndexTensor(shape: state.text.shape, zeros(state.text)))
        let byHand = free.logits + (told - free.logits) * 2
        out.compare("guided by hand vs. guided", byHand, guided(told, free.logits, 2))
        // The same from probabilities: p(z) (p(z | y) / p(z))^g, made to sum to 1.
        let (p, q) = (free.logits.softmax(), told.softmax())  // [1, K]
        let powers = p * (q / p) * (q / p)  // [1, K], g = 2
        out.compare("from probabilities", powers / powers.sum(), byHand.softmax())

        let scores = try out.recorded("guidance", as: [Score].self)
        out.table("256 validation captions, judged", Score.headers, scores.map(\.row))
        // ANCHOR_END: guidance
        let strengths: [Float] = [1, 2, 4]
        let pictures = strengths.map {
          six(SamplingOptions(guidance: $0), state, seed: out.seed)
        }
        let all = concatenate(pictures, axis: 0)
        out.figure(
          "guidance",
          PictureGrid(
            all, columns: 6, rows: strengths.map { "guidance \(Int($0))" },
            marks: try state.marks(all), scale: 2),
          "Six candidates of one caption at three strengths, with the same random numbers; the judge has "
            + "marked which are right")
      },
      Cell("completion", "The rest of a picture") { state, out in
        // ANCHOR: completion
        let given = Array(state.codes.values.prefix(16 * 7))  // the upper 7 of 16 rows
        let captions = [state.caption, "a red star above a yellow boat at night"]
        let completions = try captions.map { caption in
          state.decoder.draw(
            try state.painter.ids([caption]).values, candidates: 0..<4, seed: out.seed,
            SamplingOptions(temperature: 0.7), given: given)
        }  // each [4, N]
        // ANCHOR_END: completion
        let start = [
          Image(state.picture.at(0, axis: 0)), state.painter.beginning(of: state.codes, rows: 7),
        ]
        let drawn = completions.map { state.painter.decode($0) }  // each [4, 3, 64, 64]
        let judges = try Judges()
        let marks = try zip(drawn, captions).flatMap { pictures, caption -> [PictureMark?] in
          [nil, nil] + (try judges.marks(pictures, [String](repeating: caption, count: 4)))
        }
        out.figure(
          "completion",
          PictureGrid(
            drawn.flatMap { start + Image.pictures(of: $0) },
            columns: 6, rows: ["blue house", "yellow boat"], marks: marks, scale: 2),
          "The upper seven rows of tokens come from a picture; the model draws the rest, for two "
            + "captions; the judge has marked which are right")
      },
    ]
  }

  /// Ways to sample, from the surest to the most surprising.
  static let ways: KeyValuePairs<String, SamplingOptions> = [
    "greedy": SamplingOptions(temperature: 0),
    "temperature 0.3": SamplingOptions(temperature: 0.3),
    "temperature 0.7": SamplingOptions(temperature: 0.7),
    "temperature 1": SamplingOptions(),
    "top-k 64": SamplingOptions(topK: 64),
    "threshold 0.9": SamplingOptions(threshold: 0.9),
    "top-p 0.9": SamplingOptions(topP: 0.9),
  ]

  /// Six candidates for the chapter's caption, [6, 3, 64, 64].
  private static func six(_ options: SamplingOptions, _ state: State, seed: UInt64) -> Tensor {
    state.painter.decode(
      state.decoder.draw(state.text.values, candidates: 0..<6, seed: seed, options))
  }

  /// A caption without words, as it was in a tenth of the training.
  private static func zeros(_ text: IndexTensor) -> [Int32] { text.values.map { _ in 0 } }
}
