import CProcess
import Foundation

/// What a submission may use.
struct Limits {
  /// Seconds for each exercise.
  var seconds = 20.0
  /// Seconds for all exercises together.
  var total = 300.0
  /// Bytes of memory, where the system can limit them.
  var memory = 4 << 30
  /// Bytes of the longest file it may write, what it prints included.
  var file = 8 << 20
  /// Whether root becomes the account `nobody` for a submission, which can then neither write reports
  /// nor end the grader.
  var dropsRoot = false

  /// The same; if the grader is root, submissions run as the account `nobody`, unless programs do not
  /// start for it because Swift's libraries lie in the folder of root.
  func droppingRoot(_ starter: URL) throws -> Limits {
    guard geteuid() == 0 else { return self }
    let place = try TemporaryPlace()
    defer { place.remove() }
    let copy = place.url.appending(path: "course")
    try copyProgram(starter, to: copy)
    let trial = try ChildProcess(
      [
        starter.path, "start-answers", "--memory", "\(memory)", "--file", "\(file)", "--seconds",
        "60", "--drop-root", "--", copy.path, "start-answers", "--help",
      ], limit: 60)
    var limits = self
    limits.dropsRoot = trial.status == 0
    return limits
  }
}

/// Processes that a submission left running.
enum Orphans {
  /// Whether this process is told of them: Linux only.
  nonisolated(unsafe) private static var isGuarding = false

  /// Takes in orphans from now on. Called once, before anything is started.
  static func guardProcess() {
    process_guard()
    isGuarding = true
  }

  /// Ends all children of this process, those that they leave, and so on. No child is wanted when
  /// this is called.
  static func end() {
    guard isGuarding else { return }
    let end = ContinuousClock.now + .seconds(5)
    while case let children = children(), !children.isEmpty, .now < end {
      for child in children {
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
      }
    }
  }

  private static func children() -> [pid_t] {
    let own = "\(getpid())"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { id in
      // "1234 (name) S 1 …": the name may hold anything, so read from its end.
      let text = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ""
      guard let end = text.lastIndex(of: ")") else { return false }
      return text[end...].split(separator: " ").dropFirst(2).first.map { $0 == own } ?? false
    }
  }
}
