// A child process that answers with timings, line by line: PyTorch, or this program itself
// for a measurement of memory that nothing else has touched.

import Foundation

/// How PyTorch runs a row.
enum PeerMode: String, CaseIterable, Codable, CodingKeyRepresentable {
  /// Operation by operation, in f32.
  case eager
  /// `torch.compile`, in f32.
  case compile
  /// Autocast to bf16, operation by operation.
  case bf16
  /// Autocast to bf16 and `torch.compile`.
  case both
}

final class Peer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var waiting = Data()

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// What the peer can do of a row, and why it cannot do the rest.
  struct Modes: Decodable {
    let modes: [PeerMode]
    let absent: [PeerMode: String]
  }

  init(_ executable: String, _ arguments: [String]) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [executable] + arguments
    process.standardInput = input
    process.standardOutput = output
    do { try process.run() } catch {
      throw Failure(description: "cannot start \(executable): \(error.localizedDescription)")
    }
  }

  /// PyTorch on a number of threads.
  static func torch(_ python: String, threads: Int) throws -> Peer {
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "peers/peer.py").path()
    return try Peer(python, [script, "\(threads)"])
  }

  /// The first line the child says, once it is ready.
  func hello() throws -> String { try readLine() }

  /// Makes a row ready in every mode.
  func prepare(_ row: String) throws -> Modes {
    let answer = try ask("row \(row)")
    do { return try JSONDecoder().decode(Modes.self, from: Data(answer.utf8)) } catch {
      throw Failure(description: "the peer answered \(answer) for \(row)")
    }
  }

  /// The median of the runs of the row at hand in about `seconds`.
  func time(_ mode: PeerMode, seconds: Double) throws -> Double {
    let answer = try ask("time \(mode.rawValue) \(seconds)")
    guard let time = Double(answer) else {
      throw Failure(description: "the peer answered \(answer) for the mode \(mode.rawValue)")
    }
    return time
  }

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
