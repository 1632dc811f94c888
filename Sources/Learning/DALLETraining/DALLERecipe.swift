import DALLE
import NeuralNetwork

/// The settings of a run of the transformer.
public struct DALLERecipe: Codable, Equatable, Sendable {
  /// Pictures that are turned into tokens once, before the first step.
  public var pictures = 176_000
  /// Whether their codes are drawn from the dVAE's posterior instead of its most probable ones.
  public var isSampled = false
  /// Steps of the optimiser.
  public var steps = 10_000
  /// B, pairs per step.
  public var batch = 16
  /// The highest learning rate.
  public var rate: Float = 1.5e-3
  /// The probability that a merge of the tokenizer is passed over (appendix B.1: 0.1).
  public var textDropout: Float = 0.1
  /// The share of pairs whose caption is left out, so that the model can be asked without one.
  public var captionDropout: Float = 0.1
  /// Decides everything that is left to chance.
  public var seed: UInt64 = 1

  /// The recipe of the transformer that comes with the book.
  public init() {}

  /// What a step keeps of the mean of weights: the mean reaches back over a twentieth of the run,
  /// or over 1,000 steps if that is less.
  var averageDecay: Float { max(0, 1 - 1 / min(1000, max(1, Float(steps) / 20))) }

  /// Rises, then falls along half a cosine to a fiftieth. (The paper halves the rate whenever
  /// the loss stops falling, which takes more steps than we have.)
  var schedule: Schedule { .riseAndFall(to: rate, steps: steps, rise: 200, fall: 50) }
}

extension DALLEConfiguration {
  /// The model that chapter 4 trains on stickers: 16×16 tokens of 1,024 codes.
  public static func stickers(vocabulary: Int) -> DALLEConfiguration {
    DALLEConfiguration(
      textVocabulary: vocabulary, textLength: 20, imageVocabulary: 1024, rows: 16, columns: 16,
      width: 192, layers: 6, heads: 6, kernel: 7)
  }
}
