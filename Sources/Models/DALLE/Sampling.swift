// From logits to a token: temperature, the filters that cut off unlikely tokens, the draw.

import Foundation
import Kernels
import TensorCore

/// How tokens are drawn.
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
  // So unlikely a token goes in any case: even K of them have less than that mass. What is left to
  // be sorted are some tens of a thousand.
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

extension DALLEDecoder {
  /// Draws pictures for a caption.
  ///
  /// - Parameters:
  ///   - text: Text ids [T], 0 for padding.
  ///   - candidates: Which pictures: number i of a seed is the same picture whatever others are
  ///     drawn beside it, and on any number of threads.
  ///   - given: The first codes of all pictures, to be completed.
  ///   - progress: Is told how many tokens of each picture are done.
  /// - Returns: Codes [candidates, N].
  public func draw(
    _ text: [Int32], candidates: Range<Int>, seed: UInt64, _ options: SamplingOptions,
    given: [Int32] = [], progress: (_ tokens: Int) -> Void = { _ in }
  ) -> IndexTensor {
    let (c, n) = (model.configuration, model.configuration.imageTokens)
    precondition(options.flaw == nil, options.flaw ?? "")
    precondition(given.count <= n, "\(given.count) codes are given for a picture of \(n)")
    let b = candidates.count
    // The caption is read once for all candidates, and for guidance once more without its words.
    var branches = [read(IndexTensor(shape: [1, c.textLength], text))]
    if options.guidance != 1 {
      branches.append(read(IndexTensor(shape: [1, c.textLength], text.map { _ in 0 })))
    }
    func feed(_ codes: IndexTensor) {
      for i in branches.indices { add(codes, to: &branches[i]) }
    }
    if !given.isEmpty && given.count < n { feed(IndexTensor(shape: [1, given.count], given)) }
    branches = branches.map { $0.repeated(b) }

    var chance = candidates.map { Random(seed: seed).split("candidate").split($0) }
    var codes = [[Int32]](repeating: given, count: b)
    for place in given.count..<n {
      if place > given.count { feed(IndexTensor(shape: [b, 1], codes.map { $0[place - 1] })) }
      let told = branches[0].logits  // [B, K]
      let logits = branches.count == 1 ? told : guided(told, branches[1].logits, options.guidance)
      let u = chance.indices.map { chance[$0].uniform() }
      for (row, code) in draws(logits, u, options).enumerated() { codes[row].append(code) }
      progress(place + 1)
    }
    return IndexTensor(shape: [b, n], codes.flatMap { $0 })
  }

  /// One token for each row of logits [B, K].
  private func draws(_ logits: Tensor, _ u: [Float], _ options: SamplingOptions) -> [Int32] {
    let (b, k) = (logits.shape[0], logits.shape[1])
    let rows = logits.scalars
    return [Int32](unsafeUninitializedCapacity: b) { buffer, count in
      nonisolated(unsafe) let codes = buffer
      parallelFor(b) { row in
        codes[row] = options.draw(Array(rows[row * k..<(row + 1) * k]), u[row])
      }
      count = b
    }
  }
}

/// Classifier-free guidance: free + (told - free) · scale, for logits with the caption and
/// without it.
public func guided(_ told: Tensor, _ free: Tensor, _ scale: Float) -> Tensor {
  free + (told - free) * scale
}
