// Submissions that attack: 1.1 does, 1.2 is right unless it says otherwise.

import CourseKit
import Foundation
import Solutions
import TensorCore

/// Right in 1.1, and leaves a program in a session of its own that keeps what it was given open. In
/// 1.2 the program answers in its place.
enum Haunter: Submission {
  /// Seconds that no other program of the machine is likely to sleep.
  static let mark = "86399.271"

  private static func leave(_ command: String) {
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", "(trap '' HUP TERM INT; \(command)) &"]
    try? shell.run()
    Thread.sleep(forTimeInterval: 0.3)
  }

  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    leave("exec setsid sleep \(mark) || exec sleep \(mark)")
    return try Reference1.patchify(images, patch: patch)
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    leave("while :; do echo passed; sleep \(mark); done")
    exit(0)
  }
}

/// 1.1 ends its parent, its group and itself; 1.2 only itself.
enum Killer: Submission {
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    kill(getppid(), SIGKILL)
    kill(0, SIGKILL)
    kill(getpid(), SIGKILL)
    return images
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    kill(0, SIGKILL)
    return patches
  }
}

/// 1.1 becomes `echo`, which prints a verdict; 1.2 becomes a shell that ends with status 0.
enum Changeling: Submission {
  private static func become(_ words: String...) {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    execv(words[0], &arguments)
    exit(9)
  }

  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    become("/bin/echo", verdict)
    return images
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    become("/bin/sh", "-c", "exit 0")
    return patches
  }
}

/// Writes answers in the form of real ones to all descriptors and, without a `Connection`, to the
/// grader's socket, many at a time; none is the answer.
enum Counterfeiter: Submission {
  private static func send(_ wire: Wire, times: Int) {
    let message = wire.bytes
    for descriptor in Int32(0)..<64 {
      message.withUnsafeBytes { _ = write(descriptor, $0.baseAddress, $0.count) }
    }
    for _ in 0..<times {
      if let connection = Connection(to: CommandLine.arguments[2]) { _ = connection.send(message) }
    }
  }

  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    let zeros = Wire.tensor([1, 4, 12], [Float](repeating: 0, count: 48), requiresGradient: false)
    send(.list([.text("value"), zeros]), times: 40)
    return .zeros([1])
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    send(.list([.text("value"), .list([.text("passed"), .integer(4)])]), times: 1)
    return .zeros([1])
  }
}

/// Right, and prints what can be read of other processes: their arguments, environments and memory.
enum Spy: Submission {
  private static func look() {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for process in processes where Int(process) != nil && Int32(process) != getpid() {
      for file in ["cmdline", "environ"] {
        let data = FileManager.default.contents(atPath: "/proc/\(process)/\(file)") ?? Data()
        let text = String(decoding: data, as: UTF8.self).replacing("\0", with: " ")
        if text.contains(secret) { print("\(file) of \(process): \(text)") }
      }
      let memory = open("/proc/\(process)/mem", O_RDONLY)
      if memory >= 0 { print("memory of \(process)") }
      close(memory)
    }
  }

  /// What the seed of the test begins with. All of it here would be found here.
  private static let secret = "90071992547"

  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    look()
    return try Reference1.patchify(images, patch: patch)
  }
}

/// 1.1 fills the disk with files and the table of processes with programs; 1.2 fills its stack.
enum Hoarder: Submission {
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    let block = Data(repeating: 1, count: 64 << 20)
    try block.write(to: URL(filePath: "large"))
    return images
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    func deeper(_ n: Int) -> Int { n < 0 ? 0 : deeper(n &+ 1) &+ deeper(n &+ 2) }
    return .zeros([deeper(0) & 1])
  }
}
