// A browser without a window, driven by its DevTools protocol: JSON messages that end with a zero byte,
// through two pipes.

import Foundation

/// A page in headless Chromium.
public final class Browser {
  /// The browser of this machine; nil if there is none.
  public static let program =
    ["chromium", "chromium-browser", "google-chrome"].compactMap(tool).first

  /// What can go wrong on the way to a page.
  public struct Failure: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String
  }

  private let folder: TemporaryFolder
  private let process = Process()
  private let (to, from): (Int32, Int32)
  private var unread: [UInt8] = []
  private var count = 0
  private var session: String?
  /// Errors that the page has thrown or logged.
  public private(set) var errors: [String] = []

  /// Opens a file in a page of `width` × 900 pixels.
  public init(opening path: String, width: Int = 1280) throws {
    folder = try TemporaryFolder()
    let pipes = [folder.file("to"), folder.file("from")]
    for pipe in pipes where mkfifo(pipe, 0o600) != 0 {
      throw Failure(description: "no pipe \(pipe)")
    }
    // Open at both ends: neither side waits for the other.
    (to, from) = (open(pipes[0], O_RDWR), open(pipes[1], O_RDWR))
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments =
      [
        "-c", "in=$1; out=$2; shift 2; exec \"$@\" 3<\"$in\" 4>\"$out\"", "sh", pipes[0], pipes[1],
        Self.program ?? "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
        "--no-first-run", "--remote-debugging-pipe", "--user-data-dir=\(folder.file("profile"))",
        "--window-size=\(width),900", "about:blank",
      ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()

    let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"] ?? ""
    let attached = try call("Target.attachToTarget", ["targetId": target, "flatten": true])
    session = attached["sessionId"] as? String
    _ = try call("Runtime.enable")
    _ = try call("Page.enable")
    _ = try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500])
    _ = try call("Page.navigate", ["url": URL(filePath: path).absoluteString])
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    close(to)
    close(from)
  }

  /// The value of a JavaScript expression; promises are waited for, at most `limit` seconds.
  ///
  /// Throws a `Failure` with the page's error if it throws one.
  public func value<Value: Decodable>(
    _ type: Value.Type = Value.self, of expression: String, limit: Double = 60
  ) throws -> Value {
    let wish: [String: Any] = [
      "expression": "(async () => JSON.stringify({value: await (\(expression))}))()",
      "awaitPromise": true, "returnByValue": true,
    ]
    let answer = try call("Runtime.evaluate", wish, limit: limit)
    if let flaw = answer["exceptionDetails"] as? [String: Any] {
      let exception = flaw["exception"] as? [String: Any]
      throw Failure(description: exception?["description"] as? String ?? "\(flaw)")
    }
    let text = (answer["result"] as? [String: Any])?["value"] as? String ?? "{}"
    return try JSONDecoder().decode([String: Value].self, from: Data(text.utf8))["value"]!
  }

  /// Waits until an expression is true, at most `limit` seconds.
  public func wait(until expression: String, limit: Double = 60) throws {
    let end = Date(timeIntervalSinceNow: limit)
    while try !value(Bool.self, of: "Boolean(\(expression))") {
      if Date() > end { throw Failure(description: "never true: \(expression)") }
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  // MARK: Messages

  private func call(
    _ method: String, _ parameters: [String: Any] = [:], limit: Double = 60
  ) throws -> [String: Any] {
    count += 1
    var message: [String: Any] = ["id": count, "method": method, "params": parameters]
    message["sessionId"] = session
    var bytes = [UInt8](try JSONSerialization.data(withJSONObject: message)) + [0]
    while !bytes.isEmpty {
      let written = write(to, bytes, bytes.count)
      if written <= 0 { throw Failure(description: "the browser takes no messages") }
      bytes.removeFirst(written)
    }
    let end = Date(timeIntervalSinceNow: limit)
    while let answer = try next(before: end) {
      if answer["id"] as? Int == count {
        if let flaw = answer["error"] { throw Failure(description: "\(method): \(flaw)") }
        return answer["result"] as? [String: Any] ?? [:]
      }
      note(answer)
    }
    throw Failure(description: "the browser did not answer \(method) in \(limit) seconds")
  }

  /// Keeps errors of the page.
  private func note(_ event: [String: Any]) {
    let parameters = event["params"] as? [String: Any] ?? [:]
    switch event["method"] as? String {
    case "Runtime.exceptionThrown": errors.append("\(parameters)")
    case "Runtime.consoleAPICalled" where parameters["type"] as? String == "error":
      errors.append("\(parameters["args"] ?? "")")
    default: break
    }
  }

  /// The next message; nil if there is none before `end`.
  private func next(before end: Date) throws -> [String: Any]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if let zero = unread.firstIndex(of: 0) {
        let message = Data(unread[..<zero])
        unread.removeSubrange(...zero)
        return try JSONSerialization.jsonObject(with: message) as? [String: Any]
      }
      let left = end.timeIntervalSinceNow
      var poll = pollfd(fd: from, events: Int16(POLLIN), revents: 0)
      if left <= 0 || Foundation.poll(&poll, 1, Int32(left * 1000)) <= 0 { return nil }
      let read = Foundation.read(from, &buffer, buffer.count)
      if read <= 0 { return nil }
      unread += buffer[..<read]
    }
  }
}
