// Mutants of the loss, exercise 3.8.

import CourseKit
import Solutions
import TensorCore

enum TwoMeans: Mutant3 {
  static let note = Note(
    "3.8", caughtBy: "four numbers and one place",
    "each term is a mean of its own, so β weighs H·W·C / (h·w) times as much as it says")
  static func boundLoss(_ logDensity: Tensor, divergence: Tensor, beta: Float) throws -> Tensor {
    divergence.mean() * beta - logDensity.mean()
  }
}

enum SumsOnly: Mutant3 {
  static let note = Note(
    "3.8", caughtBy: "four numbers and one place",
    "the sums of a picture are not divided by the number of its values, H·W·C")
  static func boundLoss(_ logDensity: Tensor, divergence: Tensor, beta: Float) throws -> Tensor {
    try Reference3.boundLoss(logDensity, divergence: divergence, beta: beta)
      * Float(logDensity.count / logDensity.shape[0])
  }
}

enum SumOverPictures: Mutant3 {
  static let note = Note(
    "3.8", caughtBy: "the same pictures twice",
    "pictures are added up; the loss is their mean")
  static func boundLoss(_ logDensity: Tensor, divergence: Tensor, beta: Float) throws -> Tensor {
    try Reference3.boundLoss(logDensity, divergence: divergence, beta: beta)
      * Float(logDensity.shape[0])
  }
}

enum BoundNotLoss: Mutant3 {
  static let note = Note(
    "3.8", caughtBy: "four numbers and one place",
    "this is the bound, which should rise; the loss is its negative")
  static func boundLoss(_ logDensity: Tensor, divergence: Tensor, beta: Float) throws -> Tensor {
    try Reference3.boundLoss(logDensity, divergence: divergence, beta: beta) * -1
  }
}
