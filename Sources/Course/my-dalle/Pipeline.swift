// All steps from a caption to ranked pictures.

import DALLE
import Images
import TensorCore
import TextToImage

/// A DALL·E whose steps may be a learner's.
struct Pipeline {
  private let drawing: Drawing
  private let choosing: Choosing
  private let steps: Steps

  /// A pipeline of the package's models and the functions that take the steps.
  init(_ dalle: TextToImage, _ steps: Steps) {
    drawing = withoutGradient { Drawing(dalle.transformer, steps) }
    choosing = Choosing(dalle: dalle, steps: steps)
    self.steps = steps
  }

  /// Draws candidates for a caption and returns the best, best first. If all steps are right, these
  /// are the pictures of `TextToImage`, up to rounding.
  ///
  /// - Parameter progress: Called with the number of tokens drawn so far for all candidates.
  /// - Throws: A `TextError` if the caption is too long.
  func best(
    _ keep: Int, of candidates: Int, for caption: String, seed: UInt64, _ options: SamplingOptions,
    progress: (_ tokens: Int) -> Void = { _ in }
  ) throws -> [RankedPicture] {
    if options.guidance == 1 { steps.rest("4.9", "--guidance is 1") }
    if options.threshold == nil { steps.rest("4.7", "no --threshold") }
    if (options.topP ?? 1) == 1 { steps.rest("4.8", "--top-p is 1") }
    if options.temperature == 0 {
      for exercise in ["4.7", "4.8"] { steps.rest(exercise, "--temperature is 0") }
    }
    let ids = try drawing.ids(caption)
    let c = drawing.sizes
    var (codes, pictures): ([Int32], [Tensor]) = ([], [])
    withoutGradient {
      for part in (0..<candidates).parts(of: 64) {
        let drawn = drawing.draw(ids, candidates: part, seed: seed, options) { tokens in
          progress(part.lowerBound * c.imageTokens + part.count * tokens)
        }
        codes += drawn.values
        let grid = IndexTensor(shape: [part.count, c.rows, c.columns], drawn.values)
        pictures.append(choosing.decode(grid))
      }
    }
    let all = concatenate(pictures, axis: 0)  // [n, 3, H, W]
    let best = try withoutGradient { try choosing.best(keep, of: all, caption) }
    return best.map { candidate, score in
      let own = candidate * c.imageTokens..<(candidate + 1) * c.imageTokens
      return RankedPicture(
        candidate: candidate, score: score, picture: Image(all.at(candidate, axis: 0)),
        codes: Array(codes[own]))
    }
  }
}
