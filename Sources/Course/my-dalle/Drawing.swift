// From a caption's ids to codes: what `DALLEDecoder` does, one step after the other, so that each
// can be somebody else's.

import CourseKit
import DALLE
import DALLETraining
import NeuralNetwork
import TensorCore

/// Draws the codes of pictures with a learner's functions.
final class Drawing {
  let drawer: PictureDrawer
  let steps: Steps
  private let layers: [Layer]
  private let imageHead: PackedWeight
  var model: DALLE { drawer.model }
  var sizes: DALLEConfiguration { drawer.model.configuration }
  var chapter4: any Chapter4Exercises.Type { steps.yours.chapter4 }

  /// A block, its weights packed for products with few rows, and what it sees.
  private struct Layer {
    let block: DALLEBlock
    let queryKeyValue, dense, first, second: PackedWeight
    let view: View
  }

  /// What a layer remembers of the streams that it reads.
  private enum Memory {
    /// The package's memory, which attends as well.
    case reference(AttentionCache)
    /// The keys and values of each token so far, [B, D], for the learner's step.
    case yours(keys: [Tensor], values: [Tensor])
  }

  /// Streams that are being written.
  private struct Streams {
    var memories: [Memory]
    /// Image logits [B, K] of the next token.
    var logits: Tensor
    /// How many tokens each stream has, text included.
    var count = 0
  }

  /// Asks for masks, and tries the attention step.
  init(_ drawer: PictureDrawer, _ steps: Steps) {
    self.drawer = drawer
    self.steps = steps
    let model = drawer.model
    var views: [AttentionKind: View] = [:]
    layers = zip(model.blocks, zip(model.configuration.patterns, model.keys)).map { block, seen in
      func pack(_ layer: Linear) -> PackedWeight { PackedWeight(layer.weight, layer.bias) }
      let view = views[seen.0.kind] ?? View(seen.0, seen.1, steps)
      views[seen.0.kind] = view
      return Layer(
        block: block, queryKeyValue: pack(block.queryKeyValue), dense: pack(block.dense),
        first: pack(block.first), second: pack(block.second), view: view)
    }
    let codes = model.configuration.textIDs..<model.head.weight.shape[0]
    imageHead = PackedWeight(
      model.head.weight.sliced(axis: 0, codes), model.head.bias?.sliced(axis: 0, codes))
    let token = Tensor.zeros([1, model.configuration.width])
    _ = attend(token, token, token, keys: [], values: [])
  }

  // MARK: Attention

  /// The newest token attends to those whose keys and values [B, D] are given and to itself:
  /// exercise 4.6. Gives what it gathers, and its own key and value as the cache has them, [B, D].
  private func attend(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, keys: [Tensor], values: [Tensor]
  ) -> (context: Tensor, key: Tensor, value: Tensor) {
    let (b, d, t) = (query.shape[0], query.shape[1], keys.count)
    var cache = KeyValueCache()
    if t > 0 { (cache.keys, cache.values) = (stack(keys, axis: 1), stack(values, axis: 1)) }
    let before = cache
    return steps.take("4.6") {
      let context = try chapter4.attentionStep(
        query, key, value, cache: &cache, heads: sizes.heads)
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
      let context = attention(query.reshaped(b, 1, d), keys, values, heads: sizes.heads)
      return (context.reshaped(b, d), key, value)
    }
  }

  /// The next tokens' queries, keys and values [B, n, 3 D] → what they gather, [B, n, D].
  private func attend(
    _ qkv: Tensor, from count: Int, _ view: View, _ memory: inout Memory
  ) -> Tensor {
    var (keys, values): ([Tensor], [Tensor])
    switch memory {
    case .reference(let cache): return cache.attend(qkv)
    case .yours(let ownKeys, let ownValues): (keys, values) = (ownKeys, ownValues)
    }
    let (n, d, size) = (qkv.shape[1], sizes.width, view.mask.shape[0])
    let contexts = (0..<n).map { i in
      let token = qkv.at(i, axis: 1)  // [B, 3 D]
      let parts = (0..<3).map { token.sliced(axis: 1, $0 * d..<($0 + 1) * d) }
      let row = (count + i) * size
      let seen = (0..<count + i).filter { view.mask.bytes[row + $0] != 0 }
      let step = attend(
        parts[0], parts[1], parts[2], keys: seen.map { keys[$0] }, values: seen.map { values[$0] })
      keys.append(step.key)
      values.append(step.value)
      return step.context
    }
    memory = .yours(keys: keys, values: values)
    return stack(contexts, axis: 1)
  }

  // MARK: Streams

  /// Reads the text of one stream, [1, 1 + T].
  private func read(_ text: IndexTensor) -> Streams {
    let memories = layers.map { layer in
      steps["4.6"] == .yours
        ? Memory.yours(keys: [], values: [])
        : .reference(
          AttentionCache(layer.view.keys, batch: 1, heads: sizes.heads, width: sizes.width))
    }
    var streams = Streams(memories: memories, logits: .zeros([1, sizes.imageVocabulary]))
    advance(&streams, model.embed(text: text))
    return streams
  }

  /// `batch` streams that begin like the only one of these.
  private func repeated(_ streams: Streams, _ batch: Int) -> Streams {
    func wide(_ x: Tensor) -> Tensor { x.expanded([batch, x.shape[1]]) }
    var streams = streams
    streams.logits = wide(streams.logits)
    streams.memories = streams.memories.map { memory in
      switch memory {
      case .reference(let cache): .reference(AttentionCache(repeating: cache, batch: batch))
      case .yours(let keys, let values): .yours(keys: keys.map(wide), values: values.map(wide))
      }
    }
    return streams
  }

  /// Sends embedded tokens [B, n, D] through the blocks.
  private func advance(_ streams: inout Streams, _ embedded: Tensor) {
    var x = embedded
    for (i, layer) in layers.enumerated() {
      let block = layer.block
      let qkv = layer.queryKeyValue(block.norm1(x))  // [B, n, 3 D]
      let context = attend(qkv, from: streams.count, layer.view, &streams.memories[i])
      x = x + normalised(layer.dense(context), block.addition1)
      let hidden = layer.first(block.norm2(x)).geluTanh()  // [B, n, 4 D]
      x = x + normalised(layer.second(hidden), block.addition2)
    }
    streams.count += embedded.shape[1]
    let last = x.at(x.shape[1] - 1, axis: 1)  // [B, D]
    streams.logits = imageHead(model.headNorm(normalised(last, model.norm)))
  }

  private func normalised(_ x: Tensor, _ norm: LayerNorm?) -> Tensor { norm.map { $0(x) } ?? x }

  // MARK: Drawing

  /// Draws codes [candidates, N] for a caption's ids without padding; number i of a seed is the
  /// same picture whatever others are drawn beside it.
  ///
  /// - Parameter progress: Is told how many tokens of each picture are done.
  func draw(
    _ ids: [Int32], candidates: Range<Int>, seed: UInt64, _ options: SamplingOptions,
    progress: (_ tokens: Int) -> Void = { _ in }
  ) -> IndexTensor {
    let (b, n, t) = (candidates.count, sizes.imageTokens, 1 + sizes.textLength)
    let text = streams(ids).values
    let isGuided = options.guidance != 1
    var branches = (isGuided ? [0, 1] : [0]).map { row in
      repeated(read(IndexTensor(shape: [1, t], Array(text[row * t..<(row + 1) * t]))), b)
    }
    var chance = candidates.map { Random(seed: seed).split("candidate").split($0) }
    var codes = [[Int32]](repeating: [], count: b)
    for place in 0..<n {
      if place > 0 {
        let newest = IndexTensor(shape: [b, 1], codes.map { $0[place - 1] })
        let embedded = model.embed(image: newest, from: place - 1)  // [B, 1, D]
        for i in branches.indices { advance(&branches[i], embedded) }
      }
      let told = branches[0].logits  // [B, K]
      let logits = isGuided ? guide(told, branches[1].logits, options.guidance) : told
      let filtered = filter(logits, options)
      let k = sizes.imageVocabulary
      let values = filtered.scalars
      for row in 0..<b {
        let logits = Array(values[row * k..<(row + 1) * k])
        let plain = SamplingOptions(temperature: options.temperature == 0 ? 0 : 1)
        codes[row].append(plain.draw(logits, chance[row].uniform()))
      }
      progress(place + 1)
    }
    return IndexTensor(shape: [b, n], codes.flatMap { $0 })
  }
}
