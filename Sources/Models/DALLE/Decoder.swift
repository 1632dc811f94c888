// Drawing token by token: each step feeds one new token through the blocks, which remember the
// keys and values of all tokens before it.

import NeuralNetwork
import TensorCore

/// A model made ready for decoding: its weights packed for products with few rows.
public final class DALLEDecoder: @unchecked Sendable {
  /// The model.
  public let model: DALLE
  private let layers: [Layer]
  private let imageHead: PackedWeight

  private struct Layer {
    let block: DALLEBlock
    let queryKeyValue, dense, first, second: PackedWeight

    init(_ block: DALLEBlock) {
      func pack(_ layer: Linear) -> PackedWeight { PackedWeight(layer.weight, layer.bias) }
      self.block = block
      queryKeyValue = pack(block.queryKeyValue)
      dense = pack(block.dense)
      first = pack(block.first)
      second = pack(block.second)
    }
  }

  /// Packs the weights that the model has now.
  public init(_ model: DALLE) {
    self.model = model
    layers = model.blocks.map(Layer.init)
    let codes = model.configuration.textIDs..<model.head.weight.shape[0]
    imageHead = withoutGradient {
      PackedWeight(
        model.head.weight.sliced(axis: 0, codes), model.head.bias?.sliced(axis: 0, codes))
    }
  }

  /// Streams that are being written: what the blocks remember of them.
  public struct Streams {
    fileprivate let caches: [AttentionCache]
    /// Image logits [B, K] of the next token.
    public fileprivate(set) var logits: Tensor
    /// Image tokens that every stream has so far.
    public fileprivate(set) var count = 0

    /// How many streams there are.
    public var batch: Int { logits.shape[0] }

    /// `batch` streams that all begin like the only one of these: a caption is read once for all
    /// of its pictures.
    public func repeated(_ batch: Int) -> Streams {
      Streams(
        caches: caches.map { AttentionCache(repeating: $0, batch: batch) },
        logits: logits.expanded([batch, logits.shape[1]]), count: count)
    }
  }

  /// Reads captions, text ids [B, T] with 0 for padding.
  public func read(_ text: IndexTensor) -> Streams {
    let c = model.configuration
    return withoutGradient {
      let ids = model.stream(text)
      var streams = Streams(
        caches: model.keys.map {
          AttentionCache($0, batch: ids.shape[0], heads: c.heads, width: c.width)
        }, logits: .zeros([ids.shape[0], c.imageVocabulary]))
      advance(&streams, model.embed(text: ids))
      return streams
    }
  }

  /// Adds image tokens, codes [B, n], to streams.
  public func add(_ codes: IndexTensor, to streams: inout Streams) {
    precondition(
      codes.shape.count == 2 && codes.shape[0] == streams.batch && codes.shape[1] > 0
        && streams.count + codes.shape[1] < model.configuration.imageTokens,
      "\(codes.shape) codes for \(streams.batch) streams that have \(streams.count) of "
        + "\(model.configuration.imageTokens), of which the last needs no reading")
    withoutGradient {
      let x = model.embed(image: codes, from: streams.count)  // [B, n, D]
      streams.count += codes.shape[1]
      advance(&streams, x)
    }
  }

  /// Sends embedded tokens [B, n, D] through the blocks.
  private func advance(_ streams: inout Streams, _ embedded: Tensor) {
    var x = embedded
    for (layer, cache) in zip(layers, streams.caches) {
      let context = cache.attend(layer.queryKeyValue(layer.block.norm1(x)))  // [B, n, D]
      x = x + normalised(layer.dense(context), layer.block.addition1)
      let hidden = layer.first(layer.block.norm2(x)).geluTanh()  // [B, n, 4 D]
      x = x + normalised(layer.second(hidden), layer.block.addition2)
    }
    let last = x.at(x.shape[1] - 1, axis: 1)  // [B, D]
    streams.logits = imageHead(model.headNorm(normalised(last, model.norm)))
  }

  private func normalised(_ x: Tensor, _ norm: LayerNorm?) -> Tensor { norm.map { $0(x) } ?? x }
}
