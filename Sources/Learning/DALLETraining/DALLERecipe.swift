import DALLE
import Optimization
import TensorCore

/// The settings of a run of the transformer.
public struct DALLERecipe: Codable, Equatable, Sendable {
  /// The number of pictures that are turned into tokens, once, before the first step.
  public var pictures = 176_000
  /// Whether codes are drawn from the dVAE's posterior; otherwise the most probable ones are used.
  public var isSampled = false
  /// The number of optimiser steps.
  public var steps = 10_000
  /// B, pairs per step.
  public var batch = 16
  /// The highest learning rate.
  public var rate: Float = 1.5e-3
  /// What turns gradients into steps.
  public var optimizer = OptimizerChoice.adamW
  /// BPE dropout: the probability that a merge of the tokenizer is skipped (appendix B.1: 0.1).
  public var textDropout: Float = 0.1
  /// The share of pairs whose caption is left out, as classifier-free guidance requires.
  public var captionDropout: Float = 0.1
  /// The share of pictures, 0 … 1, in whose place the model reads random codes in the first step. It falls to
  /// 0 over the first four fifths of the steps.
  public var codeNoise: Float = 0
  /// The random seed of weights, pictures and training.
  public var seed: UInt64 = 1

  /// The recipe of the bundled transformer.
  public init() {}

  /// The recipe for the emoji world: words are read as they are, and codes are noisy at first. There a few
  /// codes tell what a thing is, so the caption matters only where it begins. Many steps learn best at a rate lower
  /// than `rate(of:)`.
  public static let emoji: DALLERecipe = {
    var recipe = DALLERecipe()
    (recipe.textDropout, recipe.codeNoise) = (0, 0.5)
    (recipe.optimizer, recipe.rate) = (.muon, 2.5e-3)
    return recipe
  }()

  /// The highest rate at which an optimiser learns pictures of any kind in a few thousand steps.
  public static func rate(of optimizer: OptimizerChoice) -> Float {
    optimizer == .muon ? 4e-3 : DALLERecipe().rate
  }

  /// The decay of the moving average of weights per step. The average reaches back over a twentieth
  /// of the run, or over 1,000 steps if that is less.
  var averageDecay: Float { max(0, 1 - 1 / min(1000, max(1, Float(steps) / 20))) }

  /// A rate that rises, then falls along half a cosine to a fiftieth. (The paper halves the rate
  /// whenever the loss stops falling, which takes more steps than we have.)
  var schedule: Schedule { .riseAndFall(to: rate, steps: steps, rise: 200, fall: 50) }
}

extension DALLERecipe {
  /// The codes of a picture as the model reads them at a step: its own, or random ones of a codebook of K.
  ///
  /// Where neighbours tell what comes next, a model hardly needs the caption, and is slow to learn what it
  /// says (Bowman et al., 2016, §3.1, of words). Without them only the caption tells which thing stands where.
  func noisy(
    _ codes: [Int32], of vocabulary: Int, at step: Int, _ random: inout Random
  ) -> [Int32] {
    let share = codeNoise * max(0, 1 - Float(step) / (0.8 * Float(steps)))
    if share == 0 || random.uniform() >= share { return codes }
    return codes.map { _ in Int32(random.integer(below: vocabulary)) }
  }
}

extension SamplingOptions {
  /// For models that have learnt less than the bundled ones. Guidance lifts codes that are improbable with the
  /// caption and more so without it; where a model is wrong about improbable codes, that draws speckles.
  public static let cautious = SamplingOptions(temperature: 0.5, topP: 0.95, guidance: 1.5)
  /// For models that know the emoji world. Of pictures that a caption allows, guidance prefers those which the
  /// caption makes more probable, so all of them become alike; with less of it, they differ.
  public static let varied = SamplingOptions(temperature: 0.7, topP: 0.95, guidance: 1.2)
}

extension DALLEConfiguration {
  /// The model that chapter 4 trains on stickers: pictures of 16×16 tokens, with 1,024 codes, and a
  /// tokenizer of `vocabulary` tokens.
  public static func stickers(vocabulary: Int) -> DALLEConfiguration {
    DALLEConfiguration(
      textVocabulary: vocabulary, textLength: 20, imageVocabulary: 1024, rows: 16, columns: 16,
      width: 192, layers: 6, heads: 6, kernel: 7)
  }

  /// The model of the emoji world, narrower than that of stickers: a step takes little more than half as long,
  /// and in the first minutes the image loss falls faster.
  public static func emoji(vocabulary: Int) -> DALLEConfiguration {
    var c = stickers(vocabulary: vocabulary)
    (c.width, c.heads) = (128, 4)
    return c
  }
}
