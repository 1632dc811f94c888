// A word when a block of a model begins and ends, and when the backward pass is done with it: its
// weights can come from other processes, and its gradients travel to them.

import TensorCore

/// What is called with each block that computes, and when its parameters have their gradients.
public final class GradientHook: @unchecked Sendable {
  /// Called with a block.
  public typealias Body = (any Module) -> Void
  fileprivate let began, ended, received: Body

  /// A hook that calls `began` before a block computes, again if it is checkpointed, `ended` after the
  /// first time, and `received` on the thread of the backward pass.
  public init(
    began: @escaping Body = { _ in }, ended: @escaping Body = { _ in }, _ received: @escaping Body
  ) {
    (self.began, self.ended, self.received) = (began, ended, received)
  }

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
  /// What `body` computes as this block of a larger model: it is announced to hooks, and is checkpointed
  /// where `withCheckpointedBlocks` asks for it. `body` must read nothing else that it has a gradient
  /// for. Any shape.
  public func asBlock(_ input: Tensor, _ body: @escaping (Tensor) -> Tensor) -> Tensor {
    guard let hook = GradientHook.current else { return checkpointedIfAsked { body(input) } }
    let input = input.onGradient { hook.received(self) }
    defer { hook.ended(self) }
    return checkpointedIfAsked {
      hook.began(self)
      return body(input)
    }
  }
}
