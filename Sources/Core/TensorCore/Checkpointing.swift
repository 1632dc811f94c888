// Activation checkpointing (Chen et al., 2016, *Training Deep Nets with Sublinear Memory Cost*; the
// DALL·E paper recomputes its activations so, §2.4): a block is computed again in the backward pass
// instead of being remembered.

import CSupport

/// The result of `body`, whose intermediate results are forgotten at once: the backward pass runs
/// `body` again, in the same precision, and goes back through this second run. So memory holds them
/// for one block at a time, at the cost of a second forward pass. Gradients are the same bits as
/// without it.
///
///     let y = checkpointed { block(x) }  // [B, T, D]
///
/// The second run must compute the same: `body` may read constants, parameters and results that
/// exist already, and draw only from a `Random` of its own. Of what it computes, only its result may be
/// used outside. It may hold other checkpointed results, but cannot call `backward()`.
public func checkpointed(_ body: @escaping () -> Tensor) -> Tensor {
  // There is no history to save on where gradients are paused, or where an outer body will run again.
  if support_gradient_pause_depth().pointee > 0 || Outline.current != nil { return body() }
  let precision = Precision.current
  let outline = Outline()
  var result = Outline.with(outline, body)
  // A constant, or a tensor that was there before, has all the history that it needs.
  guard result.node === outline.mark else { return result }
  result.node = Node(parents: outline.sources) { dy in
    let oldest = Node.newest
    let again = recording { withPrecision(precision, body).node }
    guard let again, again.order > oldest else {
      preconditionFailure("a checkpointed body depended on a parameter, and now it does not")
    }
    // Handed over, as from one operation to another: what only one holds is added to in place.
    again.gradient = dy.detached
    dy = Tensor(uninitialized: [0])
    again.propagate(newerThan: oldest)
  }
  return result
}

/// Runs `body`, in which the blocks of models are checkpointed if `isOn`: the residual blocks of
/// transformers and of the dVAE, and what they compute over a whole vocabulary or codebook. No result
/// changes, only memory and time.
///
/// Throws what `body` throws.
public func withCheckpointedBlocks<Result>(
  _ isOn: Bool, _ body: () throws -> Result
) rethrows -> Result {
  let before = support_checkpoints_blocks().pointee
  support_checkpoints_blocks().pointee = isOn ? 1 : 0
  defer { support_checkpoints_blocks().pointee = before }
  return try body()
}

/// What a block of a model computes: `checkpointed` where `withCheckpointedBlocks` asks for it, else
/// recorded as usual.
public func checkpointedIfAsked(_ body: @escaping () -> Tensor) -> Tensor {
  areBlocksCheckpointed ? checkpointed(body) : body()
}

/// Whether this thread checkpoints the blocks of models; false unless `withCheckpointedBlocks` says
/// otherwise.
public var areBlocksCheckpointed: Bool { support_checkpoints_blocks().pointee != 0 }

/// Records a history whatever the thread does otherwise.
private func recording<Result>(_ body: () -> Result) -> Result {
  let depth = support_gradient_pause_depth()!
  let before = depth.pointee
  depth.pointee = 0
  defer { depth.pointee = before }
  return Outline.with(nil, body)
}

/// What a computation depends on, noted while it runs without a history: its results have one common
/// mark instead of places of their own.
final class Outline {
  /// The mark of all results that depend on a source. Nothing can go back through it.
  let mark = Node(parents: []) { _ in
    preconditionFailure(
      "backward() came to an intermediate result of a checkpointed body: only the result of the body "
        + "may be used outside of it")
  }
  /// Parameters, and results that were there before, in the order of their first use.
  private(set) var sources: [Node] = []
  private var known: Set<ObjectIdentifier> = []

  /// Notes what a result was made from, and returns its mark.
  func mark(_ parents: [Node]) -> Node {
    for parent in parents
    where parent !== mark && known.insert(ObjectIdentifier(parent)).inserted {
      sources.append(parent)
    }
    return mark
  }

  /// That of the moment, in this thread.
  static var current: Outline? {
    support_outline().pointee.map { Unmanaged<Outline>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Runs `body` in the outline `outline`, or in none.
  static func with<Result>(_ outline: Outline?, _ body: () -> Result) -> Result {
    let before = support_outline().pointee
    support_outline().pointee = outline.map { Unmanaged.passUnretained($0).toOpaque() }
    defer { support_outline().pointee = before }
    return withExtendedLifetime(outline, body)
  }
}
