// A page does not train: blocks have no hooks and no checkpointed activations.

import TensorCore

extension Module {
  /// What `body` computes of `input`. Any shape.
  public func asBlock(_ input: Tensor, _ body: (Tensor) -> Tensor) -> Tensor { body(input) }
}
