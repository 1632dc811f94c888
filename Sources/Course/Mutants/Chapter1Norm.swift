// Mutants of layer normalisation, exercise 1.6.

import CourseKit
import Solutions
import TensorCore

enum OverTokens: Mutant1 {
  static let note = Note(
    "1.6", caughtBy: "a token of two numbers",
    "mean and variance are those of all tokens; each token has its own")
  static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    let centred = x - x.mean()
    return centred / (centred.square().mean() + 1e-5).squareRoot() * gain + bias
  }
}

enum VarianceForDeviation: Mutant1 {
  static let note = Note(
    "1.6", caughtBy: "a token of two numbers",
    "this divides by the variance; the deviation is its root")
  static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    let centred = x - x.mean(axis: -1, keepingAxis: true)
    return centred / (centred.square().mean(axis: -1, keepingAxis: true) + 1e-5) * gain + bias
  }
}

enum SampleVariance: Mutant1 {
  static let note = Note(
    "1.6", caughtBy: "a token of two numbers",
    "this divides by D - 1; the variance of a token divides by D")
  static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    let d = Float(x.shape[x.rank - 1])
    let centred = x - x.mean(axis: -1, keepingAxis: true)
    let variance = centred.square().sum(axis: -1, keepingAxis: true) / (d - 1)
    return centred / (variance + 1e-5).squareRoot() * gain + bias
  }
}

enum NothingAdded: Mutant1 {
  static let note = Note(
    "1.6", caughtBy: "a token of equal numbers",
    "nothing is added to the variance, so a token of equal numbers becomes 0 / 0")
  static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    let centred = x - x.mean(axis: -1, keepingAxis: true)
    let variance = centred.square().mean(axis: -1, keepingAxis: true)
    return centred / variance.squareRoot() * gain + bias
  }
}
