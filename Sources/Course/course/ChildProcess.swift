import Foundation

/// A finished run of another program.
struct ChildProcess {
  /// How a run can end.
  enum Ending: Equatable {
    /// It returned a status.
    case exited(Int32)
    /// A signal stopped it.
    case stopped(signal: Int32)
    /// It was stopped because its time was up.
    case timedOut
  }

  /// How it ended.
  let ending: Ending
  /// The end of its standard output.
  let output: String
  /// The end of its standard error.
  let complaint: String

  /// Runs a program for at most `limit` seconds.
  ///
  /// Its output goes through files, so that a program that prints too much cannot block. Throws a
  /// `CocoaError` if the files cannot be made or the program cannot be started.
  init(_ executable: URL, _ arguments: [String], limit seconds: Double) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["output", "complaint"].map { folder.appending(path: $0) }
    for file in files { try Data().write(to: file) }

    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    // A trap prints its message and ends, without a backtrace.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let end = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in end.signal() }
    try process.run()
    let isOver = end.wait(timeout: .now() + seconds) == .success
    if !isOver {
      kill(process.processIdentifier, SIGKILL)
      end.wait()
    }
    let status = process.terminationStatus
    ending =
      !isOver
      ? .timedOut
      : process.terminationReason == .exit ? .exited(status) : .stopped(signal: status)
    // Only the ends: a loop that prints can fill a disk.
    (output, complaint) = (Self.tail(files[0]), Self.tail(files[1]))
  }

  private static func tail(_ file: URL) -> String {
    guard let handle = try? FileHandle(forReadingFrom: file),
      let size = try? handle.seekToEnd()
    else { return "" }
    try? handle.seek(toOffset: size - min(size, 1 << 20))
    return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
  }

  /// The message of a trap, if the program ended with one.
  var lastWords: String? {
    let words = /(?:Fatal error|Precondition failed|Assertion failed): (.+)/
    return complaint.firstMatch(of: words).map { String($0.1) }
  }
}
