// Attention to the tokens before, one token at a time: exercise 4.6.

import CourseKit
import DALLE
import TensorCore

/// The attention step of a learner, or the package's in its place.
struct AttentionStep {
  private let steps: Steps
  private let heads: Int

  init(_ steps: Steps, heads: Int) {
    self.steps = steps
    self.heads = heads
  }

  /// The newest token [B, D] attends to the tokens with these keys and values [B, D], and to itself.
  /// Returns the context, and the token's own key and value from the cache, all [B, D].
  func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, keys: [Tensor], values: [Tensor]
  ) -> (context: Tensor, key: Tensor, value: Tensor) {
    let (b, d, t) = (query.shape[0], query.shape[1], keys.count)
    var cache = KeyValueCache()
    if t > 0 { (cache.keys, cache.values) = (stack(keys, axis: 1), stack(values, axis: 1)) }
    let before = cache
    return steps.take("4.6") {
      let context = try steps.yours.chapter4.attentionStep(
        query, key, value, cache: &cache, heads: heads)
      guard let keys = cache.keys, let values = cache.values, keys.shape == [b, t + 1, d],
        values.shape == [b, t + 1, d]
      else { return (context, Tensor.zeros([0]), Tensor.zeros([0])) }
      return (context, keys.at(t, axis: 1), values.at(t, axis: 1))
    } misfit: { step in
      if step.key.shape != [b, d] { return "its cache does not hold \([b, t + 1, d])" }
      return misfit(step.context, [b, d]) ?? misfit(step.key, [b, d]) ?? misfit(step.value, [b, d])
    } else: {
      let (newKey, newValue) = (key.reshaped(b, 1, d), value.reshaped(b, 1, d))
      let keys = before.keys.map { concatenate([$0, newKey], axis: 1) } ?? newKey
      let values = before.values.map { concatenate([$0, newValue], axis: 1) } ?? newValue
      let context = attention(query.reshaped(b, 1, d), keys, values, heads: heads)
      return (context.reshaped(b, d), key, value)
    }
  }
}

/// A layer's memory for the learner's attention step: a key and a value for each token.
final class LearnerMemory: LayerMemory {
  private let mask: Mask
  private let step: AttentionStep
  /// [B, D] for each token so far.
  private var keys: [Tensor] = []
  private var values: [Tensor] = []

  /// An empty memory; tokens will see what `mask` [positions, positions] allows.
  init(_ mask: Mask, _ step: AttentionStep) {
    self.mask = mask
    self.step = step
  }

  /// The next tokens' queries, keys and values [B, n, 3 D] → their contexts [B, n, D].
  func attend(_ qkv: Tensor) -> Tensor {
    let (n, d, size) = (qkv.shape[1], qkv.shape[2] / 3, mask.shape[0])
    let contexts = (0..<n).map { i in
      let token = qkv.at(i, axis: 1)  // [B, 3 D]
      let parts = (0..<3).map { token.sliced(axis: 1, $0 * d..<($0 + 1) * d) }  // each [B, D]
      let row = keys.count * size
      let seen = keys.indices.filter { mask.bytes[row + $0] != 0 }
      let result = step(
        parts[0], parts[1], parts[2], keys: seen.map { keys[$0] }, values: seen.map { values[$0] })
      keys.append(result.key)
      values.append(result.value)
      return result.context
    }
    return stack(contexts, axis: 1)
  }

  /// A memory for `batch` streams, each like that of the same number here or all like the only one.
  func repeated(_ batch: Int) -> LearnerMemory {
    let copy = LearnerMemory(mask, step)
    copy.keys = keys.map { $0.expanded([batch, $0.shape[1]]) }
    copy.values = values.map { $0.expanded([batch, $0.shape[1]]) }
    return copy
  }
}
