// How every program of the package parses its arguments, runs, and exits.

import ArgumentParser
import Files
// `stdout` is a variable in C.
@preconcurrency import Foundation

/// What a program says and returns when it fails.
public struct Failure {
  /// One line, without "error:".
  public let message: String
  /// The exit status, 1 for most failures.
  public let status: Int32
  /// Whether "error:" stands before the message; an interruption by the user is not an error.
  public let isError: Bool

  /// A failure of this status.
  public init(_ message: String, status: Int32 = 1, isError: Bool = true) {
    self.message = message
    self.status = status
    self.isError = isError
  }
}

/// Writes text beside the results, to standard error. There is nowhere to tell if that is closed.
public func complain(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
}

/// Opens the standard streams that are closed, so that no file takes their places and gets what is
/// printed. Nothing can be written to them.
private func keepStandardStreams() {
  for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
    _ = open("/dev/null", O_RDONLY)  // takes the lowest number that is free
  }
}

/// Writes what was printed and still waits in a buffer. Returns why standard output cannot be
/// written, as a sentence; nil if it can. A reader who has gone is no flaw: it wants no more.
public func flawOfOutput() -> String? {
  // A line may also have failed when it was printed.
  let number = fflush(nil) != 0 ? errno : ferror(stdout) != 0 ? EIO : 0
  if number == 0 || number == EPIPE { return nil }
  let reason = String(cString: strerror(number))
  return "standard output: cannot be written (\(reason))"
}

/// The first argument of the process that is not UTF-8, as text: `CommandLine` has replaced what it
/// could not read, and no file has that name.
private func argumentThatIsNoText() -> String? {
  let arguments = (0..<Int(CommandLine.argc)).compactMap { CommandLine.unsafeArgv[$0] }
  return arguments.lazy.map { UnsafeRawBufferPointer(start: $0, count: strlen($0)) }
    .first { String(validating: $0, as: UTF8.self) == nil }
    .map { String(decoding: $0, as: UTF8.self) }
}

/// The first option with an empty value; in arguments that were understood, it stands for a name.
private func optionWithoutValue(_ arguments: [String]) -> String? {
  let options = arguments.prefix { $0 != "--" }
  return zip(options, options.dropFirst()).first { $0.0.hasPrefix("--") && $0.1.isEmpty }?.0
}

/// What to say about a value of `THREADS` that counts for nothing.
package func noteOnThreads(_ value: String?) -> String? {
  guard let value, !value.isEmpty, Int(value).map({ $0 < 1 }) ?? true else { return nil }
  return "note: THREADS=\(printable(value, limit: 20)) is no whole number above 0, so as many "
    + "threads are used as there are processors"
}

/// Ends the process in one line if there is hardly any memory. With little more than nothing some
/// allocation of the standard library fails on the way, which prints pages of addresses. OpenBLAS asks again
/// and again for 128 MiB for each of its threads, also while the process exits, so exit handlers do not run.
private func exitWithoutMemory(_ complain: (String) -> Void) {
  let megabytes = 192
  let room = mmap(nil, megabytes << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  if room != MAP_FAILED, let room, munmap(room, megabytes << 20) == 0 { return }
  complain("error: out of memory: \(megabytes) MiB more are wanted to begin (see ulimit -v)\n")
  _exit(1)
}

extension ParsableCommand {
  /// Parses `arguments`, runs the command, and returns its exit status: 0; 64 for arguments that
  /// cannot be understood; for everything else what `explain` says, or 1, also if standard output
  /// cannot be written. A failure is reported in one line, made safe for a terminal.
  ///
  /// - Parameters:
  ///   - complain: Called with what belongs on standard error.
  ///   - explain: The failure that an error stands for; nil for the error's own description.
  ///   - hint: What else to say of arguments that were not understood, or only gave help.
  ///   - run: Runs the parsed command; its own `run()` if not given.
  public static func execute(
    _ arguments: [String], complain: (String) -> Void = Commands.complain,
    explain: (any Error) -> Failure? = { _ in nil },
    hint: ([String]) -> String? = { _ in nil },
    run: (inout any ParsableCommand) throws -> Void = { try $0.run() }
  ) -> Int32 {
    keepStandardStreams()
    let status = executed(arguments, complain, explain, hint, run)
    // A command that failed has said why.
    guard let flaw = flawOfOutput(), status == 0 else { return status }
    complain("error: \(flaw)\n")
    return 1
  }

  private static func executed(
    _ arguments: [String], _ complain: (String) -> Void, _ explain: (any Error) -> Failure?,
    _ hint: ([String]) -> String?, _ run: (inout any ParsableCommand) throws -> Void
  ) -> Int32 {
    if let name = argumentThatIsNoText() {
      complain(
        "error: \"\(printable(name))\": the argument is not UTF-8; rename the file, or give the "
          + "folder that it is in\n")
      return ExitCode.validationFailure.rawValue
    }
    exitWithoutMemory(complain)
    if let note = noteOnThreads(ProcessInfo.processInfo.environment["THREADS"]) {
      complain("\(note)\n")
    }
    do {
      var command = try parseAsRoot(arguments)
      if let option = optionWithoutValue(arguments) {
        complain("error: \(option): the file or folder has no name\n")
        return 1
      }
      try run(&command)
      return 0
    } catch {
      let status = exitCode(for: error)
      if status.isSuccess {
        print(fullMessage(for: error))  // help, which not everyone has asked for
        if let hint = hint(arguments) { complain("\(printable(hint))\n") }
      } else if status == .validationFailure {
        complain("\(fullMessage(for: error))\n")
        if let hint = hint(arguments) { complain("\(printable(hint))\n") }
      } else if !(error is ExitCode) {
        let failure = explain(error) ?? Failure("\(error)")
        let line = printable(failure.message.replacing("\n", with: " "), limit: 10_000)
        complain(failure.isError ? "error: \(line)\n" : "\(line)\n")
        return failure.status
      }
      return status.rawValue
    }
  }

  /// Runs the command as a program, with the arguments of the process, and exits.
  public static func executeAndExit() -> Never {
    Foundation.exit(execute(Array(CommandLine.arguments.dropFirst())))
  }
}
