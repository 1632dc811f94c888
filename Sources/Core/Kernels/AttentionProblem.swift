// What attention computes, as its kernels see it.

import Vectors

/// Which keys a query may attend to.
public enum KeyMask {
  /// All of them.
  case none
  /// Query i of Tq sees the keys up to i + Tk - Tq.
  case causal
  /// Bytes [Tq, Tk] per sequence and head, with strides; 1 = may attend.
  case bytes(UnsafePointer<UInt8>, batchStride: Int, headStride: Int)
}

/// What `attention` computes: the sizes of queries, keys and values, the factor of the scores, and
/// which keys each query may attend to.
public struct AttentionProblem {
  /// Sequences.
  public var batch: Int
  /// Heads of each sequence.
  public var heads: Int
  /// Queries of each head, Tq.
  public var queries: Int
  /// Keys of each head, Tk.
  public var keys: Int
  /// Width of a head's queries and keys.
  public var width: Int
  /// Width of a head's values.
  public var valueWidth: Int
  /// Scores are multiplied by this.
  public var scale: Float
  /// Which keys a query may attend to.
  public var mask: KeyMask

  /// Queries [Tq, width], keys [Tk, width] and values [Tk, valueWidth] in each of `batch` · `heads`
  /// heads.
  public init(
    batch: Int, heads: Int, queries: Int, keys: Int, width: Int, valueWidth: Int,
    scale: Float, mask: KeyMask
  ) {
    self.batch = batch
    self.heads = heads
    self.queries = queries
    self.keys = keys
    self.width = width
    self.valueWidth = valueWidth
    self.scale = scale
    self.mask = mask
  }

  /// How far apart rows of scores are: whole panels.
  var keyStride: Int { Tile.panels(keys) * Tile.columns }

  /// Keys that query i may see, at most.
  func limit(_ query: Int) -> Int {
    if case .causal = mask { return max(0, min(keys, query + 1 + keys - queries)) }
    return keys
  }

  /// The first query that may see key k.
  func firstQuery(_ key: Int) -> Int {
    if case .causal = mask { return max(0, key - (keys - queries)) }
    return 0
  }

  /// The byte mask of a head, if there is one.
  func bytes(_ batch: Int, _ head: Int) -> UnsafePointer<UInt8>? {
    if case .bytes(let pointer, let batchStride, let headStride) = mask {
      return pointer + batch * batchStride + head * headStride
    }
    return nil
  }
}
