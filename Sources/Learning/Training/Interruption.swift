import Foundation
import Synchronization

/// Ctrl-C and SIGTERM as a request that the training loop grants between two steps, when the
/// weights are whole. A second Ctrl-C ends the program at once.
enum Interruption {
  /// True when a signal has come since `watch()`.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// From here on signals are requests.
  static func watch() {
    watchers.withLock { watchers in
      watchers.count += 1
      if watchers.count > 1 { return }
      requested.store(false, ordering: .relaxed)
      watchers.previous = signals.map { signal($0, note) }
    }
  }

  /// Ends what `watch()` began: signals do what they did before.
  static func unwatch() {
    watchers.withLock { watchers in
      watchers.count -= 1
      if watchers.count > 0 { return }
      for (number, previous) in zip(signals, watchers.previous) { signal(number, previous) }
    }
  }

  private static let signals = [SIGINT, SIGTERM]
  // Runs in several threads may watch at once; the first and the last change the handlers.
  private static let watchers = Mutex((count: 0, previous: [(@convention(c) (Int32) -> Void)?]()))
  fileprivate static let requested = Atomic<Bool>(false)
}

/// A signal may come in the middle of anything, so its handler may do next to nothing: it sets
/// a flag, and gives the signal back its deadly default.
private func note(_ number: Int32) {
  Interruption.requested.store(true, ordering: .relaxed)
  signal(number, SIG_DFL)
}
