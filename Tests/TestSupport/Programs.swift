// The package's programs, run as users run them.

import Foundation

/// The folder of the programs that were built with these tests.
public let programFolder: URL = {
  let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
  return tests?.deletingLastPathComponent() ?? Bundle.main.bundleURL
}()

/// What a program did.
public struct ProgramRun: Sendable {
  /// Its exit status; 128 and the signal's number if a signal ended it, 124 if it took too long.
  public let status: Int32
  /// What it wrote to standard output and to standard error.
  public let output, complaint: String

  /// Runs a shell command, in which `$1` and so on are `arguments`, for at most `limit` seconds.
  public init(
    sh command: String, _ arguments: [String] = [], environment: [String: String] = [:],
    limit: Double = 60
  ) throws {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command, "sh"] + arguments
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"].merging(environment) { $1 }) { $1 }
    process.standardInput = FileHandle.nullDevice
    let files = ["output", "complaint"].map { URL(filePath: folder.file($0)) }
    for file in files { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    let end = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in end.signal() }
    try process.run()
    if end.wait(timeout: .now() + limit) == .success {
      status =
        process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    } else {
      kill(process.processIdentifier, SIGKILL)
      status = 124
    }
    (output, complaint) = (
      try String(contentsOf: files[0], encoding: .utf8),
      try String(contentsOf: files[1], encoding: .utf8)
    )
  }
}

/// The path of a tool in PATH; nil if it is not installed.
public func tool(_ name: String) -> String? {
  let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
  return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
}
