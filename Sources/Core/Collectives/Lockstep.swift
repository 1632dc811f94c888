// Ranks that are threads of one process, to test and to show what ranks do.

import Foundation
import Synchronization

/// One of n ranks that are threads of one process.
public final class Lockstep: Collective {
  /// The number of this thread among the ranks.
  public let rank: Int
  /// The number of ranks.
  public var count: Int { table.count }
  private let table: Table

  private init(rank: Int, _ table: Table) {
    self.rank = rank
    self.table = table
  }

  /// Runs `body` on `count` threads, each with a rank of its own, and returns what they return, in
  /// the order of the ranks.
  public static func run<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Lockstep) -> Result
  ) -> [Result] {
    precondition(count > 0, "there are 1 or more ranks, not \(count)")
    let table = Table(count)
    let results = Mutex<[Result?]>(Array(repeating: nil, count: count))
    let done = DispatchGroup()
    for rank in 0..<count {
      done.enter()
      let thread = Thread {
        let result = body(Lockstep(rank: rank, table))
        results.withLock { $0[rank] = result }
        done.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    done.wait()
    return results.withLock { $0.map { $0! } }
  }

  /// The sums are added in the order of the ranks.
  public func reduce(_ values: UnsafeMutableBufferPointer<Float>) {
    let sums = table.exchange(Array(values), from: rank) { all in
      all.dropFirst().reduce(into: all[0]) { sum, next in
        precondition(next.count == sum.count, "ranks sum \(sum.count) and \(next.count) numbers")
        for i in sum.indices { sum[i] += next[i] }
      }
    }
    for i in part(of: values.count) { values[i] = sums[i] }
  }

  /// The parts that the other ranks have.
  public func gather(_ values: UnsafeMutableBufferPointer<Float>) {
    let mine = Array(values[part(of: values.count)])
    let all = table.exchange(mine, from: rank) { $0.flatMap { $0 } }
    precondition(
      all.count == values.count,
      "ranks gather \(all.count) numbers where there are \(values.count)")
    _ = values.update(from: all)
  }

  /// Copies the bytes of rank 0 to all others.
  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
    bytes.copyBytes(from: table.exchange(Array(bytes), from: rank) { $0[0] })
  }
}

/// Where the ranks meet.
private final class Table: @unchecked Sendable {
  let count: Int
  private let condition = NSCondition()
  private var brought: [Int: Any] = [:]
  private var result: Any?
  private var meeting = 0

  init(_ count: Int) { self.count = count }

  /// Waits until each rank has brought its values, then returns what `combine` makes of them.
  func exchange<Value>(
    _ value: [Value], from rank: Int, _ combine: ([[Value]]) -> [Value]
  ) -> [Value] {
    condition.withLock {
      let mine = meeting
      brought[rank] = value
      if brought.count == count {
        let all = (0..<count).map { brought[$0] as? [Value] ?? [] }
        result = combine(all)
        brought = [:]
        meeting += 1
        condition.broadcast()
      }
      while meeting == mine { condition.wait() }
      guard let result = result as? [Value] else {
        preconditionFailure("ranks do not make the same calls")
      }
      return result
    }
  }
}
