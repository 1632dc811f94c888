import CourseKit
import Foundation
import TensorCore

/// Chapter 4: the transformer's input, its masks, its loss, and drawing from it.
///
/// Letters: B captions, T places of text, n rows and columns of the grid of image tokens,
/// S = T + n² places in all, V ids, D width of a token, h heads.
public enum Reference4: Chapter4Exercises {
  /// 4.1 Fills captions up with padding tokens, a different one for each place.
  ///
  /// captions: ids below V = vocabulary; T = length → [B, T]. After a caption's end, place p has
  /// the id V + p. Of a caption that is too long, the first T ids are kept.
  public static func pad(
    _ captions: [[Int32]], length: Int, vocabulary: Int
  ) throws -> IndexTensor {
    // BEGIN SOLUTION 4.1
    let ids = captions.flatMap { caption in
      (0..<length).map { $0 < caption.count ? caption[$0] : Int32(vocabulary + $0) }
    }
    return IndexTensor(shape: [captions.count, length], ids)
    // END SOLUTION
  }

  /// 4.2 Which token (row) may attend to which (column) in a row layer: 1 for yes.
  ///
  /// T = text and n = grid → [S, S], S = T + n². A text token sees the text up to itself. An image
  /// token sees all text, and with q and k counted over the image tokens row by row, those
  /// with 0 ≤ q - k ≤ n: the n before it and itself, across the edges of rows.
  public static func rowMask(text: Int, grid: Int) throws -> Mask {
    // BEGIN SOLUTION 4.2
    let size = text + grid * grid
    let bytes = (0..<size * size).map { place -> UInt8 in
      let (query, key) = (place / size, place % size)
      if key > query { return 0 }
      return key < text || query - key <= grid ? 1 : 0
    }
    return Mask(shape: [size, size], bytes)
    // END SOLUTION
  }

  /// 4.3 The same in a column layer: an image token sees all text and, of the image tokens up to
  /// itself, those of its own column.
  ///
  /// T = text and n = grid → [S, S], S = T + n².
  public static func columnMask(text: Int, grid: Int) throws -> Mask {
    // BEGIN SOLUTION 4.3
    let size = text + grid * grid
    let bytes = (0..<size * size).map { place -> UInt8 in
      let (query, key) = (place / size, place % size)
      if key > query { return 0 }
      return key < text || (query - key) % grid == 0 ? 1 : 0
    }
    return Mask(shape: [size, size], bytes)
    // END SOLUTION
  }

  /// 4.4 The same in a convolutional layer with an odd kernel, r = (kernel - 1) / 2.
  ///
  /// T = text and n = grid → [S, S], S = T + n². An image token sees all text and the image tokens
  /// with q - k = n·i + j ≥ 0 for some i in 0 … r and j in -r … r. Offsets are counted in
  /// raster order, so that the window wraps around at the left and right edge, as rows do in 4.2.
  public static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    // BEGIN SOLUTION 4.4
    let reach = kernel / 2
    var offsets: Set<Int> = []
    for i in 0...reach {
      for j in -reach...reach { offsets.insert(grid * i + j) }
    }
    let size = text + grid * grid
    let bytes = (0..<size * size).map { place -> UInt8 in
      let (query, key) = (place / size, place % size)
      if key > query { return 0 }
      return key < text || offsets.contains(query - key) ? 1 : 0
    }
    return Mask(shape: [size, size], bytes)
    // END SOLUTION
  }

  /// 4.5 DALL·E's loss: 1/8 for the caption and 7/8 for the picture.
  ///
  /// logits [B, S, V] and tokens [B, S + 1], the first of which starts the text: the logits at
  /// place i are about token i + 1. T = text: tokens 1 … T are the caption, the rest is the
  /// picture → []: 1/8 of the mean cross-entropy over caption tokens and 7/8 of that over image
  /// tokens, in nats. Must be made of tensor operations, so that the gradient flows.
  public static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor {
    // BEGIN SOLUTION 4.5
    let (b, s, v) = (logits.shape[0], logits.shape[1], logits.shape[2])
    func part(_ places: Range<Int>) -> Tensor {
      let targets = (0..<b).flatMap { caption in
        places.map { tokens.values[caption * (s + 1) + $0 + 1] }
      }
      return crossEntropy(
        logits.sliced(axis: 1, places).reshaped(b * places.count, v), IndexTensor(targets))
    }
    return part(0..<text) * (1.0 / 8) + part(text..<s) * (7.0 / 8)
    // END SOLUTION
  }

  /// 4.6 One step of decoding: the newest token attends to all before it and to itself.
  ///
  /// query, key and value [B, D] of that token → [B, D]. The h heads lie side by side in D; each
  /// is softmax(q kᵀ / √(D/h)) v. Keys and values of earlier tokens are in the cache, [B, t, D] or
  /// nil before the first; afterwards it must hold the newest as well, [B, t + 1, D].
  public static func attentionStep(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: inout KeyValueCache, heads: Int
  ) throws -> Tensor {
    // BEGIN SOLUTION 4.6
    let (b, d) = (query.shape[0], query.shape[1])
    let newKey = key.reshaped(b, 1, d)
    let newValue = value.reshaped(b, 1, d)
    let keys = cache.keys.map { concatenate([$0, newKey], axis: 1) } ?? newKey  // [B, t, D]
    let values = cache.values.map { concatenate([$0, newValue], axis: 1) } ?? newValue
    (cache.keys, cache.values) = (keys, values)
    let attended = attention(query.reshaped(b, 1, d), keys, values, heads: heads)
    return attended.reshaped(b, d)
    // END SOLUTION
  }

  /// 4.7 Keeps the most probable ids, a share of them.
  ///
  /// logits [B, V] and a threshold in 0 … 1 → [B, V]: in each row the k = ⌊(1 - threshold)·V⌋
  /// largest logits stay, at least one; the others become -∞. No two logits of a row are equal.
  public static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    // BEGIN SOLUTION 4.7
    let v = logits.shape[1]
    let k = max(1, Int((1 - threshold) * Double(v)))
    let values = logits.scalars
    let kept = (0..<logits.shape[0]).flatMap { row -> [Float] in
      let own = values[row * v..<(row + 1) * v]
      let smallest = own.sorted(by: >)[k - 1]
      return own.map { $0 < smallest ? -.infinity : $0 }
    }
    return Tensor(shape: logits.shape, kept)
    // END SOLUTION
  }

  /// 4.8 Keeps the nucleus: the fewest ids that together have probability p or more.
  ///
  /// logits [B, V] and p in 0 … 1 → [B, V]: in each row ids are taken by falling probability
  /// until their sum is at least p; at least one is. The others become -∞. No two logits of a row
  /// are equal.
  public static func topP(_ logits: Tensor, p: Double) throws -> Tensor {
    // BEGIN SOLUTION 4.8
    let v = logits.shape[1]
    let probabilities = logits.softmax(axis: 1).scalars
    var kept = logits.scalars
    for start in stride(from: 0, to: kept.count, by: v) {
      var sum = 0.0
      for id in (start..<start + v).sorted(by: { probabilities[$0] > probabilities[$1] }) {
        if sum >= p && sum > 0 { kept[id] = -.infinity }
        sum += Double(probabilities[id])
      }
    }
    return Tensor(shape: logits.shape, kept)
    // END SOLUTION
  }

  /// 4.9 Classifier-free guidance: moves from the logits without a caption towards those with
  /// it, by `scale` times their difference.
  ///
  /// Both [B, V] → [B, V].
  public static func guide(
    conditioned: Tensor, unconditioned: Tensor, scale: Float
  ) throws -> Tensor {
    // BEGIN SOLUTION 4.9
    unconditioned + (conditioned - unconditioned) * scale
    // END SOLUTION
  }

  /// 4.10 Completes a picture: its upper rows are given, the rest is drawn, row by row from the left.
  ///
  /// given: codes in raster order; n = grid; a stream that has read the caption and no code yet →
  /// all n² codes. Of the given codes whole rows are kept, n at most, and stay as they are; a last
  /// row that is not whole is drawn anew. The code at place k, counted from 0, is the likeliest by
  /// the stream's logits after the first k codes, given or drawn; there is always one likeliest.
  /// `stream.logits`, [K], are those of the code that comes next, and `stream.add(codes)` reads
  /// codes in order, after what was read before.
  public static func completed(
    _ given: [Int32], grid: Int, stream: CodeStream
  ) throws -> [Int32] {
    // BEGIN SOLUTION 4.10
    let rows = min(given.count / grid, grid)
    var codes = Array(given.prefix(rows * grid))
    var stream = stream
    stream.add(codes)
    while codes.count < grid * grid {
      let code = stream.logits.argmax(axis: 0).values[0]
      codes.append(code)
      stream.add([code])
    }
    return codes
    // END SOLUTION
  }
}
