// Which keys each query of a sequence may see, as runs of neighbours.

import Vectors

/// Some neighbouring keys of an order.
public typealias KeyRun = Vectors.KeyRun

/// Which keys each query of a sequence may see.
///
/// The keys are kept in an order in which those of a query form a few runs of neighbours: a window
/// of a picture's rows is a run in raster order, a column of it is one in column order.
public final class SparseKeys: @unchecked Sendable {
  /// The position whose key stands in each slot.
  public let order: [Int]
  /// The slot of each position's key.
  public let slots: [Int]
  /// How many queries there are.
  public let queries: Int
  /// The most keys that a query sees.
  public let most: Int
  /// Tiles of queries, and the most vectors that the keys of one need.
  let blocks: UnsafeBufferPointer<SparseBlock>
  let mostVectors: Int
  /// The runs of all queries, and where those of each query begin.
  private let runs: UnsafeMutableBufferPointer<KeyRun>
  private let starts: UnsafeBufferPointer<Int>
  /// How many keys the queries before each one see together; the last is the sum of all.
  private let pairs: UnsafeBufferPointer<Int>

  /// Keys in an order, and the runs of each query.
  public init(order: [Int], runs: [[KeyRun]]) {
    var slots = [Int](repeating: -1, count: order.count)
    for (slot, position) in order.enumerated() where slots.indices.contains(position) {
      slots[position] = slot
    }
    // This module is compiled without preconditions, so these checks are written out.
    if slots.contains(-1) { fatalError("every position has one slot, got the order \(order)") }
    let all = runs.flatMap { $0 }
    for run in all
    where run.first < 0 || run.count < 0 || run.first + run.count > order.count {
      fatalError(
        "a run of \(run.count) keys from slot \(run.first) leaves the \(order.count) slots")
    }
    self.order = order
    self.slots = slots
    queries = runs.count
    most = runs.map { keyCount($0) }.max() ?? 0
    self.runs = .allocate(capacity: all.count)
    _ = self.runs.initialize(from: all)
    starts = kept(runs.reduce(into: [0]) { $0.append($0.last! + $1.count) })
    pairs = kept(runs.reduce(into: [0]) { $0.append($0.last! + keyCount($1)) })
    let tokens = order.filter { $0 < runs.count }
    blocks = kept(
      stride(from: 0, to: tokens.count, by: Tile.rows).map { first in
        SparseBlock(tokens[first..<min(first + Tile.rows, tokens.count)], runs: runs)
      })
    mostVectors = blocks.map { $0.vectors.count }.max() ?? 0
  }

  deinit {
    for block in blocks { block.deallocate() }
    blocks.deallocate()
    runs.deallocate()
    starts.deallocate()
    pairs.deallocate()
  }

  /// Where the keys of a query begin in a list of those of all queries.
  func firstPair(of query: Int) -> Int { pairs[query] }

  /// The slots that a query may see.
  public func runs(of query: Int) -> Runs {
    runs[starts[query]..<starts[query + 1]]
  }
}

/// Queries of a tile, neighbours in the order of the keys, and the keys that any of them sees: these
/// stand in columns, sixteen for each vector of slots. It consists of pointers, not of arrays, whose
/// owners would be counted in every loop.
struct SparseBlock {
  /// The queries' positions.
  let tokens: UnsafeBufferPointer<Int>
  /// The first slot of each vector.
  let vectors: UnsafeBufferPointer<Int>
  /// The slots that any query sees.
  let seen: UnsafeBufferPointer<ColumnRun>
  /// The slots that each query sees.
  let runs: UnsafeBufferPointer<UnsafeBufferPointer<ColumnRun>>

  init(_ tokens: ArraySlice<Int>, runs: [[KeyRun]]) {
    let slots = tokens.reduce(into: Set<Int>()) { slots, token in
      for run in runs[token] { slots.formUnion(run.first..<run.first + run.count) }
    }.sorted()
    let vectors = slots.reduce(into: [Int]()) { vectors, slot in
      if vectors.last.map({ slot >= $0 + 16 }) ?? true { vectors.append(slot) }
    }
    /// Slots in ascending order, as runs that are neighbours in slots and columns.
    func columnRuns(_ slots: some Sequence<Int>) -> [ColumnRun] {
      var vector = 0
      return slots.reduce(into: []) { result, slot in
        while slot >= vectors[vector] + 16 { vector += 1 }
        let column = 16 * vector + slot - vectors[vector]
        if let last = result.last, last.slot + last.count == slot,
          last.column + last.count == column
        {
          result[result.count - 1].count += 1
        } else {
          result.append(ColumnRun(slot: slot, column: column, count: 1))
        }
      }
    }
    self.tokens = kept(Array(tokens))
    self.vectors = kept(vectors)
    seen = kept(columnRuns(slots))
    self.runs = kept(
      tokens.map { token in
        kept(runs[token].flatMap { columnRuns($0.first..<$0.first + $0.count) })
      })
  }

  func deallocate() {
    for run in runs { run.deallocate() }
    runs.deallocate()
    seen.deallocate()
    vectors.deallocate()
    tokens.deallocate()
  }
}

/// A copy of an array that its owner deallocates.
private func kept<Element>(_ array: [Element]) -> UnsafeBufferPointer<Element> {
  let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: array.count)
  _ = memory.initialize(from: array)
  return UnsafeBufferPointer(memory)
}
