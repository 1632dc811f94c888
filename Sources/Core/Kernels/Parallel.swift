// One parallel loop for all kernels: `for chunk in 0..<chunks { body(chunk) }` on several threads.
//
// A loop is cut into chunks by its shape alone, never by the number of threads, and chunks
// write to places of their own: results are the same bits on one thread and on many. Waiting
// threads spin for a moment before they sleep, because loops follow one another closely.

import CSupport
import Dispatch
import Foundation
import Synchronization

/// The threads that share the work of a loop: the calling one and waiting helpers.
public enum Threads {
  /// How many threads work on a loop, the calling one included. Initially the number of processors
  /// that this process may use, or the environment variable `THREADS` if it holds a number above 0;
  /// never more than there are processors, since such threads would only take turns.
  public static var count: Int {
    get { pool.limit.load(ordering: .relaxed) }
    set {
      if newValue < 1 { fatalError("Threads.count must be at least 1, got \(newValue)") }
      pool.limit.store(min(newValue, pool.helpers + 1), ordering: .relaxed)
    }
  }
}

/// Values per chunk of a parallel loop over single values.
package let elementGrain = 16_384

/// Runs `body(chunk)` for each chunk in `0..<chunks`, on several threads if there are any.
///
/// Chunks start in order and end in any order. A loop inside a loop, or beside another
/// one that holds the helpers, runs on its calling thread alone.
public func parallelFor(_ chunks: Int, _ body: (Int) -> Void) {
  if chunks <= 1 {
    if chunks == 1 { body(0) }
    return
  }
  pool.run(chunks, body)
}

/// Runs `body(range)` over `0..<count` in ranges of `grain` (the last may be shorter).
public func parallelFor(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  if count <= grain {
    if count > 0 { body(0..<count) }
    return
  }
  pool.run((count + grain - 1) / grain) { chunk in
    body(chunk * grain..<min(count, (chunk + 1) * grain))
  }
}

/// How many threads there are, how many work at first, and how long they wait in a loop.
struct ThreadPlan: Equatable {
  /// All threads, the calling one included.
  var present: Int
  /// Those that work on a loop until `Threads.count` is set.
  var working: Int
  /// How often a waiting thread looks before it gives its processor away.
  var patience: Int

  /// A plan.
  ///
  /// - Parameters:
  ///   - processors: How many processors the process may run on.
  ///   - quota: The time it gets, as a number of processors; nil if that is not limited.
  ///   - wish: The value of `THREADS`, if there is one.
  init(processors: Int, quota: Int?, wish: String?) {
    let most = min(max(1, processors), 64)
    let time = min(most, max(1, quota ?? most))
    let asked = wish.flatMap(Int.init).flatMap { $0 > 0 ? min($0, most) : nil }
    working = asked ?? time
    present = max(working, time)
    // Some 0.1 ms, longer than the pauses between loops. Where threads must take turns, one that
    // looks again and again takes the time that another needs to end the loop.
    patience = present > time ? 50 : 4000
  }
}

private let pool = ThreadPool(
  ThreadPlan(
    processors: ProcessInfo.processInfo.activeProcessorCount, quota: processorQuota(),
    wish: ProcessInfo.processInfo.environment["THREADS"]))

private final class ThreadPool: @unchecked Sendable {
  let helpers: Int
  let limit: Atomic<Int>
  private let patience: Int
  /// Held by the caller whose loop the helpers work on.
  private let busy = Atomic<Bool>(false)
  /// The loop's number in the upper bits; how many helpers joined it in the lower 7; between them
  /// `closed`, set when its caller takes no more of them.
  private let ticket = Atomic<UInt64>(ThreadPool.closed)
  private static let closed: UInt64 = 1 << 7
  private let finished = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  /// How many helpers the present loop has work for.
  private let room = Atomic<Int>(0)
  private let wake = DispatchSemaphore(value: 0)
  private var chunks = 0
  private var body: UnsafePointer<(Int) -> Void>?

  init(_ plan: ThreadPlan) {
    helpers = plan.present - 1
    limit = Atomic(plan.working)
    patience = plan.patience
    for _ in 0..<helpers {
      let thread = Thread { [unowned self] in self.help() }
      thread.stackSize = 4 << 20
      thread.start()
    }
  }

  func run(_ chunks: Int, _ body: (Int) -> Void) {
    let helping = min(limit.load(ordering: .relaxed) - 1, chunks - 1)
    guard helping > 0, !busy.exchange(true, ordering: .acquiring) else {
      for chunk in 0..<chunks { body(chunk) }
      return
    }
    withoutActuallyEscaping(body) { escaping in
      withUnsafePointer(to: escaping) { pointer in
        self.body = pointer
        self.chunks = chunks
        next.store(0, ordering: .relaxed)
        finished.store(0, ordering: .relaxed)
        room.store(helping, ordering: .relaxed)
        let number = (ticket.load(ordering: .relaxed) >> 8) &+ 1
        ticket.store(number << 8, ordering: .sequentiallyConsistent)
        for _ in 0..<min(helping, sleepers.load(ordering: .sequentiallyConsistent)) {
          wake.signal()
        }
        work(pointer)
        // No helper may join from here on; wait for those that did.
        let last = ticket.bitwiseOr(Self.closed, ordering: .acquiringAndReleasing).oldValue
        let joined = Int(last & (Self.closed - 1))
        // One that the system has put aside needs the processor more than this loop does.
        var spins = 0
        while finished.load(ordering: .acquiring) < joined {
          spins += 1
          if spins < patience { support_pause() } else { sched_yield() }
        }
        self.body = nil
      }
    }
    busy.store(false, ordering: .releasing)
  }

  private func work(_ body: UnsafePointer<(Int) -> Void>) {
    let chunks = self.chunks
    while true {
      let chunk = next.add(1, ordering: .relaxed).oldValue
      if chunk >= chunks { return }
      body.pointee(chunk)
    }
  }

  /// A helper waits for a loop: it spins for a moment, since loops follow one another
  /// closely, and sleeps when none comes.
  private func help() {
    var spins = 0
    while true {
      let seen = ticket.load(ordering: .acquiring)
      let joined = Int(seen & (Self.closed - 1))
      if seen & Self.closed == 0, joined < room.load(ordering: .relaxed) {
        let (joinedNow, _) = ticket.compareExchange(
          expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing)
        if joinedNow {
          work(body!)
          // Nothing of this loop is left: do not join it twice.
          finished.add(1, ordering: .releasing)
          waitForChange(of: seen >> 8)
          spins = 0
        }
        continue
      }
      spins += 1
      if spins < patience {
        support_pause()
      } else {
        sleep(unlessChanged: seen)
        spins = 0
      }
    }
  }

  private func waitForChange(of number: UInt64) {
    var spins = 0
    while true {
      let seen = ticket.load(ordering: .acquiring)
      if seen >> 8 != number || seen & Self.closed != 0 { return }
      spins += 1
      if spins < patience { support_pause() } else { sched_yield() }
    }
  }

  private func sleep(unlessChanged seen: UInt64) {
    sleepers.add(1, ordering: .sequentiallyConsistent)
    if ticket.load(ordering: .sequentiallyConsistent) == seen {
      // A signal meant for a helper that just woke is not lost: it ends a later sleep early.
      _ = wake.wait(timeout: .now() + .milliseconds(200))
    }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
  }
}
