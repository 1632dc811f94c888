// The submission's side: a process that runs the functions it is asked for. It knows no seed, no key
// and no check, only the inputs of each call.

@preconcurrency import Foundation
import TensorCore

/// Answers the grader's requests with a learner's functions.
public final class Answering {
  /// A function by its arguments and its result.
  public struct Function: @unchecked Sendable {
    fileprivate let run: (_ arguments: inout Arguments) throws -> any Transferable

    /// A function of a learner.
    public init<each Argument: Transferable, Result: Transferable>(
      _ function: @escaping (repeat each Argument) throws -> Result
    ) {
      run = { arguments in
        try function(repeat try arguments.next((each Argument).self))
      }
    }
  }

  private let functions: [String: Function]
  /// The last result, and the arguments whose gradients are wanted.
  private var last: (result: Tensor?, wanted: [Tensor]) = (nil, [])

  /// Answers with these functions.
  public init(_ functions: [String: Function]) { self.functions = functions }

  /// Answers until the grader, which listens at the address in the last argument, has no more
  /// questions, and ends the process.
  ///
  /// While a learner's function runs there is no connection to the grader: every answer opens its
  /// own. So nothing that code prints, closes or writes to all descriptors can reach the grader.
  public func answer() -> Never {
    guard CommandLine.arguments.count > 1, let address = CommandLine.arguments.last else {
      print("`course grade` runs this program: make grade EX=1.1")
      exit(64)
    }
    setvbuf(stdout, nil, _IOLBF, 0)  // so that output before a trap is not lost
    var answer = Wire.list([.text("value"), .none])
    while true {
      guard let connection = Connection(to: address), connection.send(answer.bytes),
        let bytes = connection.receive(until: .now + .seconds(60)), !bytes.isEmpty,
        let request = try? Wire(bytes: bytes)
      else { exit(0) }
      connection.close()
      answer = self.answer(to: request)
      fflush(nil)  // also what ends without a line feed
    }
  }

  /// The reply to a request.
  public func answer(to request: Wire) -> Wire {
    do {
      return .list([.text("value"), try value(of: request)])
    } catch let error as NotAttempted {
      return .list([.text("open"), .text(error.exercise)])
    } catch {
      return .list([.text("error"), .text("\(error)")])
    }
  }

  private func value(of request: Wire) throws -> Wire {
    guard case .list(let parts) = request, case .text(let kind)? = parts.first else {
      throw WireError(description: "this is no request")
    }
    if kind == "backward" {
      let upstream = try Tensor(wire: parts[1])
      guard let result = last.result, result.requiresGradient, result.shape == upstream.shape
      else { throw WireError(description: "there is no result of shape \(upstream.shape)") }
      result.backward(upstream: upstream)
      return last.wanted.map { ($0.gradient ?? .zeros($0.shape)).detached }.wire
    }
    guard case .text(let name) = parts[1], case .list(let values) = parts[2],
      let function = functions[name]
    else { throw WireError(description: "this program does not answer for that chapter") }
    var arguments = Arguments(values: values)
    let result = try function.run(&arguments)
    last = (result as? Tensor, arguments.wanted)
    return result.wire
  }
}

/// The arguments of a call, read one after the other.
private struct Arguments {
  var values: [Wire]
  /// Those whose gradients are wanted.
  var wanted: [Tensor] = []

  init(values: [Wire]) { self.values = values.reversed() }

  mutating func next<Value: Transferable>(_ type: Value.Type) throws -> Value {
    let value = try Value(wire: values.popLast() ?? .none)
    if let tensor = value as? Tensor, tensor.requiresGradient { wanted.append(tensor) }
    return value
  }
}
