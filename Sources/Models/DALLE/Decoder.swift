// Decoding token by token: each step feeds one new token through the blocks, which remember the
// keys and values of all tokens before it.

import NeuralNetwork
import TensorCore

/// What one layer remembers of unfinished streams.
public protocol LayerMemory: AnyObject {
  /// Queries, keys and values of n more tokens side by side, [B, n, 3 D] → the results of their
  /// attention to themselves and to the tokens before them, [B, n, D].
  func attend(_ qkv: Tensor) -> Tensor

  /// A memory of its own for `batch` streams: each like the stream of the same number in this
  /// memory, or all like its only one.
  func repeated(_ batch: Int) -> Self
}

extension AttentionCache: LayerMemory {
  /// A cache of `batch` sequences, each like that of the same number here or all like the only one.
  public func repeated(_ batch: Int) -> AttentionCache {
    AttentionCache(repeating: self, batch: batch)
  }
}

/// A model prepared for decoding: its weights packed for products with few rows.
public final class DALLEDecoder: @unchecked Sendable {
  /// The model whose weights are packed.
  public let model: DALLE
  /// Makes the memory of layer number `layer` for `batch` streams.
  public typealias MakeMemory = (_ layer: Int, _ batch: Int) -> any LayerMemory

  private let layers: [Layer]
  private let imageHead: PackedWeight
  private let makeMemory: MakeMemory

  private struct Layer {
    let block: SparseBlock
    let queryKeyValue, output, first, second: PackedWeight

    init(_ block: SparseBlock) {
      func pack(_ layer: Linear) -> PackedWeight { PackedWeight(layer.weight, layer.bias) }
      self.block = block
      queryKeyValue = pack(block.attention.queryKeyValue)
      output = pack(block.attention.output)
      first = pack(block.feedForward.first)
      second = pack(block.feedForward.second)
    }
  }

  /// Packs the weights that the model has now.
  ///
  /// - Parameter memory: Makes the memory of a layer; by default an `AttentionCache` with the
  ///   model's pattern.
  public init(_ model: DALLE, memory: MakeMemory? = nil) {
    self.model = model
    layers = model.blocks.map(Layer.init)
    let codes = model.configuration.textIDs..<model.head.weight.shape[0]
    imageHead = withoutGradient {
      PackedWeight(
        model.head.weight.sliced(axis: 0, codes), model.head.bias?.sliced(axis: 0, codes))
    }
    makeMemory =
      memory ?? { layer, batch in
        AttentionCache(
          model.keys[layer], batch: batch, heads: model.configuration.heads,
          width: model.configuration.width)
      }
  }

  /// Unfinished streams: what the blocks remember of them, and the logits of the next token.
  ///
  /// A copy goes on by itself: memories are shared until one of the copies gets a token.
  public struct Streams {
    fileprivate var shared: Memories
    /// Image logits [B, K] of the next token.
    public fileprivate(set) var logits: Tensor
    /// The number of image tokens that every stream has so far.
    public fileprivate(set) var count = 0

    /// B, the number of streams.
    public var batch: Int { logits.shape[0] }

    /// `batch` streams that all begin like the single one here: a caption is read once for all of
    /// its pictures.
    public func repeated(_ batch: Int) -> Streams {
      Streams(
        shared: shared.repeated(batch), logits: logits.expanded([batch, logits.shape[1]]),
        count: count)
    }
  }

  /// The memories of all layers, in an object that knows whether it has one owner.
  fileprivate final class Memories {
    let layers: [any LayerMemory]

    init(_ layers: [any LayerMemory]) { self.layers = layers }

    func repeated(_ batch: Int) -> Memories { Memories(layers.map { $0.repeated(batch) }) }
  }

  /// Reads captions: text ids [B, T], 0 for padding → B streams.
  public func read(_ text: IndexTensor) -> Streams { read(stream: model.stream(text)) }

  /// Reads the text of streams: ids [B, 1 + T] from `DALLE.stream` → B streams.
  public func read(stream ids: IndexTensor) -> Streams {
    precondition(
      ids.shape.count == 2 && ids.shape[1] == model.configuration.textPositions,
      "streams begin with ids [B, \(model.configuration.textPositions)], got \(ids.shape)")
    return withoutGradient {
      let batch = ids.shape[0]
      var streams = Streams(
        shared: Memories(layers.indices.map { makeMemory($0, batch) }),
        logits: .zeros([batch, model.configuration.imageVocabulary]))
      advance(&streams, model.embed(text: ids))
      return streams
    }
  }

  /// Adds image tokens, codes [B, n], to B streams.
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

  /// Sends embedded tokens [B, n, D] through the blocks: the forward pass of `TransformerBlock`
  /// with packed weights, and with a memory that holds the earlier keys and values.
  private func advance(_ streams: inout Streams, _ embedded: Tensor) {
    if !isKnownUniquelyReferenced(&streams.shared) {
      streams.shared = streams.shared.repeated(streams.batch)
    }
    var x = embedded
    for (layer, memory) in zip(layers, streams.shared.layers) {
      let block = layer.block
      let context = memory.attend(layer.queryKeyValue(block.norm1(x)))  // [B, n, D]
      x = x + normalised(layer.output(context), block.resultNorm1)
      let hidden = block.feedForward.activation(layer.first(block.norm2(x)))  // [B, n, 4 D]
      x = x + normalised(layer.second(hidden), block.resultNorm2)
    }
    let last = x.at(x.shape[1] - 1, axis: 1)  // [B, D]
    streams.logits = imageHead(model.headNorm(normalised(last, model.norm)))
  }

  private func normalised(_ x: Tensor, _ norm: LayerNorm?) -> Tensor { norm.map { $0(x) } ?? x }
}
