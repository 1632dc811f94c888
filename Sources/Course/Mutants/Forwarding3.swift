import CourseKit
import Solutions
import TensorCore

/// A wrong answer to one exercise of chapter 3; all others are the reference's.
protocol Mutant3: Chapter3Exercises {
  /// The exercise that it answers wrongly, and how.
  static var note: Note { get }
}

extension Mutant3 {
  static var mutant: Mutant {
    var implementation = reference
    implementation.chapter3 = self
    return note.mutant("\(self)", implementation)
  }

  static func bound(prior: [Double], likelihood: [Double], guess: [Double], beta: Double) throws
    -> Double
  {
    try Reference3.bound(prior: prior, likelihood: likelihood, guess: guess, beta: beta)
  }
  static func divergence(_ logits: Tensor) throws -> Tensor {
    try Reference3.divergence(logits)
  }
  static func gumbelMax(_ logits: Tensor, uniform: Tensor) throws -> IndexTensor {
    try Reference3.gumbelMax(logits, uniform: uniform)
  }
  static func gumbelSoftmax(_ logits: Tensor, uniform: Tensor, temperature: Float) throws -> Tensor
  {
    try Reference3.gumbelSoftmax(logits, uniform: uniform, temperature: temperature)
  }
  static func temperature(at step: Int, of steps: Int, from start: Double, to end: Double) throws
    -> Double
  {
    try Reference3.temperature(at: step, of: steps, from: start, to: end)
  }
  static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor {
    try Reference3.logitLaplace(x, mean: mean, logScale: logScale)
  }
  static func mapPixels(_ x: Tensor) throws -> Tensor {
    try Reference3.mapPixels(x)
  }
  static func unmapPixels(_ x: Tensor) throws -> Tensor {
    try Reference3.unmapPixels(x)
  }
  static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double {
    try Reference3.perplexity(codes, vocabulary: vocabulary)
  }
  static func boundLoss(_ logDensity: Tensor, divergence: Tensor, beta: Float) throws -> Tensor {
    try Reference3.boundLoss(logDensity, divergence: divergence, beta: beta)
  }
}
