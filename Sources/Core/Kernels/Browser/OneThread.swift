// A page has one thread: what `Parallel.swift` and `Mutex` do for many.

/// Values per chunk of a parallel loop over single values.
package let elementGrain = 16_384

/// Runs `body(chunk)` for each chunk in `0..<chunks`.
public func parallelFor(_ chunks: Int, _ body: (Int) -> Void) {
  for chunk in 0..<max(chunks, 0) { body(chunk) }
}

/// Runs `body(range)` over `0..<count` in ranges of `grain` (the last may be shorter).
public func parallelFor(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  var start = 0
  while start < count {
    body(start..<min(count, start + grain))
    start += grain
  }
}

/// A value that only one thread at a time may change.
struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
  private let value: UnsafeMutablePointer<Value>

  init(_ initial: consuming sending Value) {
    value = .allocate(capacity: 1)
    value.initialize(to: initial)
  }

  func withLock<Result>(_ body: (inout Value) -> Result) -> Result { body(&value.pointee) }
}
