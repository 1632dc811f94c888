import CourseKit
import Foundation
import TensorCore

/// Right answers that differ from the solutions'.
enum Alternative4: Chapter4Exercises {
  static func pad(_ captions: [[Int32]], length: Int, vocabulary: Int) throws -> IndexTensor {
    var ids: [Int32] = []
    for caption in captions {
      var row = Array(caption.prefix(length))
      while row.count < length { row.append(Int32(vocabulary + row.count)) }
      ids += row
    }
    return IndexTensor(shape: [captions.count, length], ids)
  }

  /// A mask from the text on, whose image part is filled in by `fill`.
  private static func mask(
    _ text: Int, _ grid: Int, fill: (_ query: Int, _ allow: (Int) -> Void) -> Void
  ) -> Mask {
    let size = text + grid * grid
    var bytes = [UInt8](repeating: 0, count: size * size)
    for query in 0..<size {
      for key in 0..<min(text, query + 1) { bytes[query * size + key] = 1 }
      if query >= text {
        fill(query - text) { key in
          if key >= 0 && key <= query - text { bytes[query * size + text + key] = 1 }
        }
      }
    }
    return Mask(shape: [size, size], bytes)
  }

  static func rowMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { query, allow in
      for back in 0...grid { allow(query - back) }
    }
  }

  static func columnMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { query, allow in
      for row in 0...query / grid { allow(row * grid + query % grid) }
    }
  }

  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    let reach = (kernel - 1) / 2
    return mask(text, grid) { query, allow in
      for i in 0...reach {
        for j in -reach...reach { allow(query - grid * i - j) }
      }
    }
  }

  static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor {
    let (b, s, v) = (logits.shape[0], logits.shape[1], logits.shape[2])
    // One weight for each token, and one product with the one-hot targets.
    var weights = [Float](repeating: 0, count: b * s * v)
    for caption in 0..<b {
      for place in 0..<s {
        let target = Int(tokens.values[caption * (s + 1) + place + 1])
        let share: Float = place < text ? 1 / Float(8 * b * text) : 7 / Float(8 * b * (s - text))
        weights[(caption * s + place) * v + target] = share
      }
    }
    return -(logits.logSoftmax() * Tensor(shape: [b, s, v], weights)).sum()
  }

  static func attentionStep(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: inout KeyValueCache, heads: Int
  ) throws -> Tensor {
    let (b, d) = (query.shape[0], query.shape[1])
    func grown(_ old: Tensor?, _ new: Tensor) -> Tensor {
      let t = old?.shape[1] ?? 0
      let rows = (0..<b).map { row in
        (old.map { $0.at(row, axis: 0).scalars } ?? []) + new.at(row, axis: 0).scalars
      }
      return Tensor(shape: [b, t + 1, d], rows.flatMap { $0 })
    }
    let (keys, values) = (grown(cache.keys, key), grown(cache.values, value))
    cache.keys = keys
    cache.values = values
    let (t, width) = (keys.shape[1], d / heads)
    var result: [Float] = []
    for row in 0..<b {
      for head in 0..<heads {
        let columns = head * width..<(head + 1) * width
        let scores = (0..<t).map { place in
          columns.reduce(Float(0)) { $0 + query[row, $1] * keys[row, place, $1] }
            / Float(width).squareRoot()
        }
        let largest = scores.max() ?? 0
        let shares = scores.map { exp($0 - largest) }
        let total = shares.reduce(0, +)
        result += columns.map { k in
          (0..<t).reduce(0) { $0 + shares[$1] / total * values[row, $1, k] }
        }
      }
    }
    return Tensor(shape: [b, d], result)
  }

  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    let (b, v) = (logits.shape[0], logits.shape[1])
    var k = Int((1 - threshold) * Double(v))
    if k < 1 { k = 1 }
    var values: [Float] = []
    for row in 0..<b {
      for id in 0..<v {
        let larger = (0..<v).count { logits[row, $0] > logits[row, id] }
        values.append(larger < k ? logits[row, id] : -.infinity)
      }
    }
    return Tensor(shape: [b, v], values)
  }

  static func topP(_ logits: Tensor, p: Double) throws -> Tensor {
    let (b, v) = (logits.shape[0], logits.shape[1])
    var values: [Float] = []
    for row in 0..<b {
      let own = (0..<v).map { Double(logits[row, $0]) }
      let largest = own.max() ?? 0
      let total = own.reduce(0) { $0 + exp($1 - largest) }
      for id in 0..<v {
        let above = own.filter { $0 > own[id] }
        let mass = above.reduce(0) { $0 + exp($1 - largest) / total }
        values.append(above.isEmpty || mass < p ? logits[row, id] : -.infinity)
      }
    }
    return Tensor(shape: [b, v], values)
  }

  static func guide(conditioned: Tensor, unconditioned: Tensor, scale: Float) throws -> Tensor {
    conditioned * scale + unconditioned * (1 - scale)
  }

  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    let kept = given.count >= grid * grid ? grid * grid : given.count - given.count % grid
    var stream = stream
    for place in 0..<grid * grid {
      let logits = stream.logits.scalars
      let likeliest = logits.indices.max { logits[$0] < logits[$1] } ?? 0
      stream.add([place < kept ? given[place] : Int32(likeliest)])
    }
    return stream.codes
  }
}
