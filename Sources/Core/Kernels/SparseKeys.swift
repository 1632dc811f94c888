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
  /// The runs of all queries, and where those of each query begin.
  private let runs: UnsafeMutableBufferPointer<KeyRun>
  private let starts: [Int]

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
    starts = runs.reduce(into: [0]) { $0.append($0.last! + $1.count) }
  }

  deinit { runs.deallocate() }

  /// The slots that a query may see.
  public func runs(of query: Int) -> Runs {
    runs[starts[query]..<starts[query + 1]]
  }
}
