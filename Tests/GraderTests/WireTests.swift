// The messages of submissions, which may be anything.

import CourseKit
import Foundation
import Grading
import Solutions
import TensorCore
import Testing

/// Answers in this process, and damages what it says.
private final class Damaging: AnsweringProcess {
  private let answering = Answering(functions(of: reference))
  private let damage: (Wire) -> Wire
  private let isDamaging: Bool

  init(_ damage: ((Wire) -> Wire)? = nil) {
    isDamaging = damage != nil
    self.damage = damage ?? { $0 }
  }

  func reply(to request: Wire) throws -> Wire {
    var sent = try Wire(bytes: request.bytes)
    if isDamaging, case .list(var parts) = sent, case .list(var arguments) = parts.last,
      parts[1] == .text("attentionStep")
    {
      // A damaged cache comes back, and would stop the reference, which is not under test here.
      arguments.replaceSubrange(3..<5, with: [.none, .none])
      parts[2] = .list(arguments)
      sent = .list(parts)
    }
    guard case .list(let parts) = try Wire(bytes: answering.answer(to: sent).bytes) else {
      throw CheckError("no answer")
    }
    return .list([parts[0], damage(parts[1])])
  }
}

@Suite struct WireTests {
  @Test func `through messages the reference earns what it earns here`() throws {
    let remote = Remote(Damaging())
    let key = try storedKey.get()
    for exercise in Catalogue.exercises {
      let verdict = remote.serve { exercise.grade(Remote.implementation, key) }
      #expect(verdict.isPassed, "\(verdict.report)")
    }
  }

  @Test func `values come back as they were`() throws {
    let values: [Wire] = [
      .none, .integer(.min), .number(-.infinity), .number(-0.0), .text("é\u{1F431}\n"),
      .tensor([2, 0], [], requiresGradient: true),
      .tensor([3], [.infinity, -0.0, .leastNonzeroMagnitude], requiresGradient: false),
      .indices([2], [.min, .max]), .mask([2, 2], [1, 0, 0, 255]), .list([.list([]), .none]),
    ]
    for value in values { #expect(try Wire(bytes: value.bytes) == value) }
    #expect(try Wire(bytes: Wire.list(values).bytes) == .list(values))
  }

  @Test func `damaged messages are refused, and ask for no memory`() throws {
    var random = Random(seed: 5)
    let message = Wire.list([
      .text("value"), .tensor([2, 3], [1, 2, 3, 4, 5, 6], requiresGradient: true), .list([.none]),
      .indices([4], [1, 2, 3, 4]), .integer(7),
    ]).bytes
    let rounds = ProcessInfo.processInfo.environment["FUZZ"].flatMap(Int.init) ?? 5000
    for _ in 0..<rounds {
      var bytes = message
      for _ in 0...random.integer(below: 4) {
        let place = random.integer(below: bytes.count)
        bytes[place] = UInt8(truncatingIfNeeded: random.next32())
      }
      if random.integer(below: 3) == 0 { bytes = bytes.prefix(random.integer(below: bytes.count)) }
      _ = try? Wire(bytes: bytes)
    }
    let huge = Wire.tensor([0, 1 << 40, 1 << 40], [], requiresGradient: false)
    #expect(throws: WireError.self) { try Wire(bytes: huge.bytes) }
    #expect(throws: WireError.self) { try Wire(bytes: Data(repeating: 8, count: 4000)) }
    let many = Wire.list([Wire](repeating: .none, count: 1 << 19)).bytes
    #expect(throws: WireError.self) { try Wire(bytes: many) }
  }

  @Test(arguments: 0..<8) func `no answer stops the grader`(seed: Int) throws {
    var random = Random(seed: UInt64(seed))
    let remote = Remote(Damaging { Self.damaged($0, &random) })
    let key = try storedKey.get()
    for exercise in Catalogue.exercises {
      let verdict = remote.serve { exercise.grade(Remote.implementation, key) }
      #expect(!verdict.report.isEmpty)
    }
  }

  /// Another value: other sizes, other numbers, or another type.
  private static func damaged(_ wire: Wire, _ random: inout Random) -> Wire {
    func sizes(_ random: inout Random) -> [Int] {
      (0..<random.integer(below: 5)).map { _ in random.integer(below: 4) }
    }
    let strange: [Double] = [.nan, .infinity, -.infinity, 1e300, -1, 0]
    switch (random.integer(below: 12), wire) {
    case (0, _): return .none
    case (1, _): return .integer([Int.min, -1, 0, .max][random.integer(below: 4)])
    case (2, _): return .list([wire, wire, wire])
    case (3..<8, .tensor(_, _, let requiresGradient)):
      let shape = sizes(&random)
      let values = (0..<shape.reduce(1, *)).map { _ in
        Float(strange[random.integer(below: strange.count)])
      }
      return .tensor(shape, values, requiresGradient: requiresGradient)
    case (3..<8, .indices):
      let shape = sizes(&random)
      return .indices(shape, [Int32](repeating: .min, count: shape.reduce(1, *)))
    case (3..<8, .mask):
      let shape = sizes(&random)
      return .mask(shape, [UInt8](repeating: 255, count: shape.reduce(1, *)))
    case (3..<8, .number): return .number(strange[random.integer(below: strange.count)])
    case (3..<8, .integer): return .integer(random.integer(below: 2) == 0 ? .max : .min)
    case (3..<8, .list(let values)):
      var changed = values.map { damaged($0, &random) }
      if random.integer(below: 2) == 0, !changed.isEmpty { changed.removeLast() }
      return .list(changed)
    case (3..<8, .text(let text)): return .text(text + "\u{1B}[2J")
    default: return wire
    }
  }
}
