// Reverse-mode differentiation.
//
// Every result remembers the tensors it was made from and a closure that turns its gradient
// into theirs. `backward()` walks from the loss towards the parameters, latest result first,
// so that a result has received its whole gradient before it passes it on.

import CSupport
import Kernels
import Synchronization

/// A place in the history: one per result, and one per tensor whose gradient is wanted.
final class Node {
  /// Results are numbered as they are made: a result's number is above those it came from.
  let order: Int
  private(set) var parents: [Node]
  /// Takes the gradient of this result and adds to those of its parents. The gradient is
  /// handed over: unless another tensor shares its memory, that may be used again.
  private var passOn: ((inout Tensor) -> Void)?
  let isLeaf: Bool
  var gradient: Tensor?
  private var visit = 0

  private static let counter = Atomic<Int>(0)
  private static let visits = Atomic<Int>(0)

  /// The number of the newest result of all threads.
  static var newest: Int { counter.load(ordering: .relaxed) }

  init(parents: [Node], propagate: ((inout Tensor) -> Void)?) {
    order = Node.counter.add(1, ordering: .relaxed).newValue
    self.parents = parents
    passOn = propagate
    isLeaf = propagate == nil
  }

  /// Adds to the gradient of this place.
  func accumulate(_ new: Tensor) {
    guard gradient != nil else {
      gradient = new
      return
    }
    // Add in place unless another tensor shares the memory.
    if isKnownUniquelyReferenced(&gradient!.storage) {
      Kernels.accumulate(new.count, new.pointer, into: gradient!.pointer)
    } else {
      let sum = Tensor(uninitialized: new.shape)
      combine(.add, new.count, gradient!.pointer, 1, new.pointer, 1, sum.pointer)
      gradient = sum
    }
  }

  /// Passes the gradient on, then forgets how this result was made.
  private func run() {
    guard !isLeaf, var mine = gradient else { return }
    gradient = nil
    guard let passOn else {
      preconditionFailure(
        "backward() has already run through this value and freed its history: compute the loss "
          + "again")
    }
    self.passOn = nil
    parents = []
    passOn(&mine)
  }

  /// Takes this result's gradient to the tensors that it was made from, and on to theirs, through
  /// all results with numbers above `oldest`. Older ones only receive.
  func propagate(newerThan oldest: Int = 0) {
    visit = Node.visits.add(1, ordering: .relaxed).newValue
    var nodes = [self]
    var next = 0
    while next < nodes.count {
      for parent in nodes[next].parents
      where parent.order > oldest && !parent.isLeaf && parent.visit != visit {
        parent.visit = visit
        nodes.append(parent)
      }
      next += 1
    }
    if nodes.count > 1 { nodes.sort { $0.order < $1.order } }
    // Nodes are released as they are done, so their saved tensors can be reused.
    while let node = nodes.popLast() { node.run() }
  }

  /// A long history is taken apart in a loop, not by nested releases that would overflow
  /// the stack.
  deinit {
    if parents.isEmpty { return }
    var waiting = parents
    parents = []
    passOn = nil
    while var node = waiting.popLast() {
      if isKnownUniquelyReferenced(&node) {
        waiting += node.parents
        node.parents = []
        node.passOn = nil
      }
    }
  }
}

extension Tensor {
  /// The same numbers and shape as the start of a history: `gradient` will hold the derivatives of the
  /// results that `backward()` is called on.
  public func requiringGradient() -> Tensor {
    var leaf = Tensor(storage: storage, shape: shape)
    leaf.node = Node(parents: [], propagate: nil)
    return leaf
  }

  /// The same numbers and shape as a constant, without history.
  public var detached: Tensor { Tensor(storage: storage, shape: shape) }

  /// True for parameters and for results that depend on one.
  public var requiresGradient: Bool { node != nil }

  /// True for constants and parameters, false for results with a history.
  public var isLeaf: Bool { node?.isLeaf ?? true }

  /// The sum of all gradients, each of this tensor's shape, that `backward()` brought to this
  /// parameter since the last `clearGradient()`; nil if there was none.
  public var gradient: Tensor? {
    get { node?.gradient }
    nonmutating set { node?.gradient = newValue }
  }

  /// Sets the gradient to nil, so that the next `backward()` starts from zero.
  public func clearGradient() { node?.gradient = nil }

  /// Computes the derivatives of this tensor, or of Σ self · upstream, with respect to every
  /// parameter it was made from, and frees the history.
  ///
  /// `upstream` has the shape of this tensor; without it the tensor must hold a single value.
  public func backward(upstream: Tensor? = nil) {
    guard let node else {
      preconditionFailure("backward() needs a result that depends on a parameter")
    }
    precondition(
      upstream != nil || count == 1,
      "backward() starts from a single number; this tensor has shape \(shape): pass `upstream`")
    precondition(
      upstream.map { $0.shape == shape } ?? true,
      "upstream has shape \(upstream?.shape ?? []), the result \(shape)")
    node.accumulate(upstream?.detached ?? Tensor(repeating: 1, shape: shape))
    node.propagate()
  }

  /// The same numbers and shape. When `backward()` has brought their gradient here, and with it the
  /// gradients of all that was computed from them, it calls `body`.
  public func onGradient(_ body: @escaping () -> Void) -> Tensor {
    Tensor(storage: storage, shape: shape).recorded(from: self) { gradient in
      receive(gradient)
      body()
    }
  }

  // MARK: For operations

  /// This result with its history: made from `inputs`, with a closure that takes the
  /// result's gradient to theirs. Without a parameter among them it stays a constant.
  package func recorded(
    from inputs: Tensor..., propagate: @escaping (inout Tensor) -> Void
  ) -> Tensor {
    recorded(from: inputs, propagate: propagate)
  }

  func recorded(
    from inputs: [Tensor], propagate: @escaping (inout Tensor) -> Void
  ) -> Tensor {
    if support_gradient_pause_depth().pointee > 0 { return self }
    let parents = inputs.compactMap { $0.node }
    if parents.isEmpty { return self }
    var result = self
    result.node = Outline.current?.mark(parents) ?? Node(parents: parents, propagate: propagate)
    return result
  }

  /// Adds to this input's gradient, if it has one.
  package func receive(_ gradient: @autoclosure () -> Tensor) {
    if let node { node.accumulate(gradient()) }
  }

  /// The gradient this input has so far, when an operation may add to it in place; then
  /// nothing needs to be received.
  var gradientToAddTo: Tensor? {
    guard let node, node.gradient != nil, isKnownUniquelyReferenced(&node.gradient!.storage)
    else { return nil }
    return node.gradient
  }

  /// The gradient's own memory unless another tensor shares it, else new memory of its shape.
  /// For operations that write place i of the result after reading only place i.
  static func reusing(_ gradient: inout Tensor) -> Tensor {
    isKnownUniquelyReferenced(&gradient.storage)
      ? gradient.detached : Tensor(uninitialized: gradient.shape)
  }
}

/// Runs `body` without recording a history, for evaluation and sampling: what it computes is
/// constant.
///
/// Throws what `body` throws.
public func withoutGradient<Result>(_ body: () throws -> Result) rethrows -> Result {
  let depth = support_gradient_pause_depth()!
  depth.pointee += 1
  defer { depth.pointee -= 1 }
  return try body()
}
