// Worlds: pictures that code draws, with captions whose meaning it knows.

import Images
import TensorCore

/// An endless supply of pairs in parts. Training sees one of them; what is held out depends on the world.
public protocol World: Sendable {
  /// What checkpoints say a model was trained on: "stickers", "emoji, 100 things".
  var name: String { get }

  /// The first `count` pairs, or all, of the endless list that `seed` makes of a part.
  ///
  /// - Parameters:
  ///   - size: Width and height of the pictures, 8 … 256.
  ///   - count: How many pairs there are; nil for a source that never ends.
  func pairs(
    _ part: WorldPart, size: Int, seed: UInt64, count: Int?
  ) -> any DrawnPairs
}

/// The parts that every world has.
public enum WorldPart: String, CaseIterable, Sendable {
  /// What models learn from.
  case training
  /// The same kinds of pictures and captions, which training never sees.
  case validation
}

extension World {
  /// The captions of the first `count` pairs of a part.
  public func captions(_ part: WorldPart = .training, seed: UInt64 = 1, count: Int) -> [String] {
    pairs(part, size: 8, seed: seed, count: count).drawn(0..<count).map { $0.captions[0] }
  }

  /// The pictures of the first `count` pairs of a part, [count, 3, size, size] in 0 … 1.
  public func pictures(_ part: WorldPart, size: Int, seed: UInt64, count: Int) -> Tensor {
    Tensor(pairs(part, size: size, seed: seed, count: count).drawn(0..<count).map(\.picture))
  }
}

extension DrawnPairs {
  /// Several pairs, drawn on all processors.
  fileprivate func drawn(_ range: Range<Int>) -> [(picture: Image, captions: [String])] {
    parallelMap(range) { drawn(at: $0) }
  }
}
