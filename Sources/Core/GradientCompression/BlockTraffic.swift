// What compression saves in one block of DALL·E's transformer: appendix E, tables 1 and 2.

/// The numbers that one GPU averages with GPUs of other machines for a transformer block.
///
/// The GPUs of a machine share each parameter, so a GPU has the gradients of its shard only, and
/// compresses these with its share of the rank.
public struct BlockTraffic: Sendable {
  /// d, the width of the transformer.
  public let width: Int
  /// r, the rank of all shards of a parameter together.
  public let rank: Int
  /// m, the GPUs of a machine.
  public let shards: Int

  /// The traffic of a block. Width and rank must be multiples of `shards`.
  public init(width: Int, rank: Int, shards: Int = 8) {
    precondition(
      width % shards == 0 && rank % shards == 0,
      "a width of \(width) and a rank of \(rank) cannot be shared by \(shards) GPUs")
    self.width = width
    self.rank = rank
    self.shards = shards
  }

  /// The shapes of the shards: queries, keys, values and the attention's output; the two layers of
  /// the MLP.
  private var shapes: [(rows: Int, columns: Int)] {
    let share = width / shards
    return Array(repeating: (width, share), count: 4) + [(width, 4 * share), (4 * share, width)]
  }

  /// Numbers of the gradients: 12 d² / m.
  public var gradients: Int { shapes.reduce(0) { $0 + $1.rows * $1.columns } }

  /// Numbers of P: (5 d r m + 4 d r) / m².
  public var p: Int { shapes.reduce(0) { $0 + $1.rows * rank / shards } }

  /// Numbers of Q: (d r m + 8 d r) / m².
  public var q: Int { shapes.reduce(0) { $0 + $1.columns * rank / shards } }

  /// The share of the numbers that need not travel: 1 - r (m + 2) / (2 d m), for 8 GPUs
  /// 1 - 5 r / (8 d).
  public var saving: Double { 1 - Double(p + q) / Double(gradients) }
}
