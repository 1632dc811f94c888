import Foundation

/// A destination for progress.
public struct Terminal {
  /// Whether a line can be redrawn; otherwise every update is a new line.
  public var redraws: Bool
  /// Whether to use colours.
  public var colours: Bool
  /// Returns the present width of a line in characters.
  public var columns: () -> Int
  /// Writes some text.
  public var write: (String) -> Void

  /// A destination with the given abilities.
  public init(
    redraws: Bool, colours: Bool, columns: @escaping () -> Int, write: @escaping (String) -> Void
  ) {
    self.redraws = redraws
    self.colours = colours
    self.columns = columns
    self.write = write
  }

  /// Standard error: a terminal, or a file or pipe, which gets plain lines.
  public static var standardError: Terminal {
    let environment = ProcessInfo.processInfo.environment
    let redraws = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    return Terminal(
      redraws: redraws, colours: redraws && (environment["NO_COLOR"] ?? "").isEmpty,
      columns: {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
          ? Int(size.ws_col) : 80
      },
      write: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })
  }
}

/// Shows the progress of a long task: on a terminal a bar that is redrawn, elsewhere a line every
/// few seconds.
///
///     clip ████████████░░░░░░░░░░░░░░░░░░ 420/1000  loss 2.314  12.3 steps/s  0:47 left
public final class ProgressBar {
  private let title: String
  private let unit: String
  private let total: Int
  private let first: Int
  private let terminal: Terminal
  private let interval: Duration
  private let start = ContinuousClock.now
  private var shown: ContinuousClock.Instant?
  private var latest: (done: Int, note: String)?

  /// The progress of `total` steps, or other units, of which `done` were done before.
  public init(
    _ title: String, total: Int, unit: String = "step", done: Int = 0,
    to terminal: Terminal = .standardError
  ) {
    self.title = title
    self.unit = unit
    self.total = total
    first = done
    self.terminal = terminal
    interval = terminal.redraws ? .milliseconds(100) : .seconds(10)
  }

  /// Records that `done` steps are done, with a note such as the loss, and shows it unless the line
  /// was drawn a moment ago.
  public func update(_ done: Int, _ note: String) {
    latest = (done, note)
    let now = ContinuousClock.now
    if let shown, now - shown < interval { return }
    shown = now
    show(done, note)
    if done == latest?.done { latest = nil }
  }

  /// Shows the last state and ends the line. Call it once, when the task ends.
  public func end() {
    if let (done, note) = latest { show(done, note) }
    if shown != nil && terminal.redraws { terminal.write("\n") }
  }

  private func show(_ done: Int, _ note: String) {
    let line = line(done, note, elapsed: (ContinuousClock.now - start) / .seconds(1))
    terminal.write(terminal.redraws ? "\r\u{1B}[K\(line)" : "\(line)\n")
  }

  /// The line that shows `done` steps, `elapsed` seconds after the beginning.
  func line(_ done: Int, _ note: String, elapsed: Double) -> String {
    var parts = ["\(done)/\(total)", note]
    if done > first && elapsed > 0 {
      let speed = Double(done - first) / elapsed
      parts.append(
        speed >= 1
          ? String(format: "%.1f \(unit)s/s", speed) : String(format: "%.1f s/\(unit)", 1 / speed))
      parts.append(
        done < total ? "\(clock(Double(total - done) / speed)) left" : "in \(clock(elapsed))")
    }
    let numbers = parts.filter { !$0.isEmpty }.joined(separator: "  ")
    if !terminal.redraws { return "\(title) \(numbers)" }

    // The last column stays free: some terminals begin a new line after it.
    let columns = terminal.columns() - 1
    let room = min(30, columns - title.count - numbers.count - 2)
    if room < 5 { return String("\(title) \(numbers)".prefix(columns)) }
    let filled = total > 0 ? room * done / total : room
    let bar = String(repeating: "█", count: filled)
    let coloured = terminal.colours ? "\u{1B}[32m\(bar)\u{1B}[0m" : bar
    return "\(title) \(coloured)\(String(repeating: "░", count: room - filled)) \(numbers)"
  }
}

/// Seconds as m:ss or h:mm:ss.
private func clock(_ seconds: Double) -> String {
  let s = Int(min(seconds, 1e9).rounded())
  return s < 3600
    ? String(format: "%d:%02d", s / 60, s % 60)
    : String(format: "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60)
}
