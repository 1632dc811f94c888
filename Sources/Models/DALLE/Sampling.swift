// From logits to a token: temperature, filters that drop unlikely tokens, and the draw.

import TensorCore

#if canImport(Foundation)
  import Foundation
#endif

/// How a token is drawn from its logits.
public struct SamplingOptions: Codable, Equatable, Sendable {
  /// The number that logits are divided by; 0 always takes the most likely token.
  public var temperature: Float
  /// Draws only from the k most likely tokens; nil for all.
  public var topK: Int?
  /// Draws only from the smallest set of most likely tokens whose probabilities sum to p, in
  /// 0 … 1; nil for all.
  public var topP: Double?
  /// The share of the vocabulary, in 0 … 1, that is never drawn: its least likely tokens
  /// (dalle_pytorch's `filter_thres`); nil for none.
  public var threshold: Double?
  /// The scale of classifier-free guidance: 1 for none; the larger, the more the caption counts.
  public var guidance: Float

  /// Options; the defaults draw from the model's own distribution, as in the paper.
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

  /// Why tokens cannot be drawn with these options; nil if they can.
  public var flaw: String? {
    if !(temperature >= 0 && temperature.isFinite) {
      return
        "the temperature must be 0 to 3.4e38; 0 takes the likeliest token, 1 the model as it is"
    }
    if let topK, topK < 1 { return "top-k must be 1 or more; leave it out to draw from all tokens" }
    if let topP, !(topP > 0 && topP <= 1) {
      return "top-p must be above 0 and at most 1; leave it out to draw from all tokens"
    }
    if let threshold, !(threshold >= 0 && threshold <= 1) { return "the threshold must be 0 to 1" }
    return abs(guidance) <= 1000 ? nil : "the guidance must be -1000 to 1000; try 1 to 4"
  }

  /// Divides logits [K] by the temperature, then sets those of tokens that must not be drawn to -∞:
  /// first by number, then by probability mass.
  public func filter(_ logits: inout [Float]) {
    if temperature > 0 && temperature != 1 { divide(&logits, by: temperature) }
    if let topK { keepLargest(topK, &logits) }
    if let threshold {
      keepLargest(max(Int((1 - threshold) * Double(logits.count)), 1), &logits)
    }
    if let topP, topP < 1 { keepMass(topP, &logits) }
  }

  /// The token that a uniform number u in 0 ..< 1 draws from logits [K], of which none is NaN or ∞
  /// and not all are -∞.
  public func draw(_ logits: [Float], _ u: Float) -> Int32 {
    precondition(
      logits.allSatisfy { $0 < .infinity } && logits.contains { $0 > -.infinity },
      "no token can be drawn: its logits are NaN or infinite, as weights far too large make them")
    if temperature == 0 { return mostLikely(logits) }
    var logits = logits
    filter(&logits)
    return inverse(logits, u)
  }
}

/// Divides logits by a temperature. Where the quotients leave the range of numbers, they become
/// those of the limit: 0 for the largest, -∞ for the rest.
private func divide(_ logits: inout [Float], by temperature: Float) {
  let top = logits.max() ?? 0
  let isInRange = (top / temperature).isFinite
  for i in logits.indices {
    logits[i] = isInRange ? logits[i] / temperature : logits[i] == top ? 0 : -.infinity
  }
}

/// Sets all but the k largest logits to -∞; of equal ones the first are kept.
private func keepLargest(_ k: Int, _ logits: inout [Float]) {
  if k >= logits.count { return }
  let order = logits.indices.sorted { (logits[$0], -$0) > (logits[$1], -$1) }
  for i in order[k...] { logits[i] = -.infinity }
}

/// Sets the logits of the least likely tokens to -∞, as many as have a mass of at most 1 - p, but
/// never all.
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

/// The first token at which the cumulated probability exceeds u.
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
