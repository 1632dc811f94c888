// Loops on several threads, for modules that have no other use for `Kernels`.

import Kernels

/// Runs `body(i)` for each `i` in `range`, on several threads if there are any.
///
/// Places start in order and end in any order, so `body` must not depend on the others, and must
/// write only what belongs to its own place. A loop inside such a loop runs on one thread.
public func parallelFor(_ range: Range<Int>, _ body: (Int) -> Void) {
  parallelFor(range.count) { body(range.lowerBound + $0) }
}

/// Runs `body` on consecutive parts of `range`, `grain` long (the last may be shorter), on
/// several threads if there are any: for bodies so short that a call for each place would cost
/// more than the work.
public func parallelFor(_ range: Range<Int>, grain: Int, _ body: (Range<Int>) -> Void) {
  precondition(grain > 0, "a part of a parallel loop has 1 or more places, not \(grain)")
  parallelFor(range.count, grain: grain) { part in
    body(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }
}

/// `range.map(body)` on several threads if there are any: the results are in the order of
/// `range`, whichever is ready first.
public func parallelMap<Result>(_ range: Range<Int>, _ body: (Int) -> Result) -> [Result] {
  [Result](unsafeUninitializedCapacity: range.count) { buffer, count in
    nonisolated(unsafe) let results = buffer
    parallelFor(0..<range.count) { i in
      results.initializeElement(at: i, to: body(range.lowerBound + i))
    }
    count = range.count
  }
}
