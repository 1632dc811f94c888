// From a caption's ids to codes, with a learner's functions in place of the package's: the decoder,
// the loop and the weights are those of `DALLEDecoder` and `TokenDrawing`.

import CourseKit
import DALLE
import NeuralNetwork
import TensorCore

/// Draws the codes of pictures with a learner's functions.
final class Drawing {
  let transformer: CaptionedDALLE
  let steps: Steps
  private let decoder: DALLEDecoder
  var model: DALLE { transformer.model }
  var sizes: DALLEConfiguration { transformer.model.configuration }
  var chapter4: any Chapter4Exercises.Type { steps.yours.chapter4 }

  /// Asks the learner's functions for the masks, and tries the attention step.
  init(_ transformer: CaptionedDALLE, _ steps: Steps) {
    self.transformer = transformer
    self.steps = steps
    let model = transformer.model
    let attention = AttentionStep(steps, heads: model.configuration.heads)
    var views: [AttentionKind: View] = [:]
    let layers = zip(model.configuration.patterns, model.keys).map { pattern, keys in
      let view = views[pattern.kind] ?? View(pattern, keys, steps)
      views[pattern.kind] = view
      return view
    }
    let token = Tensor.zeros([1, model.configuration.width])
    _ = attention(token, token, token, keys: [], values: [])
    decoder = DALLEDecoder(model) { layer, batch in
      if steps["4.6"] == .yours { return LearnerMemory(layers[layer].mask, attention) }
      return AttentionCache(
        layers[layer].keys, batch: batch, heads: model.configuration.heads,
        width: model.configuration.width)
    }
  }

  /// Draws codes [candidates, N] for a caption's ids without padding; number i of a seed is the
  /// same picture whatever others are drawn with it.
  ///
  /// - Parameter progress: Called with the number of tokens that each picture has.
  func draw(
    _ ids: [Int32], candidates: Range<Int>, seed: UInt64, _ options: SamplingOptions,
    progress: (_ tokens: Int) -> Void = { _ in }
  ) -> IndexTensor {
    let text = streams(ids)  // [2, 1 + T], with the caption and without
    let rules = TokenDrawing.Rules(
      guide: { [self] in guide($0, $1, $2) },
      choose: { [self] logits, uniform, options in
        let isGreedy = options.temperature == 0
        return chosen(
          filter(logits, options), uniform, SamplingOptions(temperature: isGreedy ? 0 : 1))
      })
    var drawing = TokenDrawing(
      decoder, decoder.read(stream: text.rows(0..<1)),
      unconditional: options.guidance == 1 ? nil : decoder.read(stream: text.rows(1..<2)),
      random: Random.candidates(candidates, seed: seed), options, rules: rules)
    return drawing.finish(progress: progress)
  }
}
