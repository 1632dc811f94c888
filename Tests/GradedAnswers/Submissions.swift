import CourseKit
import Foundation
import Solutions
import TensorCore

/// Submissions by name. All but the reference misbehave in exercises 1.1 and 1.2, and are right
/// elsewhere.
let submissions: [String: Implementation] = [
  "reference": reference,
  "misbehaving": with(Misbehaving.self),
  "forger": with(Forger.self),
  "vandal": with(Vandal.self),
  "leaver": with(Leaver.self),
  "glutton": with(Glutton.self),
  "chatterer": with(Chatterer.self),
  "impostor": with(Impostor.self),
  "stranger": with(Stranger.self),
  "haunter": with(Haunter.self),
  "killer": with(Killer.self),
  "changeling": with(Changeling.self),
  "counterfeiter": with(Counterfeiter.self),
  "spy": with(Spy.self),
  "hoarder": with(Hoarder.self),
]

private func with(_ chapter1: any Chapter1Exercises.Type) -> Implementation {
  var answers = reference
  answers.chapter1 = chapter1
  return answers
}

/// The reference, but for `patchify` and `unpatchify`.
protocol Submission: Chapter1Exercises {}

extension Submission {
  static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor {
    try Reference1.embed(images, weight: weight, bias: bias)
  }
  static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    try Reference1.attention(query, key, value)
  }
  static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    try Reference1.interpolate(positions, from: from, to: to)
  }
  static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    try Reference1.normalize(x, gain: gain, bias: bias)
  }
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    try Reference1.block(x, weights, heads: heads)
  }
  static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    try Reference1.rollout(probabilities)
  }
  static func corruption(patches: Int, using random: inout Random) throws -> [Int?] {
    try Reference1.corruption(patches: patches, using: &random)
  }
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    try Reference1.maskedLoss(logits, colours: colours, sources: sources)
  }
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    try Reference1.patchify(images, patch: patch)
  }
  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    try Reference1.unpatchify(patches, patch: patch, rows: rows, columns: columns)
  }
}

/// 1.1 traps; 1.2 never ends.
private enum Misbehaving: Submission {
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    let sizes = images.shape
    return images.reshaped([sizes[sizes.count], patch])
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    var random = Random(seed: 1)
    while random.uniform() < 1 {}
    return patches
  }
}

let verdict =
  #"{"exercise":"1.1","title":"t","reading":"r","points":1000,"maximum":4,"checks":[]}"#

/// 1.1 prints a verdict and a report, and ends; 1.2 does so from a program that it leaves running.
private enum Forger: Submission {
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    print(verdict)
    for name in ["grade.json", "results.json", "build/grade.json", "../grade.json"] {
      try? Data(verdict.utf8).write(to: URL(filePath: name))
    }
    exit(0)
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", "trap '' TERM HUP; sleep 61; echo forged"]
    try? shell.run()
    print(verdict)
    return patches
  }
}

/// Right, but writes to all descriptors, closes them, and ends every process that it can.
private enum Vandal: Submission {
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    let noise = [UInt8](repeating: 255, count: 4096)
    for descriptor in Int32(1)..<256 {
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      _ = write(descriptor, noise, noise.count)
      close(descriptor)
    }
    return try Reference1.patchify(images, patch: patch)
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    signal(SIGTERM, SIG_IGN)
    kill(0, SIGTERM)
    return try Reference1.unpatchify(patches, patch: patch, rows: rows, columns: columns)
  }
}

/// 1.1 ends with status 7 after two right answers; 1.2 stops itself.
private enum Leaver: Submission {
  nonisolated(unsafe) private static var calls = 0

  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    calls += 1
    if calls > 2 { exit(7) }
    return try Reference1.patchify(images, patch: patch)
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    kill(getpid(), SIGSTOP)
    return patches
  }
}

/// 1.1 asks for memory without end; 1.2 is right and prints without end beside it.
private enum Glutton: Submission {
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    var blocks: [UnsafeMutableRawPointer] = []
    while blocks.count < 1 << 20 {
      guard let block = malloc(64 << 20) else { fatalError("no memory is left") }
      memset(block, 1, 4096)
      blocks.append(block)
    }
    return images
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    let line = String(repeating: "x", count: 1000)
    Thread.detachNewThread { while true { print(line) } }
    Thread.sleep(forTimeInterval: 0.1)
    return try Reference1.unpatchify(patches, patch: patch, rows: rows, columns: columns)
  }
}

/// Right, and prints: without a line feed, and what looks like a verdict.
private enum Chatterer: Submission {
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    print(images.shape, terminator: " ")
    return try Reference1.patchify(images, patch: patch)
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    print(verdict.replacing("1000", with: "0"))
    return try Reference1.unpatchify(patches, patch: patch, rows: rows, columns: columns)
  }
}

/// 1.1 sends messages of its own to the grader: that it has passed, and rubbish. 1.2 answers with
/// sizes that no tensor can have.
private enum Impostor: Submission {
  private static func send(_ message: Wire) {
    guard let connection = Connection(to: CommandLine.arguments[2]) else { return }
    _ = connection.send(message.bytes)
    connection.close()
  }

  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    send(.list([.text("passed"), .integer(1000)]))
    send(.text(verdict))
    exit(0)
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    send(.list([.text("value"), .tensor([0, 1 << 62, 1 << 62], [], requiresGradient: true)]))
    exit(0)
  }
}

/// Throws what looks like the grader's own errors.
private enum Stranger: Submission {
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    throw CheckError("✓ passed 4/4\u{1B}[2J")
  }

  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    throw NotAttempted("3.3\nforged")
  }
}
