// The grader's side: an implementation whose functions run in another process. The checks call it
// like any other, so that inputs, key and verdicts stay with the grader.

import Files
import TensorCore

/// A process that answers calls.
public protocol AnsweringProcess: AnyObject {
  /// Sends a request and waits for the reply. Throws a `CheckError` if none comes.
  func reply(to request: Wire) throws -> Wire
}

/// Functions that run in another process.
public final class Remote {
  /// The process in which the functions of `implementation` run.
  @TaskLocal static var current: Remote?

  private let process: any AnsweringProcess
  /// The tensors of the last call whose gradients are wanted, and whether one flows from its result.
  private var last: (wanted: [Tensor], flows: Bool) = ([], false)

  /// Functions that run in this process.
  public init(_ process: any AnsweringProcess) { self.process = process }

  /// Runs `body`, for which the functions of `Remote.implementation` run in this process.
  ///
  /// Throws what `body` throws.
  public func serve<Result>(_ body: () throws -> Result) rethrows -> Result {
    // A task-local needs a sendable value; nothing here leaves the thread.
    try Self.$current.withValue(self, operation: body)
  }

  /// Calls a function of the submission.
  static func call<Result: Transferable>(
    _ function: String, _ arguments: any Transferable...
  ) throws -> Result {
    guard let current else { throw CheckError("no process is there to answer") }
    current.last = (arguments.compactMap { $0 as? Tensor }.filter(\.requiresGradient), false)
    let result = try current.value(
      .list([.text("call"), .text(function), .list(arguments.map(\.wire))]))
    if case .tensor(_, _, let flows) = result { current.last.flows = flows }
    do {
      // The result itself has no history here: that stays in the other process.
      return try withoutHistory(Result(wire: result))
    } catch {
      throw CheckError("your process sent no answer of the right type")
    }
  }

  private static func withoutHistory<Result>(_ result: Result) -> Result {
    ((result as? Tensor)?.detached as? Result) ?? result
  }

  private func value(_ request: Wire) throws -> Wire {
    guard case .list(let parts) = try process.reply(to: request), parts.count == 2,
      case .text(let kind) = parts[0]
    else { throw CheckError("your process sent something that is no answer") }
    switch (kind, parts[1]) {
    case ("value", let value): return value
    case ("open", .text(let exercise)):
      throw NotAttempted(String(exercise.filter { $0.isNumber || $0 == "." }.prefix(8)))
    case ("error", .text(let words)):
      throw CheckError("your code threw an error: \(printable(words, limit: 400))")
    default: throw CheckError("your process sent something that is no answer")
    }
  }

  fileprivate var flows: Bool { last.flows }

  /// Brings the gradient of Σ result · upstream to the tensors of the last call.
  fileprivate func backward(_ upstream: Tensor) throws {
    let gradients: [Tensor]
    do {
      gradients = try [Tensor](wire: value(.list([.text("backward"), upstream.detached.wire])))
    } catch is WireError {
      throw CheckError("your process sent something that is no gradient")
    }
    let wanted = last.wanted
    guard gradients.map(\.shape) == wanted.map(\.shape) else {
      throw CheckError("the gradients of your result have shapes \(gradients.map(\.shape))")
    }
    // The derivative of Σ x · g is g: so g reaches whatever x was made from.
    for (x, gradient) in zip(wanted, gradients) { (x * gradient.detached).sum().backward() }
  }
}

/// Whether gradients flow from a result of an implementation, wherever that runs.
public func hasGradient(_ result: Tensor) -> Bool {
  Remote.current?.flows ?? result.requiresGradient
}

/// Runs back through a result of an implementation, wherever that runs: the gradient of
/// Σ result · upstream reaches the arguments of its last call.
///
/// Throws a `CheckError` if the process that made the result does not answer.
public func backward(from result: Tensor, upstream: Tensor) throws {
  if let remote = Remote.current {
    try remote.backward(upstream)
  } else {
    result.backward(upstream: upstream)
  }
}

extension Remote: @unchecked Sendable {}
