// A child process that answers with timings, line by line: PyTorch, or this program itself
// for a measurement of memory that nothing else has touched.

import Foundation

final class Peer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var waiting = Data()
  let greeting: String

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  init(_ executable: String, _ arguments: [String]) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [executable] + arguments
    process.standardInput = input
    process.standardOutput = output
    greeting = ""
    do { try process.run() } catch {
      throw Failure(description: "cannot start \(executable): \(error.localizedDescription)")
    }
  }

  /// The first line the child says, once it is ready.
  func hello() throws -> String { try readLine() }

  /// Sends one line and waits for the answer.
  func ask(_ question: String) throws -> String {
    try input.fileHandleForWriting.write(contentsOf: Data((question + "\n").utf8))
    return try readLine()
  }

  func stop() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  private func readLine() throws -> String {
    while true {
      if let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: waiting[waiting.startIndex..<end], as: UTF8.self)
        waiting.removeSubrange(waiting.startIndex...end)
        return line
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty {
        throw Failure(
          description: "\(process.arguments?.joined(separator: " ") ?? "the peer") ended early: "
            + "does it have the packages it needs?")
      }
      waiting.append(more)
    }
  }
}
