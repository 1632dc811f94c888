import Foundation

/// A finished run of a program that is trusted, such as the compiler.
struct ChildProcess {
  /// The status it returned; nil if a signal stopped it, or its time was up.
  let status: Int32?
  /// Whether its time was up.
  let isTimedOut: Bool
  /// The end of what it printed, on both outputs.
  let output: String

  /// Runs a program for at most `limit` seconds.
  ///
  /// Throws a `CourseError` if it cannot be started.
  init(_ arguments: [String], limit seconds: Double) throws {
    let folder = try TemporaryPlace()
    defer { folder.remove() }
    let file = folder.url.appending(path: "output")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let end = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in end.signal() }
    do {
      try Data().write(to: file)
      let handle = try FileHandle(forWritingTo: file)
      (process.standardOutput, process.standardError) = (handle, handle)
      try process.run()
    } catch {
      throw CourseError("\(arguments[0]) cannot be started (\(error.localizedDescription))")
    }
    isTimedOut = end.wait(timeout: .now() + seconds) != .success
    if isTimedOut {
      kill(process.processIdentifier, SIGTERM)
      if end.wait(timeout: .now() + 5) != .success {
        kill(process.processIdentifier, SIGKILL)
        end.wait()
      }
    }
    let isExit = process.terminationReason == .exit
    status = !isTimedOut && isExit ? process.terminationStatus : nil
    output = tail(of: file)
  }
}

/// Copies a program so that all accounts can run it.
///
/// Another program does the copying. In this one, a process that another thread starts at that moment
/// would inherit the descriptor that writes the copy, and as long as one is open the system refuses
/// to run the copy ("text file busy").
///
/// Throws a `CourseError` if it cannot be copied.
func copyProgram(_ program: URL, to copy: URL) throws {
  let result = try ChildProcess(["cp", program.path, copy.path], limit: 60)
  guard result.status == 0 else {
    throw CourseError("\(copy.path): cannot be written (\(result.output))")
  }
  chmod(copy.path, 0o755)
}

/// The end of a file: at most a mebibyte of it.
func tail(of file: URL) -> String {
  guard let handle = try? FileHandle(forReadingFrom: file), let size = try? handle.seekToEnd()
  else { return "" }
  try? handle.seek(toOffset: size - min(size, 1 << 20))
  return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
}

/// A folder for the files of a run, with a name that cannot be guessed.
struct TemporaryPlace {
  let url: URL

  /// Throws a `CourseError` if it cannot be made.
  init() throws {
    // Short, because the address of a socket has at most some hundred bytes.
    let name = "course-" + String(UInt64.random(in: .min ... .max), radix: 36)
    url = FileManager.default.temporaryDirectory.appending(path: name)
    do {
      try FileManager.default.createDirectory(
        at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o711])
    } catch {
      throw CourseError("\(url.path): cannot be made (\(error.localizedDescription))")
    }
  }

  func remove() { try? FileManager.default.removeItem(at: url) }
}
