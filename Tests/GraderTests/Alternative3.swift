import CourseKit
import Foundation
import TensorCore

/// Right answers that differ from the solutions'; where gradients are asked for, other
/// operations.
enum Alternative3: Chapter3Exercises {
  static func bound(
    prior: [Double], likelihood: [Double], guess: [Double], beta: Double
  ) throws -> Double {
    let fit = zip(guess, likelihood).map { $0 == 0 ? 0 : $0 * log($1) }.reduce(0, +)
    let price = zip(guess, prior).map { $0 == 0 ? 0 : $0 * (log($0) - log($1)) }.reduce(0, +)
    return fit - beta * price
  }

  static func divergence(_ logits: Tensor) throws -> Tensor {
    // Σ q x - ln Σ e^x + ln K
    let k = Float(logits.shape[logits.rank - 1])
    return (logits.softmax() * logits).sum(axis: -1) - logits.logSumExp() + log(k)
  }

  static func gumbelMax(_ logits: Tensor, uniform: Tensor) throws -> IndexTensor {
    let (b, k) = (logits.shape[0], logits.shape[1])
    let codes = (0..<b).map { row -> Int32 in
      var (best, place) = (-Float.infinity, 0)
      for code in 0..<k {
        let value = logits[row, code] - log(-log(uniform[row, code]))
        if value > best { (best, place) = (value, code) }
      }
      return Int32(place)
    }
    return IndexTensor(codes)
  }

  static func gumbelSoftmax(_ logits: Tensor, uniform: Tensor, temperature: Float) throws -> Tensor
  {
    let noisy = (logits - (uniform.log() * -1).log()) * (1 / temperature)
    let weights = (noisy - noisy.maximum(axis: 1, keepingAxis: true)).exp()
    return weights / weights.sum(axis: 1, keepingAxis: true)
  }

  static func temperature(
    at step: Int, of steps: Int, from start: Double, to end: Double
  ) throws -> Double {
    if step >= steps { return end }
    // cos² of half the angle falls from 1 to 0.
    let half = cos(.pi / 2 * Double(step) / Double(steps))
    return end + (start - end) * half * half
  }

  static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor {
    let logit = (x / (1 - x)).log()
    return (logit - mean).abs() * (-logScale).exp() * -1 - logScale - (x * (1 - x) * 2).log()
  }

  static func mapPixels(_ x: Tensor) throws -> Tensor {
    Tensor(shape: x.shape, x.scalars.map { 0.1 + 0.8 * $0 })
  }

  static func unmapPixels(_ x: Tensor) throws -> Tensor {
    Tensor(shape: x.shape, x.scalars.map { min(1, max(0, 1.25 * $0 - 0.125)) })
  }

  static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double {
    let counts = Dictionary(codes.map { ($0, 1.0) }, uniquingKeysWith: +)
    let n = Double(codes.count)
    // The product of p^(-p).
    return counts.values.reduce(1) { $0 * pow($1 / n, -$1 / n) }
  }

  static func boundLoss(_ logDensity: Tensor, divergence: Tensor, beta: Float) throws -> Tensor {
    // Two means, with β made as much smaller as there are fewer places than numbers.
    let places = Float(divergence.count) / Float(logDensity.count)
    return divergence.mean() * (beta * places) - logDensity.mean()
  }
}
