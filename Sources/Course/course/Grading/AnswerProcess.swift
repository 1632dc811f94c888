import CourseKit
import Foundation

/// A program that answers for a submission, ready to be started as often as needed.
struct AnswerProgram {
  /// Where it is.
  let executable: URL
  /// Its arguments before the address.
  var arguments: [String] = []
}

/// A submission's process. It is started when the first question is asked, and again after it has
/// stopped, until the time for the exercise is over.
///
/// The process is told where to send answers, and the inputs. Whatever it does, it can send nothing
/// but answers: what they are worth is decided on this side.
final class AnswerProcess: AnsweringProcess {
  /// `course`, which starts the program within limits.
  private let starter: URL
  private let program: AnswerProgram
  private let limits: Limits
  private let place: TemporaryPlace
  private let deadline: ContinuousClock.Instant
  private var running: Running?
  /// The end of what the process printed.
  private(set) var printed = ""
  /// Why there are no more answers.
  private var isOver = false

  private struct Running {
    let process: Process
    let listener: Connection.Listener
    let complaint: URL
    let output: URL
    /// The connection on which the process waits for a request.
    var waiting: Connection?
  }

  /// A process for one exercise. `seconds` is the time it has.
  ///
  /// Throws a `CourseError` if its files cannot be made.
  init(_ program: AnswerProgram, starter: URL, seconds: Double, _ limits: Limits) throws {
    self.starter = starter
    self.limits = limits
    deadline = .now + .seconds(seconds)
    place = try TemporaryPlace()
    do {
      // A copy: the account `nobody` cannot see into the folder of root, and must not change this.
      let copy = place.url.appending(path: "answers")
      try copyProgram(program.executable, to: copy)
      self.program = AnswerProgram(executable: copy, arguments: program.arguments)
      let room = place.url.appending(path: "room")
      try FileManager.default.createDirectory(at: room, withIntermediateDirectories: false)
      chmod(room.path, 0o777)
    } catch {
      place.remove()
      throw CourseError("\(place.url.path): cannot be written (\(error.localizedDescription))")
    }
  }

  /// Ends the process and removes its files.
  func end() {
    stop()
    place.remove()
  }

  func reply(to request: Wire) throws -> Wire {
    guard !isOver else { throw CheckError(Verdict.notReached) }
    if running == nil { try start() }
    running?.waiting.map { connection in
      _ = connection.send(request.bytes)
      connection.close()
    }
    running?.waiting = nil
    return try receive()
  }

  /// The next message of the process, whose connection is kept for the next request.
  private func receive() throws -> Wire {
    while let running {
      let isRunning = running.process.isRunning
      let step = isRunning ? min(deadline, .now + .milliseconds(50)) : .now
      if let connection = running.listener.accept(until: step) {
        if let bytes = connection.receive(until: deadline), let wire = try? Wire(bytes: bytes) {
          self.running?.waiting = connection
          return wire
        }
        connection.close()  // a stranger's, or a message that is too long
      } else if !isRunning {
        let reason = reason(running)
        stop()
        throw CheckError(reason)
      }
      if .now >= deadline {
        isOver = true
        stop()
        throw CheckError(
          "your code ran for more than \(Mismatch.number(limits.seconds)) s: is there a loop that "
            + "never ends?")
      }
    }
    throw CheckError(Verdict.notReached)
  }

  private func start() throws {
    let name = String(UInt64.random(in: .min ... .max), radix: 36)
    let address = place.url.appending(path: name).path
    guard let listener = Connection.Listener(at: address) else {
      throw CheckError("the grader cannot listen at \(address)")
    }
    chmod(address, 0o777)
    let files = ["\(name).output", "\(name).complaint"].map { place.url.appending(path: $0) }
    let process = Process()
    process.executableURL = starter
    // Processor time covers several threads and no more than the time of the clock.
    process.arguments =
      [
        "start-answers", "--memory", "\(limits.memory)", "--file", "\(limits.file)", "--seconds",
        "\(Int(limits.seconds.rounded(.up)) * 8 + 10)",
      ] + (limits.dropsRoot ? ["--drop-root"] : []) + ["--", program.executable.path]
      + program.arguments + [address]
    process.standardInput = FileHandle.nullDevice
    process.environment = Self.environment
    process.currentDirectoryURL = place.url.appending(path: "room")
    do {
      for file in files { try Data().write(to: file) }
      process.standardOutput = try FileHandle(forWritingTo: files[0])
      process.standardError = try FileHandle(forWritingTo: files[1])
      try process.run()
    } catch {
      listener.close()
      throw CheckError("your process cannot be started (\(error.localizedDescription))")
    }
    running = Running(process: process, listener: listener, complaint: files[1], output: files[0])
    _ = try receive()  // that it is ready
  }

  /// Only what a program needs to run: no secrets of the grader's.
  private static let environment = ProcessInfo.processInfo.environment.filter { name, _ in
    ["PATH", "LANG", "LD_LIBRARY_PATH", "TMPDIR"].contains(name) || name.hasPrefix("DYLD_")
  }.merging(["SWIFT_BACKTRACE": "enable=no", "THREADS": "2"]) { $1 }

  /// Ends the process, its group, and what it left.
  private func stop() {
    guard let running else { return }
    self.running = nil
    running.waiting?.close()
    running.listener.close()
    let id = running.process.processIdentifier
    if running.process.isRunning { kill(id, SIGKILL) }
    kill(-id, SIGKILL)
    running.process.waitUntilExit()
    Orphans.end()
    printed = String((printed + tail(of: running.output)).suffix(1 << 20))
  }

  /// Why the process ended by itself.
  private func reason(_ running: Running) -> String {
    running.process.waitUntilExit()
    let words = tail(of: running.complaint)
    var status = running.process.terminationStatus
    if running.process.terminationReason == .uncaughtSignal { status += 128 }
    let trap = /(?:Fatal error|Precondition failed|Assertion failed): (.+)/
    if status > 128 {
      let message = words.firstMatch(of: trap).map { String($0.1) }
      return "your code stopped the program: "
        + (message ?? "without a message, as when an integer overflows or memory runs out")
    }
    let last = words.split(whereSeparator: \.isNewline).last.map { ": \($0.prefix(200))" }
    return "your code ended the program with status \(status)\(last ?? "")"
  }
}
