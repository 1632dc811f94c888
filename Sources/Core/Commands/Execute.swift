// How every program of the package parses its arguments, runs, and exits.

import ArgumentParser
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

/// Writes text beside the results, to standard error.
public func complain(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

/// Writes what was printed and still waits in a buffer. Returns why standard output cannot be
/// written, as a sentence; nil if it can. A reader who has gone is no flaw: it wants no more.
public func flawOfOutput() -> String? {
  errno = 0
  let isFlushed = fflush(nil) == 0
  let number = errno
  if number == EPIPE || isFlushed && ferror(stdout) == 0 { return nil }
  // A line may have been lost when it was printed.
  let reason = isFlushed ? "a part of it was lost" : String(cString: strerror(number))
  return "standard output: cannot be written (\(reason))"
}

extension ParsableCommand {
  /// Parses `arguments`, runs the command, and returns its exit status: 0; 64 for arguments that
  /// cannot be understood; for everything else what `explain` says, or 1, also if standard output
  /// cannot be written. A failure is reported in one line.
  ///
  /// - Parameters:
  ///   - complain: Called with what belongs on standard error.
  ///   - explain: The failure that an error stands for; nil for the error's own description.
  ///   - run: Runs the parsed command; its own `run()` if not given.
  public static func execute(
    _ arguments: [String], complain: (String) -> Void = Commands.complain,
    explain: (any Error) -> Failure? = { _ in nil },
    run: (inout any ParsableCommand) throws -> Void = { try $0.run() }
  ) -> Int32 {
    let status = executed(arguments, complain, explain, run)
    guard let flaw = flawOfOutput(), status == 0 else { return status }
    complain("error: \(flaw)\n")
    return 1
  }

  private static func executed(
    _ arguments: [String], _ complain: (String) -> Void, _ explain: (any Error) -> Failure?,
    _ run: (inout any ParsableCommand) throws -> Void
  ) -> Int32 {
    do {
      var command = try parseAsRoot(arguments)
      try run(&command)
      return 0
    } catch {
      let status = exitCode(for: error)
      if status.isSuccess {
        print(fullMessage(for: error))  // help that was asked for
      } else if status == .validationFailure {
        complain("\(fullMessage(for: error))\n")
      } else if !(error is ExitCode) {
        let failure = explain(error) ?? Failure("\(error)")
        let line = failure.message.replacing("\n", with: " ")
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
