// Scaled dot-product attention (Vaswani et al., 2017, §3.2.1) of several heads at once.

import Kernels

/// Which keys a query may attend to.
public enum AttentionMask: Sendable {
  /// All of them.
  case none
  /// Query i of Tq sees keys up to i + Tk - Tq: the past and itself.
  case causal
  /// 1 = may attend; shape [Tq, Tk], or with leading axes of size B (or 1) and h (or 1).
  case allowed(Mask)
}

/// softmax(q kᵀ / √Dh) v for every head.
///
/// The heads lie side by side in the width: query [B, Tq, h · Dh], key [B, Tk, h · Dh] and
/// value [B, Tk, h · Dv] → [B, Tq, h · Dv]. Nothing is permuted or copied for them. A query
/// that may attend to no key gets zeros.
public func attention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, heads: Int, mask: AttentionMask = .none
) -> Tensor {
  attention(query, key, value, heads: heads, mask: mask, probabilities: nil)
}

/// The result of `attention`, [B, Tq, h · Dv], and the attention probabilities [B, h, Tq, Tk],
/// which carry no gradient.
public func attentionWithProbabilities(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, heads: Int, mask: AttentionMask = .none
) -> (result: Tensor, probabilities: Tensor) {
  let probabilities = Tensor(
    uninitialized: [query.shape[0], heads, query.shape[1], key.shape[1]])
  let result = attention(
    query, key, value, heads: heads, mask: mask, probabilities: probabilities)
  return (result, probabilities)
}

private func attention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, heads: Int, mask: AttentionMask,
  probabilities: Tensor?
) -> Tensor {
  precondition(
    query.rank == 3 && key.rank == 3 && value.rank == 3 && heads > 0
      && key.shape[0] == query.shape[0] && value.shape[0] == query.shape[0]
      && key.shape[1] == value.shape[1] && key.shape[2] == query.shape[2]
      && query.shape[2] % heads == 0 && value.shape[2] % heads == 0,
    "attention: query \(query.shape), key \(key.shape) and value \(value.shape) are not "
      + "[B, Tq, D], [B, Tk, D] and [B, Tk, E] for \(heads) heads")
  let width = query.shape[2] / heads
  let keyMask = KeyMaskStorage(
    mask, batch: query.shape[0], heads: heads, queries: query.shape[1], keys: key.shape[1])
  let s = AttentionProblem(
    batch: query.shape[0], heads: heads, queries: query.shape[1], keys: key.shape[1],
    width: width, valueWidth: value.shape[2] / heads, scale: 1 / Float(width).squareRoot(),
    mask: keyMask.mask)
  let y = Tensor(uninitialized: [s.batch, s.queries, value.shape[2]])
  let logSums = Tensor(uninitialized: [s.batch, heads, s.queries])
  Kernels.attention(
    s, query: view(query, heads), key: view(key, heads), value: view(value, heads),
    output: view(y, heads), logSums: logSums.pointer, probabilities: probabilities?.pointer)
  let result = y.recorded(from: query, key, value) { dy in
    let (dq, dk, dv) = (
      Tensor(uninitialized: query.shape), Tensor(uninitialized: key.shape),
      Tensor(uninitialized: value.shape)
    )
    attentionGradient(
      s, query: view(query, heads), key: view(key, heads), value: view(value, heads),
      output: view(y, heads), logSums: logSums.pointer, outputGradient: view(dy, heads),
      queryGradient: view(dq, heads), keyGradient: view(dk, heads),
      valueGradient: view(dv, heads))
    withExtendedLifetime(keyMask) {}
    query.receive(dq)
    key.receive(dk)
    value.receive(dv)
  }
  withExtendedLifetime(keyMask) {}
  return result
}

/// The heads of a tensor [B, T, h · Dh].
func view(_ x: Tensor, _ heads: Int) -> HeadView {
  HeadView(
    x.pointer, batchStride: x.shape[1] * x.shape[2], headStride: x.shape[2] / heads,
    rowStride: x.shape[2])
}

/// Keeps the bytes of a mask at one address while kernels read them.
private final class KeyMaskStorage {
  let mask: KeyMask
  private let bytes: UnsafeMutableBufferPointer<UInt8>?

  init(_ mask: AttentionMask, batch: Int, heads: Int, queries: Int, keys: Int) {
    switch mask {
    case .none: (self.mask, bytes) = (.none, nil)
    case .causal: (self.mask, bytes) = (.causal, nil)
    case .allowed(let allowed):
      let shape = [Int](repeating: 1, count: max(0, 4 - allowed.shape.count)) + allowed.shape
      precondition(
        shape.count == 4 && [1, batch].contains(shape[0]) && [1, heads].contains(shape[1])
          && shape[2] == queries && shape[3] == keys,
        "attention: mask \(allowed.shape) does not fit [\(batch), \(heads), \(queries), \(keys)]")
      let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, allowed.bytes.count))
      _ = memory.initialize(from: allowed.bytes)
      bytes = memory
      self.mask = .bytes(
        UnsafePointer(memory.baseAddress!),
        batchStride: shape[0] == 1 ? 0 : shape[1] * queries * keys,
        headStride: shape[1] == 1 ? 0 : queries * keys)
    }
  }

  deinit { bytes?.deallocate() }
}
