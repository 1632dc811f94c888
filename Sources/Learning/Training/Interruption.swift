import Foundation
import Synchronization

/// Calls `body`, a long preparation of a run, which can ask whether the user wants to stop: then it
/// should save what it has and throw `TrainingError.interrupted`.
///
/// Throws what `body` throws.
public func stoppable<Result>(
  _ body: (_ isStopping: () -> Bool) throws -> Result
) rethrows -> Result {
  Interruption.watch()
  defer { Interruption.unwatch() }
  return try body { Interruption.isRequested }
}

/// Ctrl-C, SIGTERM and a closed terminal as requests to stop, which the training loop honours
/// between two steps, when the weights are consistent. A second Ctrl-C ends the program at once.
enum Interruption {
  /// True when a signal has come since `watch()`.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Turns signals into requests from now on.
  static func watch() {
    watchers.withLock { watchers in
      watchers.count += 1
      if watchers.count > 1 { return }
      requested.store(false, ordering: .relaxed)
      watchers.previous = signals.map { number in
        let previous = signal(number, note)
        // `nohup` asks to go on when the terminal is closed.
        if number == SIGHUP && isIgnoring(previous) { signal(number, previous) }
        return previous
      }
    }
  }

  /// Undoes `watch()`: signals have their previous effect again.
  static func unwatch() {
    watchers.withLock { watchers in
      watchers.count -= 1
      if watchers.count > 0 { return }
      for (number, previous) in zip(signals, watchers.previous) { signal(number, previous) }
    }
  }

  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  private static func isIgnoring(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
  // Runs in several threads may watch at once. The first sets the handlers, the last resets them.
  private static let watchers = Mutex((count: 0, previous: [(@convention(c) (Int32) -> Void)?]()))
  fileprivate static let requested = Atomic<Bool>(false)
}

/// A signal may interrupt anything, so its handler must do next to nothing: it sets a flag, and
/// resets the signal to its default, which ends the program.
private func note(_ number: Int32) {
  Interruption.requested.store(true, ordering: .relaxed)
  signal(number, SIG_DFL)
}
