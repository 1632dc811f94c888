// A word from the backward pass when a block is done: its gradients can then travel to other processes
// while those of the blocks before it are still being computed.

import TensorCore

/// Called with each block whose parameters have received their gradients.
public final class GradientHook: @unchecked Sendable {
  private let body: (any Module) -> Void

  /// A hook that calls `body` on the thread of the backward pass.
  public init(_ body: @escaping (any Module) -> Void) { self.body = body }

  fileprivate func call(_ block: any Module) { body(block) }

  @TaskLocal fileprivate static var current: GradientHook?
}

/// Runs `body`. In the backward pass of what it computes, `hook` is called with the residual blocks of
/// models, the last block first. A block whose input depends on no parameter is left out.
///
/// Throws what `body` throws.
public func withGradientHook<Result>(
  _ hook: GradientHook, _ body: () throws -> Result
) rethrows -> Result {
  try GradientHook.$current.withValue(hook, operation: body)
}

extension Module {
  /// What `body` computes as this block of a larger model: it announces its gradients, and is
  /// checkpointed where `withCheckpointedBlocks` asks for it. Any shape.
  public func asBlock(_ input: Tensor, _ body: @escaping (Tensor) -> Tensor) -> Tensor {
    let input = announcingGradients(at: input)
    return checkpointedIfAsked { body(input) }
  }

  /// The input of this block, which must read nothing else that it has a gradient for. Any shape.
  private func announcingGradients(at input: Tensor) -> Tensor {
    guard let hook = GradientHook.current else { return input }
    return input.onGradient { hook.call(self) }
  }
}
