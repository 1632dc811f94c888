// Scaled dot-product attention (Vaswani et al., 2017, §3.2.1) of one head of one sequence.
//
// A pattern says which keys a query may see. Here every query meets every key, and the forbidden
// scores become -infinity; the fast loops do not visit most of them.

/// The sizes of an attention.
public struct AttentionSizes: Sendable {
  /// Tq, the number of queries.
  public var queries: Int
  /// Tk, the number of keys and values.
  public var keys: Int
  /// D, the width of queries and keys.
  public var width: Int
  /// E, the width of values.
  public var valueWidth: Int

  /// Queries [Tq, D], keys [Tk, D] and values [Tk, E].
  public init(queries: Int, keys: Int, width: Int, valueWidth: Int) {
    self.queries = queries
    self.keys = keys
    self.width = width
    self.valueWidth = valueWidth
  }
}

/// The probabilities of attention: softmax(Q Kᵀ / √D) over the keys that each query may see.
///
/// query [Tq, D], key [Tk, D] → [Tq, Tk]. A query that may see no key gets zeros.
public func attentionProbabilities(
  _ query: [Float], _ key: [Float], _ s: AttentionSizes,
  allows: (_ query: Int, _ key: Int) -> Bool
) -> [Float] {
  let scale = 1 / Float(s.width).squareRoot()
  let columns = transposed(key, rows: s.keys, columns: s.width)  // [D, Tk]
  var scores = matrixProduct(query, columns, m: s.queries, k: s.width, n: s.keys)  // [Tq, Tk]
  for i in 0..<s.queries {
    for j in 0..<s.keys {
      scores[i * s.keys + j] = allows(i, j) ? scores[i * s.keys + j] * scale : -.infinity
    }
  }
  return softmax(scores, rows: s.queries, n: s.keys)
}

/// softmax(Q Kᵀ / √D) V: each query gets a mean of the values whose keys it may see.
///
/// query [Tq, D], key [Tk, D], value [Tk, E] → [Tq, E].
public func attention(
  _ query: [Float], _ key: [Float], _ value: [Float], _ s: AttentionSizes,
  allows: (_ query: Int, _ key: Int) -> Bool
) -> [Float] {
  let p = attentionProbabilities(query, key, s, allows: allows)  // [Tq, Tk]
  return matrixProduct(p, value, m: s.queries, k: s.keys, n: s.valueWidth)
}

/// The gradients of attention.
///
/// With P the probabilities: dV = Pᵀ dO, dP = dO Vᵀ, dS = softmax's gradient of dP,
/// dQ = dS K / √D and dK = dSᵀ Q / √D. Forbidden pairs have P = 0, hence dS = 0.
///
/// query [Tq, D], key [Tk, D], value [Tk, E], dO [Tq, E] → dQ [Tq, D], dK [Tk, D], dV [Tk, E].
public func attentionGradient(
  _ query: [Float], _ key: [Float], _ value: [Float], _ dO: [Float], _ s: AttentionSizes,
  allows: (_ query: Int, _ key: Int) -> Bool
) -> (dQuery: [Float], dKey: [Float], dValue: [Float]) {
  let scale = 1 / Float(s.width).squareRoot()
  let p = attentionProbabilities(query, key, s, allows: allows)  // [Tq, Tk]
  let pT = transposed(p, rows: s.queries, columns: s.keys)  // [Tk, Tq]
  let dV = matrixProduct(pT, dO, m: s.keys, k: s.queries, n: s.valueWidth)  // [Tk, E]
  let vT = transposed(value, rows: s.keys, columns: s.valueWidth)  // [E, Tk]
  let dP = matrixProduct(dO, vT, m: s.queries, k: s.valueWidth, n: s.keys)  // [Tq, Tk]
  let dS = softmaxGradient(p, dP, rows: s.queries, n: s.keys).map { $0 * scale }  // [Tq, Tk]
  let dST = transposed(dS, rows: s.queries, columns: s.keys)  // [Tk, Tq]
  let dQ = matrixProduct(dS, key, m: s.queries, k: s.keys, n: s.width)  // [Tq, D]
  let dK = matrixProduct(dST, query, m: s.keys, k: s.queries, n: s.width)  // [Tk, D]
  return (dQ, dK, dV)
}
