// The experiments of chapter 6: what gradients of a deep, narrow transformer look like from resblock to
// resblock, and how it learns with and without scales.

import DALLE
import NumberFormats
import Optimization
import TensorCore

/// Captions and pictures as tokens.
public struct TokenPairs: Sendable {
  /// [n, T]
  public let text: IndexTensor
  /// [n, N]
  public let image: IndexTensor

  /// n pairs: text ids [n, T] and codes [n, N].
  public init(text: IndexTensor, image: IndexTensor) {
    precondition(
      text.shape.count == 2 && image.shape.count == 2 && text.shape[0] == image.shape[0]
        && text.shape[0] > 0,
      "token pairs are [n, T] and [n, N] with n above 0, not \(text.shape) and \(image.shape)")
    self.text = text
    self.image = image
  }

  /// The beginning of the captions and the middle of the pictures, of `columns` codes a row: ids
  /// [n, `length`] and codes [n, side · side].
  public func cropped(length: Int, columns: Int, side: Int) -> TokenPairs {
    let (n, t, all) = (text.shape[0], text.shape[1], image.shape[1])
    precondition(
      length <= t && all % columns == 0 && side <= min(columns, all / columns),
      "captions of \(t) ids and pictures of \(all / columns)×\(columns) codes cannot be cut to "
        + "\(length) ids and \(side)×\(side) codes")
    let (top, left) = ((all / columns - side) / 2, (columns - side) / 2)
    let ids = (0..<n).flatMap { text.values[$0 * t..<$0 * t + length] }
    let codes = (0..<n).flatMap { row in
      (0..<side).flatMap { y in
        let start = row * all + (top + y) * columns + left
        return image.values[start..<start + side]
      }
    }
    return TokenPairs(
      text: IndexTensor(shape: [n, length], ids),
      image: IndexTensor(shape: [n, side * side], codes))
  }
}

/// A deep, narrow transformer on some pairs, which can be trained in several ways from the same
/// weights with the same batches.
public struct ScalingExperiment: Sendable {
  /// The model's sizes.
  public var configuration: DALLEConfiguration
  /// What it learns.
  public var pairs: TokenPairs
  /// The number of steps.
  public var steps = 20
  /// B, pairs per step.
  public var batch = 4
  /// The steps between two looks at the gradients; nil for none.
  public var interval: Int?
  /// The seed of weights and batches.
  public var seed: UInt64 = 1

  /// A transformer of `layers` blocks of width `width` for pairs whose text ids lie below `vocabulary`
  /// and whose codes, side × side of them, lie below `codes`.
  public init(
    _ pairs: TokenPairs, vocabulary: Int, codes: Int = 1024, side: Int, layers: Int = 32,
    width: Int = 64, heads: Int = 4
  ) {
    self.pairs = pairs
    configuration = DALLEConfiguration(
      textVocabulary: vocabulary, textLength: pairs.text.shape[1], imageVocabulary: codes,
      rows: side, columns: side, width: width, layers: layers, heads: heads, kernel: 3)
  }

  /// Trains a new model. The learning rate rises for a tenth of the steps, then falls.
  ///
  /// `progress` is called after each step.
  public func run(
    _ settings: MixedSettings, progress: (_ step: Int, MixedStep) -> Void = { _, _ in }
  ) -> (model: DALLE, steps: [MixedStep]) {
    let training = MixedTraining(untrained(), settings)
    var random = Random(seed: seed).split("batches")
    let schedule = Schedule.riseAndFall(to: 1, steps: steps, rise: steps / 10)
    let results = (0..<steps).map { step in
      let some = (0..<batch).map { _ in random.integer(below: pairs.text.shape[0]) }
      let result = training.step(
        text: pairs.text.rows(some), image: pairs.image.rows(some), rate: Float(schedule(step)),
        observingGradients: interval.map { step % $0 == 0 } ?? false)
      progress(step, result)
      return result
    }
    return (training.model, results)
  }

  /// Runs from the same weights with the same batches: in 32 bits; in 1-5-10 without scales; with the
  /// usual loss scale; and with a scale for each resblock. The loss is divided by M, the number of
  /// `replicas`, in all of them.
  ///
  /// `hurry` shortens the paper's 1,000 and 125 updates so many times, for runs that are as much
  /// shorter than its.
  public func compared(
    replicas: Int, rate: Float, hurry: Int = 1
  ) -> [(name: String, steps: [MixedStep])] {
    precondition(1...125 ~= hurry, "the rule is hurried 1 to 125 times, not \(hurry)")
    let own = GradientScaling.perResblock(doubling: 1000 / hurry, window: 125 / hurry)
    let ways: [(name: String, scaling: GradientScaling?)] = [
      ("f32", nil), ("no scaling", GradientScaling.none), ("one loss scale", .usualLoss),
      ("a scale per resblock", own),
    ]
    return ways.map { name, scaling in
      var settings = scaling == nil ? MixedSettings.float : MixedSettings()
      settings.scaling = scaling ?? .none
      (settings.replicas, settings.rate) = (replicas, rate)
      return (name, run(settings).steps)
    }
  }

  /// The gradients of every resblock of a model, for the first `batch` pairs: calculated in 32 bits
  /// unless `settings` says otherwise. The model stays as it is.
  public func gradients(
    of model: DALLE, _ settings: MixedSettings = .float
  ) -> [ResblockGradients] {
    let copy = untrained()
    copy.assign(model)
    return MixedTraining(copy, settings).gradients(
      text: pairs.text.rows(0..<batch), image: pairs.image.rows(0..<batch))
  }

  /// The model before its first step.
  public func untrained() -> DALLE {
    var random = Random(seed: seed).split("transformer")
    return DALLE(configuration, &random)
  }
}
