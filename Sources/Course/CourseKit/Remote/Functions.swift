// The functions of all exercises by name, on both sides: called by the grader, and answered by a
// submission.

import TensorCore

extension Remote {
  /// Functions that run in the process of `serve`.
  public static let implementation = Implementation(
    name: "yours", chapter1: Remote1.self, chapter2: Remote2.self, chapter3: Remote3.self,
    chapter4: Remote4.self, chapter5: Remote5.self, chapter6: Remote6.self)
}

/// The functions of all chapters, by the names that requests use.
public func functions(of implementation: Implementation) -> [String: Answering.Function] {
  [
    functions(of: implementation.chapter1), functions(of: implementation.chapter2),
    functions(of: implementation.chapter3), functions(of: implementation.chapter4),
    functions(of: implementation.chapter5), functions(of: implementation.chapter6),
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }
}

private enum Remote1: Chapter1Exercises {
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    try Remote.call("patchify", images, patch)
  }
  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    try Remote.call("unpatchify", patches, patch, rows, columns)
  }
  static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor {
    try Remote.call("embed", images, weight, bias)
  }
  static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    try Remote.call("attention", query, key, value)
  }
  static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    try Remote.call("normalize", x, gain, bias)
  }
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    try Remote.call("block", x, weights, heads)
  }
  static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    try Remote.call("interpolate", positions, from.rows, from.columns, to.rows, to.columns)
  }
  static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    try Remote.call("rollout", probabilities)
  }
  /// The submission draws from a stream of its own, so that it cannot know the grader's.
  static func corruption(patches: Int, using random: inout Random) throws -> [Int?] {
    try Remote.call("corruption", patches, Int(random.next() >> 1))
  }
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    try Remote.call("maskedLoss", logits, colours, sources)
  }
}

/// The functions of chapter 1 by name.
public func functions(of c: any Chapter1Exercises.Type) -> [String: Answering.Function] {
  [
    "patchify": .init { try c.patchify($0, patch: $1) },
    "unpatchify": .init { try c.unpatchify($0, patch: $1, rows: $2, columns: $3) },
    "embed": .init { try c.embed($0, weight: $1, bias: $2) },
    "attention": .init { try c.attention($0, $1, $2) },
    "normalize": .init { try c.normalize($0, gain: $1, bias: $2) },
    "block": .init { try c.block($0, $1, heads: $2) },
    "interpolate": .init { try c.interpolate($0, from: ($1, $2), to: ($3, $4)) },
    "rollout": .init { try c.rollout($0) },
    "corruption": .init { (patches: Int, seed: Int) in
      var random = Random(seed: UInt64(bitPattern: Int64(seed)))
      return try c.corruption(patches: patches, using: &random)
    },
    "maskedLoss": .init { try c.maskedLoss($0, colours: $1, sources: $2) },
  ]
}

private enum Remote2: Chapter2Exercises {
  static func merge(_ word: [String], merges: [(left: String, right: String)]) throws -> [String] {
    try Remote.call("merge", word, merges.map { [$0.left, $0.right] })
  }
  static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor {
    try Remote.call("pool", states, ids)
  }
  static func similarities(
    _ pictures: Tensor, _ captions: Tensor, logitScale: Float
  ) throws -> Tensor {
    try Remote.call("similarities", pictures, captions, logitScale)
  }
  static func contrastiveLoss(_ logits: Tensor) throws -> Tensor {
    try Remote.call("contrastiveLoss", logits)
  }
  static func contrastiveGradient(_ logits: Tensor) throws -> Tensor {
    try Remote.call("contrastiveGradient", logits)
  }
  static func classifier(prompts: [Tensor]) throws -> Tensor {
    try Remote.call("classifier", prompts)
  }
  static func classify(_ pictures: Tensor, classifier: Tensor) throws -> [Int] {
    try Remote.call("classify", pictures, classifier)
  }
  static func hardNegatives(of caption: String, colours: [String]) throws -> [String] {
    try Remote.call("hardNegatives", caption, colours)
  }
  static func retrieval(_ logits: Tensor) throws -> (captions: Double, pictures: Double) {
    let shares: [Double] = try Remote.call("retrieval", logits)
    guard shares.count == 2 else { throw CheckError("your process sent no two shares") }
    return (shares[0], shares[1])
  }
}

/// The functions of chapter 2 by name.
public func functions(of c: any Chapter2Exercises.Type) -> [String: Answering.Function] {
  [
    "merge": .init { (word: [String], merges: [[String]]) in
      try c.merge(word, merges: merges.map { ($0.first ?? "", $0.last ?? "") })
    },
    "pool": .init { try c.pool($0, ids: $1) },
    "similarities": .init { try c.similarities($0, $1, logitScale: $2) },
    "contrastiveLoss": .init { try c.contrastiveLoss($0) },
    "contrastiveGradient": .init { try c.contrastiveGradient($0) },
    "classifier": .init { try c.classifier(prompts: $0) },
    "classify": .init { try c.classify($0, classifier: $1) },
    "hardNegatives": .init { try c.hardNegatives(of: $0, colours: $1) },
    "retrieval": .init { (logits: Tensor) in
      let shares = try c.retrieval(logits)
      return [shares.captions, shares.pictures]
    },
  ]
}

private enum Remote3: Chapter3Exercises {
  static func bound(
    prior: [Double], likelihood: [Double], guess: [Double], beta: Double
  ) throws -> Double {
    try Remote.call("bound", prior, likelihood, guess, beta)
  }
  static func divergence(_ logits: Tensor) throws -> Tensor {
    try Remote.call("divergence", logits)
  }
  static func gumbelMax(_ logits: Tensor, uniform: Tensor) throws -> IndexTensor {
    try Remote.call("gumbelMax", logits, uniform)
  }
  static func gumbelSoftmax(
    _ logits: Tensor, uniform: Tensor, temperature: Float
  ) throws -> Tensor {
    try Remote.call("gumbelSoftmax", logits, uniform, temperature)
  }
  static func temperature(
    at step: Int, of steps: Int, from start: Double, to end: Double
  ) throws -> Double {
    try Remote.call("temperature", step, steps, start, end)
  }
  static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor {
    try Remote.call("logitLaplace", x, mean, logScale)
  }
  static func mapPixels(_ x: Tensor) throws -> Tensor { try Remote.call("mapPixels", x) }
  static func unmapPixels(_ x: Tensor) throws -> Tensor { try Remote.call("unmapPixels", x) }
  static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double {
    try Remote.call("perplexity", codes, vocabulary)
  }
  static func boundLoss(_ logDensity: Tensor, divergence: Tensor, beta: Float) throws -> Tensor {
    try Remote.call("boundLoss", logDensity, divergence, beta)
  }
}

/// The functions of chapter 3 by name.
public func functions(of c: any Chapter3Exercises.Type) -> [String: Answering.Function] {
  [
    "bound": .init { try c.bound(prior: $0, likelihood: $1, guess: $2, beta: $3) },
    "divergence": .init { try c.divergence($0) },
    "gumbelMax": .init { try c.gumbelMax($0, uniform: $1) },
    "gumbelSoftmax": .init { try c.gumbelSoftmax($0, uniform: $1, temperature: $2) },
    "temperature": .init { try c.temperature(at: $0, of: $1, from: $2, to: $3) },
    "logitLaplace": .init { try c.logitLaplace($0, mean: $1, logScale: $2) },
    "mapPixels": .init { try c.mapPixels($0) },
    "unmapPixels": .init { try c.unmapPixels($0) },
    "perplexity": .init { try c.perplexity($0, vocabulary: $1) },
    "boundLoss": .init { try c.boundLoss($0, divergence: $1, beta: $2) },
  ]
}

private enum Remote4: Chapter4Exercises {
  static func pad(_ captions: [[Int32]], length: Int, vocabulary: Int) throws -> IndexTensor {
    try Remote.call("pad", captions, length, vocabulary)
  }
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    try Remote.call("rowMask", text, grid)
  }
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    try Remote.call("columnMask", text, grid)
  }
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    try Remote.call("convolutionMask", text, grid, kernel)
  }
  static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor {
    try Remote.call("loss", logits, tokens, text)
  }
  static func attentionStep(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: inout KeyValueCache, heads: Int
  ) throws -> Tensor {
    let result: [Tensor?] = try Remote.call(
      "attentionStep", query, key, value, cache.keys, cache.values, heads)
    guard result.count == 3, let context = result[0] else {
      throw CheckError("your process sent no context with a cache")
    }
    (cache.keys, cache.values) = (result[1]?.detached, result[2]?.detached)
    return context.detached
  }
  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    try Remote.call("topK", logits, threshold)
  }
  static func topP(_ logits: Tensor, p: Double) throws -> Tensor {
    try Remote.call("topP", logits, p)
  }
  static func guide(conditioned: Tensor, unconditioned: Tensor, scale: Float) throws -> Tensor {
    try Remote.call("guide", conditioned, unconditioned, scale)
  }
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    try Remote.call(
      "completed", given, grid, stream.pairs, stream.columns, stream.places, stream.codes)
  }
}

/// The functions of chapter 4 by name.
public func functions(of c: any Chapter4Exercises.Type) -> [String: Answering.Function] {
  [
    "pad": .init { try c.pad($0, length: $1, vocabulary: $2) },
    "rowMask": .init { try c.rowMask(text: $0, grid: $1) },
    "columnMask": .init { try c.columnMask(text: $0, grid: $1) },
    "convolutionMask": .init { try c.convolutionMask(text: $0, grid: $1, kernel: $2) },
    "loss": .init { try c.loss($0, tokens: $1, text: $2) },
    "attentionStep": .init {
      (query: Tensor, key: Tensor, value: Tensor, keys: Tensor?, values: Tensor?, heads: Int) in
      var cache = KeyValueCache()
      (cache.keys, cache.values) = (keys, values)
      let context = try c.attentionStep(query, key, value, cache: &cache, heads: heads)
      return [context, cache.keys, cache.values]
    },
    "topK": .init { try c.topK($0, threshold: $1) },
    "topP": .init { try c.topP($0, p: $1) },
    "guide": .init { try c.guide(conditioned: $0, unconditioned: $1, scale: $2) },
    "completed": .init {
      (
        given: [Int32], grid: Int, pairs: Tensor, columns: Tensor, places: Tensor, codes: [Int32]
      ) in
      let stream = CodeStream(pairs: pairs, columns: columns, places: places, codes: codes)
      return try c.completed(given, grid: grid, stream: stream)
    },
  ]
}

private enum Remote5: Chapter5Exercises {
  static func majority(_ votes: [[Int]], options: Int) throws -> [Int] {
    try Remote.call("majority", votes, options)
  }
  static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int] {
    try Remote.call("rerank", pictures, caption, k)
  }
  static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    try Remote.call("bestOf", n, scores, qualities)
  }
  static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    try Remote.call("inceptionScore", probabilities, splits)
  }
  static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double {
    try Remote.call("frechetDistance", a, b)
  }
  static func matchingLoss(real: Tensor, drawn: Tensor, mismatched: Tensor) throws -> Double {
    try Remote.call("matchingLoss", real, drawn, mismatched)
  }
  static func gradientPenalty(w: Tensor, u: Tensor, weight k: Float, power p: Int) throws
    -> [Tensor]
  {
    try Remote.call("gradientPenalty", w, u, k, p)
  }
}

/// The functions of chapter 5 by name.
public func functions(of c: any Chapter5Exercises.Type) -> [String: Answering.Function] {
  [
    "majority": .init { try c.majority($0, options: $1) },
    "rerank": .init { try c.rerank($0, caption: $1, keep: $2) },
    "bestOf": .init { try c.bestOf($0, scores: $1, qualities: $2) },
    "inceptionScore": .init { try c.inceptionScore($0, splits: $1) },
    "frechetDistance": .init { try c.frechetDistance($0, $1) },
    "matchingLoss": .init { try c.matchingLoss(real: $0, drawn: $1, mismatched: $2) },
    "gradientPenalty": .init { try c.gradientPenalty(w: $0, u: $1, weight: $2, power: $3) },
  ]
}
