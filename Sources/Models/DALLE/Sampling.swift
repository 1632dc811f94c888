// From logits to a token: temperature, the filters that drop unlikely tokens, the draw.

import Foundation
import TensorCore

/// How a token is drawn from its logits.
public struct SamplingOptions: Codable, Equatable, Sendable {
  /// What logits are divided by, above 0; 0 always takes the most likely token.
  public var temperature: Float
  /// Only the k most likely tokens are drawn; nil for all.
  public var topK: Int?
  /// Only the least number of tokens whose probabilities reach p, in 0 … 1; nil for all.
  public var topP: Double?
  /// The share of the vocabulary that is never drawn, in 0 … 1, its least likely tokens
  /// (dalle_pytorch's `filter_thres`); nil for none.
  public var threshold: Double?
  /// How much the caption counts: 1 as trained, more for more (classifier-free guidance).
  public var guidance: Float

  /// Options; the defaults are the paper's, which draws from the model as it is.
  public init(
    temperature: Float = 1, topK: Int? = nil, topP: Double? = nil, threshold: Double? = nil,
    guidance: Float = 1
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.threshold = threshold
    self.guidance = guidance
  }

  /// Why tokens cannot be drawn like this; nil if they can.
  public var flaw: String? {
    if !(temperature >= 0 && temperature.isFinite) { return "the temperature must be 0 or more" }
    if let topK, topK < 1 { return "top-k must be 1 or more" }
    if let topP, !(topP > 0 && topP <= 1) { return "top-p must be above 0 and at most 1" }
    if let threshold, !(threshold >= 0 && threshold <= 1) { return "the threshold is 0 … 1" }
    return guidance.isFinite ? nil : "the guidance must be a number"
  }

  /// Scales logits and sets those of tokens that are not to be drawn to -∞: temperature, then
  /// the number of tokens, then their mass.
  public func filter(_ logits: inout [Float]) {
    if temperature > 0 && temperature != 1 {
      for i in logits.indices { logits[i] /= temperature }
    }
    if let topK { keepLargest(topK, &logits) }
    if let threshold {
      keepLargest(max(Int((1 - threshold) * Double(logits.count)), 1), &logits)
    }
    if let topP, topP < 1 { keepMass(topP, &logits) }
  }

  /// The token that a number u in 0 ..< 1 draws.
  public func draw(_ logits: [Float], _ u: Float) -> Int32 {
    if temperature == 0 { return mostLikely(logits) }
    var logits = logits
    filter(&logits)
    return inverse(logits, u)
  }
}

/// Sets all but the k largest logits to -∞; of equal ones the first stay.
private func keepLargest(_ k: Int, _ logits: inout [Float]) {
  if k >= logits.count { return }
  let order = logits.indices.sorted { (logits[$0], -$0) > (logits[$1], -$1) }
  for i in order[k...] { logits[i] = -.infinity }
}

/// Sets the least likely logits to -∞ as long as their mass is at most 1 - p; never all.
private func keepMass(_ p: Double, _ logits: inout [Float]) {
  let probabilities = softmax(logits)
  // Tokens below (1 - p)/K can be dropped outright: even all K together stay under the budget.
  // Only a few dozen of a thousand are left to sort.
  let least = (1 - p) / Double(logits.count)
  var mass = 0.0
  for i in logits.indices where probabilities[i] < least {
    mass += probabilities[i]
    logits[i] = -.infinity
  }
  let order = logits.indices.filter { probabilities[$0] >= least }
    .sorted { (logits[$0], -$0) < (logits[$1], -$1) }
  for i in order.dropLast() {
    mass += probabilities[i]
    if mass > 1 - p { break }
    logits[i] = -.infinity
  }
}

private func softmax(_ logits: [Float]) -> [Double] {
  let top = Double(logits.max() ?? 0)
  let weights = logits.map { exp(Double($0) - top) }
  let total = weights.reduce(0, +)
  return weights.map { $0 / total }
}

private func mostLikely(_ logits: [Float]) -> Int32 {
  var best = 0
  for i in logits.indices where logits[i] > logits[best] { best = i }
  return Int32(best)
}

/// The first token at which the probabilities so far exceed u.
private func inverse(_ logits: [Float], _ u: Float) -> Int32 {
  let probabilities = softmax(logits)
  var sum = 0.0
  for (i, probability) in probabilities.enumerated() {
    sum += probability
    if sum > Double(u) { return Int32(i) }
  }
  // Rounding may leave the sum a little below 1.
  return Int32(probabilities.lastIndex { $0 > 0 } ?? 0)
}
