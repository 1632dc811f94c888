import PlainKernels
import TensorCore
import TestSupport
import Testing

/// A rule for which keys a query may see.
enum Pattern: String, CaseIterable, CustomTestStringConvertible {
  /// Every key.
  case full
  /// Query i of Tq sees the keys up to i + Tk - Tq.
  case causal
  /// Scattered pairs; some queries see no key.
  case scattered

  var testDescription: String { rawValue }

  func allows(_ query: Int, _ key: Int, _ s: AttentionSizes) -> Bool {
    switch self {
    case .full: true
    case .causal: key <= query + s.keys - s.queries
    case .scattered: query % 5 != 3 && (query * 31 + key * 17) % 7 < 3
    }
  }

  func mask(_ s: AttentionSizes) -> AttentionMask {
    switch self {
    case .full: .none
    case .causal: .causal
    case .scattered:
      .allowed(
        Mask(
          shape: [s.queries, s.keys],
          (0..<s.queries).flatMap { q in (0..<s.keys).map { allows(q, $0, s) ? 1 : 0 } }))
    }
  }
}

@Suite("Plain attention") struct AttentionTests {
  /// Sizes of one head: queries, keys, width, width of values.
  static let sizes = [
    AttentionSizes(queries: 1, keys: 1, width: 1, valueWidth: 1),
    AttentionSizes(queries: 7, keys: 17, width: 5, valueWidth: 3),
    AttentionSizes(queries: 33, keys: 33, width: 16, valueWidth: 17),
    AttentionSizes(queries: 100, keys: 130, width: 7, valueWidth: 33),
  ]

  @Test(arguments: sizes.indices, Pattern.allCases)
  func `attention and its gradients are the plain ones`(_ index: Int, _ pattern: Pattern) {
    let s = Self.sizes[index]
    var random = Random(seed: 1).split(index)
    let (batch, heads) = (2, 3)
    var inputs = [(s.queries, s.width), (s.keys, s.width), (s.keys, s.valueWidth)].map {
      Heads(batch: batch, heads: heads, tokens: $0.0, width: $0.1, &random)
    }
    let (q, k, v) = (
      inputs[0].tensor.requiringGradient(), inputs[1].tensor.requiringGradient(),
      inputs[2].tensor.requiringGradient()
    )
    let y = TensorCore.attention(q, k, v, heads: heads, mask: pattern.mask(s))
    let dO = Heads(batch: batch, heads: heads, tokens: s.queries, width: s.valueWidth, &random)
    y.backward(upstream: dO.tensor)
    var want = dO
    for unit in 0..<batch * heads {
      let (q, k, v) = (inputs[0][unit], inputs[1][unit], inputs[2][unit])
      let allows = { pattern.allows($0, $1, s) }
      want[unit] = PlainKernels.attention(q, k, v, s, allows: allows)
      let gradients = attentionGradient(q, k, v, dO[unit], s, allows: allows)
      (inputs[0][unit], inputs[1][unit], inputs[2][unit]) = (
        gradients.dQuery, gradients.dKey, gradients.dValue
      )
    }
    // Scores sum over the width, results and gradients over queries or keys; probabilities are at
    // most 1, so errors of the parts add up and do not grow.
    let atol = rounding(s.width + s.valueWidth + max(s.keys, s.queries))
    #expect(difference(y.scalars, want.tensor.scalars, atol: atol) == nil)
    for (got, want) in zip([q, k, v], inputs) {
      #expect(difference(got.gradient?.scalars ?? [], want.tensor.scalars, atol: atol) == nil)
    }
  }

  @Test(
    arguments: [(1, 1), (7, 5), (33, 16), (60, 17), (81, 33)] + everySize.map { ($0, 41 - $0) },
    Pattern.allCases)
  func `sparse attention, its gradient and its cache are the plain ones`(
    _ size: (tokens: Int, width: Int), _ pattern: Pattern
  ) {
    let s = AttentionSizes(
      queries: size.tokens, keys: size.tokens, width: size.width, valueWidth: size.width)
    // A cache has no later keys, so a full pattern is not for it: every pattern is made causal.
    let allows = { $1 <= $0 && pattern.allows($0, $1, s) }
    var random = Random(seed: 2).split(size.tokens)
    let (batch, heads) = (2, 3)
    let keys = sparseKeys(size.tokens, &random, allows: allows)
    let parts = (0..<3).map { _ in
      Heads(batch: batch, heads: heads, tokens: size.tokens, width: size.width, &random)
    }
    let qkv = concatenate(parts.map(\.tensor), axis: 2).requiringGradient()  // [B, T, 3 D]
    let y = sparseAttention(qkv, heads: heads, keys)
    let dO = Heads(batch: batch, heads: heads, tokens: size.tokens, width: size.width, &random)
    y.backward(upstream: dO.tensor)
    var (want, gradients) = (dO, parts)
    for unit in 0..<batch * heads {
      let (q, k, v) = (parts[0][unit], parts[1][unit], parts[2][unit])
      want[unit] = PlainKernels.attention(q, k, v, s, allows: allows)
      let slopes = attentionGradient(q, k, v, dO[unit], s, allows: allows)
      (gradients[0][unit], gradients[1][unit], gradients[2][unit]) = (
        slopes.dQuery, slopes.dKey, slopes.dValue
      )
    }
    let atol = rounding(2 * size.width + size.tokens)
    let dQKV = concatenate(gradients.map(\.tensor), axis: 2)
    #expect(difference(y.scalars, want.tensor.scalars, atol: atol) == nil)
    #expect(difference(qkv.gradient?.scalars ?? [], dQKV.scalars, atol: atol) == nil)
    // The cache takes half of the tokens at once and the others one by one.
    let cache = AttentionCache(keys, batch: batch, heads: heads, width: heads * size.width)
    let first = (size.tokens + 1) / 2
    let steps = [0..<first] + (first..<size.tokens).map { $0..<$0 + 1 }
    let cached = concatenate(steps.map { cache.attend(qkv.sliced(axis: 1, $0)) }, axis: 1)
    #expect(difference(cached.scalars, want.tensor.scalars, atol: atol) == nil)
  }

  @Test(arguments: Pattern.allCases)
  func `the plain gradients are the slopes of plain attention`(_ pattern: Pattern) {
    let s = AttentionSizes(queries: 5, keys: 7, width: 3, valueWidth: 4)
    var random = Random(seed: 3)
    let q = uniform(s.queries * s.width, &random)
    let k = uniform(s.keys * s.width, &random)
    let v = uniform(s.keys * s.valueWidth, &random)
    let dO = uniform(s.queries * s.valueWidth, &random)
    let allows = { pattern.allows($0, $1, s) }
    let (dq, dk, dv) = attentionGradient(q, k, v, dO, s, allows: allows)
    expectSlopes(dq, at: q) { dot(PlainKernels.attention($0, k, v, s, allows: allows), dO) }
    expectSlopes(dk, at: k) { dot(PlainKernels.attention(q, $0, v, s, allows: allows), dO) }
    expectSlopes(dv, at: v) { dot(PlainKernels.attention(q, k, $0, s, allows: allows), dO) }
  }
}

/// The heads of several sequences, each an array [T, D] of its own.
private struct Heads {
  let batch: Int
  let heads: Int
  let tokens: Int
  let width: Int
  private var values: [[Float]]

  init(batch: Int, heads: Int, tokens: Int, width: Int, _ random: inout Random) {
    (self.batch, self.heads, self.tokens, self.width) = (batch, heads, tokens, width)
    values = (0..<batch * heads).map { _ in uniform(tokens * width, &random) }
  }

  subscript(unit: Int) -> [Float] {
    get { values[unit] }
    set { values[unit] = newValue }
  }

  /// The heads side by side: [B, T, h · D].
  var tensor: Tensor {
    Tensor(shape: [batch, heads, tokens, width], values.flatMap { $0 }).transposed(1, 2)
      .reshaped(batch, tokens, heads * width)
  }
}

/// The keys of a pattern in a random order, as runs of neighbours.
private func sparseKeys(
  _ tokens: Int, _ random: inout Random, allows: (Int, Int) -> Bool
) -> SparseKeys {
  var order = Array(0..<tokens)
  random.shuffle(&order)
  let runs = (0..<tokens).map { query in
    order.indices.reduce(into: [KeyRun]()) { runs, slot in
      guard allows(query, order[slot]) else { return }
      if let last = runs.last, last.first + last.count == slot {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(KeyRun(slot, 1))
      }
    }
  }
  return SparseKeys(order: order, runs: runs)
}
